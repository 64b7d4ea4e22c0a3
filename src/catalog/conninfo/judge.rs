//! One keyword and its value.

use super::refusal::{Reason, Refusal, When};
use super::{Keyword, Kind, effective};
use crate::catalog::{Majors, nearest};
use crate::source::Span;
use crate::syntax::conninfo::{Param, Value};

/// What the libpq of some of `majors` refuses in one setting. A value that is not known is not judged, nor is one
/// that a later setting of the same keyword takes the place of; their keywords are.
#[must_use]
pub fn judge(param: &Param, majors: Majors) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    let known = keyword(param, majors, &mut refusals);
    let Some(found) = Keyword::find(&param.keyword.name) else { return refusals };
    if param.value.dynamic || !param.winner {
        return refusals;
    }
    if param.value.differs_by_major() {
        value(found, &param.value, known & Majors::until(17), &mut refusals);
        value(found, &param.value, known & Majors::since(18), &mut refusals);
    } else {
        value(found, &param.value, known, &mut refusals);
    }
    refusals
}

/// Judges the keyword and gives the majors that know it.
fn keyword(param: &Param, majors: Majors, refusals: &mut Vec<Refusal>) -> Majors {
    let span = param.keyword.span;
    let keyword = &param.keyword;
    let blanks = majors & keyword.blanks;
    let known = match Keyword::find(&keyword.name) {
        Some(found) => {
            let other = majors - found.majors - blanks;
            if !other.is_empty() {
                let reason = Reason::OtherMajors { keyword: found.name, known: found.majors };
                refusals.push(Refusal { majors: other, span, when: When::Start, reason });
            }
            found.majors
        }
        None => Majors::NONE,
    };
    let unknown = if known.is_empty() { majors } else { blanks };
    if !unknown.is_empty() {
        let nearest = nearest(&keyword.text.to_ascii_lowercase(), Keyword::all().iter().map(|keyword| keyword.name));
        let reason = Reason::UnknownKeyword { keyword: keyword.text.clone(), nearest };
        refusals.push(Refusal { majors: unknown, span, when: When::Start, reason });
    }
    majors & (known - blanks)
}

fn value(keyword: &'static Keyword, value: &Value, majors: Majors, refusals: &mut Vec<Refusal>) {
    let Some(major) = majors.last() else { return };
    let bytes = value.bytes_for(major);
    let name = keyword.name;
    let shown = |bytes: &[u8]| show(value, bytes);
    let mut refuse = |majors: Majors, span: Span, when: When, reason: Reason| {
        if !majors.is_empty() {
            refusals.push(Refusal { majors, span, when, reason });
        }
    };
    match keyword.kind() {
        Kind::Words(words) => {
            let taken = words.iter().filter(|(word, _)| word.as_bytes() == bytes);
            let refusing = taken.fold(majors, |rest, &(_, word)| rest - word);
            let allowed = words.iter().filter(|(_, word)| word.covers(refusing)).map(|&(word, _)| word).collect();
            let reason = Reason::Value { keyword: name, value: shown(bytes), allowed };
            refuse(refusing, value.span, When::Start, reason);
        }
        Kind::TlsVersion => {
            if !bytes.is_empty() && tls_version(bytes).is_none() {
                let reason = Reason::Value { keyword: name, value: shown(bytes), allowed: TLS_VERSIONS.to_vec() };
                refuse(majors, value.span, When::Start, reason);
            }
        }
        Kind::Timeout => {
            if integer(bytes).is_none() {
                let reason = Reason::Number { keyword: name, value: shown(bytes) };
                refuse(majors & Majors::since(12), value.span, When::Wait, reason);
            }
        }
        Kind::TcpNumber => tcp_number(name, value, bytes, majors, refusals),
        Kind::Ports => ports(value, bytes, majors, refusals),
        Kind::Addresses => {
            for (start, part) in parts(bytes).filter(|(_, part)| !part.is_empty()) {
                if !effective::is_address(part) {
                    let span = within(value, bytes, start, start + part.len());
                    refuse(majors, span, When::Host, Reason::Address { value: shown(part) });
                }
            }
        }
        Kind::AuthMethods => auth_methods(value, bytes, majors, refusals),
        Kind::ScramKey => {
            if !is_scram_key(bytes) {
                refuse(majors, value.span, When::Start, Reason::ScramKey { keyword: name });
            }
        }
        Kind::Text | Kind::Hosts | Kind::Flag | Kind::File | Kind::Folder => {}
    }
}

/// As it may be shown; long values are cut.
fn show(value: &Value, bytes: &[u8]) -> String {
    if value.secret {
        return crate::secret::MASK.to_owned();
    }
    String::from_utf8_lossy(bytes).chars().take(60).collect()
}

/// The place of a part of a value: exact where the file spells the value as it is.
fn within(value: &Value, bytes: &[u8], start: usize, end: usize) -> Span {
    let plain = value.span.range().len() == bytes.len() && bytes == value.bytes();
    if plain { value.span.slice(start, end) } else { value.span }
}

/// The parts of a list and where they start.
pub(super) fn parts(list: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    let mut start = 0;
    list.split(|&byte| byte == b',').map(move |part| {
        let at = start;
        start += part.len() + 1;
        (at, part)
    })
}

pub(super) const TLS_VERSIONS: [&str; 4] = ["TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"];

/// The rank of a version of TLS: `sslVerifyProtocolVersion`.
pub(super) fn tls_version(text: &[u8]) -> Option<usize> {
    TLS_VERSIONS.iter().position(|version| text.eq_ignore_ascii_case(version.as_bytes()))
}

/// `strtol` to the base of ten: the number, which stops at the bounds of `long`, and how many bytes it took.
fn strtol(text: &[u8]) -> (i64, usize) {
    let blanks = text.iter().take_while(|byte| matches!(byte, b' ' | b'\t'..=b'\r')).count();
    let rest = text.get(blanks..).unwrap_or_default();
    let sign = usize::from(matches!(rest.first(), Some(b'+' | b'-')));
    let digits = rest.iter().skip(sign).take_while(|byte| byte.is_ascii_digit()).count();
    if digits == 0 {
        return (0, 0);
    }
    let end = sign + digits;
    let written = std::str::from_utf8(rest.get(..end).unwrap_or_default()).unwrap_or_default();
    let bound = if rest.first() == Some(&b'-') { i64::MIN } else { i64::MAX };
    (written.parse().unwrap_or(bound), blanks + end)
}

/// `parse_int_param` (12 and later; `pqParseIntParam` from 18 on).
fn integer(text: &[u8]) -> Option<i32> {
    let (number, taken) = strtol(text);
    let rest = text.get(taken..).unwrap_or_default();
    let blank = rest.iter().all(|byte| matches!(byte, b' ' | b'\t'..=b'\r'));
    if taken == 0 || !blank { None } else { i32::try_from(number).ok() }
}

/// `atoi`, by which 10 and 11 read numbers: what is no number is 0, and large ones wrap.
fn atoi(text: &[u8]) -> i32 {
    strtol(text).0 as i32
}

fn ports(value: &Value, bytes: &[u8], majors: Majors, refusals: &mut Vec<Refusal>) {
    if bytes.is_empty() {
        return;
    }
    let valid = |port: i32| (1..=65535).contains(&port);
    let old = majors & Majors::until(11);
    let new = majors & Majors::since(12);
    for (start, part) in parts(bytes).filter(|(_, part)| !part.is_empty()) {
        let span = within(value, bytes, start, start + part.len());
        let (refusing, reason) = match integer(part) {
            Some(port) if valid(port) => continue,
            Some(_) => (majors, Reason::Port { value: show(value, part) }),
            None => {
                let old = if valid(atoi(part)) { Majors::NONE } else { old };
                (new | old, Reason::Number { keyword: "port", value: show(value, part) })
            }
        };
        if !refusing.is_empty() {
            refusals.push(Refusal { majors: refusing, span, when: When::Host, reason });
        }
    }
}

/// `useKeepalives`, `setKeepalivesIdle` and the like, `setTCPUserTimeout`. The bounds are those of Linux.
fn tcp_number(name: &'static str, value: &Value, bytes: &[u8], majors: Majors, refusals: &mut Vec<Refusal>) {
    let highest = match name {
        "keepalives_idle" | "keepalives_interval" => Some(32767),
        "keepalives_count" => Some(127),
        _ => None,
    };
    let (old, new) = (majors & Majors::until(11), majors & Majors::since(12));
    let mut refuse = |majors: Majors, reason: Reason| {
        if !majors.is_empty() {
            refusals.push(Refusal { majors, span: value.span, when: When::Tcp, reason });
        }
    };
    let outside = |number: i32| highest.is_some_and(|highest| !(1..=highest).contains(&number));
    let socket = |highest: i32| Reason::SocketOption { keyword: name, value: show(value, bytes), highest };
    let number = integer(bytes);
    let not_a_number = || Reason::Number { keyword: name, value: show(value, bytes) };
    match number {
        Some(number) => {
            if let Some(highest) = highest.filter(|_| outside(number)) {
                refuse(majors, socket(highest));
            }
        }
        None => {
            let refused = match highest {
                // 10 and 11 want `keepalives` to be read to its end, and take nothing for 0.
                None => name == "keepalives" && strtol(bytes).1 < bytes.len(),
                Some(_) => outside(atoi(bytes)),
            };
            refuse(if refused { majors } else { new }, not_a_number());
        }
    }
    // From 12 on a trailing blank is passed over; before, it made `keepalives` no number.
    if name == "keepalives" && number.is_some() && strtol(bytes).1 < bytes.len() {
        refuse(old, not_a_number());
    }
}

/// The part of `pqConnectOptions2` on `require_auth`.
fn auth_methods(value: &Value, bytes: &[u8], majors: Majors, refusals: &mut Vec<Refusal>) {
    const METHODS: [(&str, Majors); 7] = [
        ("password", Majors::ALL),
        ("md5", Majors::ALL),
        ("gss", Majors::ALL),
        ("sspi", Majors::ALL),
        ("scram-sha-256", Majors::ALL),
        ("oauth", Majors::since(18)),
        ("none", Majors::ALL),
    ];
    if bytes.is_empty() {
        return;
    }
    let negated = bytes.first() == Some(&b'!');
    let mut seen: Vec<&[u8]> = Vec::new();
    for (start, part) in parts(bytes) {
        let span = within(value, bytes, start, start + part.len());
        let mut refuse = |majors: Majors, reason: Reason| {
            refusals.push(Refusal { majors, span, when: When::Start, reason });
        };
        let method = part.strip_prefix(b"!").unwrap_or(part);
        if (method.len() < part.len()) != negated {
            // libpq stops here, so nothing is said of what comes after.
            refuse(majors, Reason::AuthMixed);
            return;
        }
        let known =
            METHODS.iter().find(|(name, _)| name.as_bytes() == method).map_or(Majors::NONE, |&(_, known)| known);
        if !known.covers(majors) {
            refuse(majors - known, Reason::AuthMethod { method: show(value, method) });
        }
        if seen.contains(&method) {
            refuse(majors & known, Reason::AuthRepeated { method: show(value, method) });
        } else if !known.is_empty() {
            seen.push(method);
        }
    }
    refusals.retain(|refusal| !refusal.majors.is_empty());
}

/// `pg_b64_decode` to `SCRAM_MAX_KEY_LEN` bytes: no blanks, padding is needed.
fn is_scram_key(text: &[u8]) -> bool {
    let (Some(body), true) = (text.strip_suffix(b"="), text.len() == 44) else { return false };
    body.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/'))
}
