//! The form `postgresql://user:password@host:port,.../dbname?keyword=value&...`: `conninfo_uri_parse_options`,
//! `conninfo_uri_parse_params` and `conninfo_uri_decode`.

use std::ops::Range;

use super::{ConninfoError, Form, Reader, Value, is_secret};
use crate::catalog::Majors;

pub(super) fn read(reader: &mut Reader<'_>, prefix: usize) {
    reader.result.form = Form::Uri;
    let credentials = look_ahead(reader, prefix);
    reader.at = prefix;
    if let Some(at_sign) = credentials {
        reader.skip_until(b":@");
        let user = prefix..reader.at;
        part(reader, "user", &[user]);
        if reader.at < at_sign {
            let password = reader.at + 1..at_sign;
            part(reader, "password", &[password]);
        }
        reader.at = at_sign + 1;
    }
    let hosts = reader.at;
    if hosts_and_ports(reader) {
        if reader.peek() == Some(b'/') {
            reader.at += 1;
            let start = reader.at;
            reader.skip_until(b"?");
            let dbname = start..reader.at;
            part(reader, "dbname", &[dbname]);
        }
        expose(reader, hosts, credentials.is_some());
        if reader.peek() == Some(b'?') {
            reader.at += 1;
            query(reader);
        }
    } else {
        reader.at = reader.text.len();
        expose(reader, hosts, credentials.is_some());
    }
}

/// Where the `@` is that ends user and password, if there is one before the first slash.
fn look_ahead(reader: &mut Reader<'_>, prefix: usize) -> Option<usize> {
    let (at, next) = (reader.at, reader.next);
    reader.at = prefix;
    reader.skip_until(b"@/");
    let found = (reader.peek() == Some(b'@')).then_some(reader.at);
    (reader.at, reader.next) = (at, next);
    found
}

/// A password with `/` or `@` in it that is not percent-encoded ends up in host, port or database.
fn expose(reader: &mut Reader<'_>, hosts: usize, credentials: bool) {
    let end = reader.at;
    let Some(rest) = reader.text.get(hosts..end) else { return };
    let Some(last) = memchr::memrchr(b'@', rest) else { return };
    let start = if credentials { Some(0) } else { memchr::memchr(b':', rest).map(|colon| colon + 1) };
    let Some(start) = start.filter(|&start| start < last) else { return };
    let hidden = reader.literal.span(hosts + start, hosts + last);
    for param in &mut reader.result.params {
        let span = param.value.span;
        param.value.secret |= span.start < hidden.end && hidden.start < span.end;
    }
    reader.result.exposed.push(hidden);
}

/// Reads hosts and ports; false when the rest has no meaning.
fn hosts_and_ports(reader: &mut Reader<'_>) -> bool {
    let mut hosts: Vec<Range<usize>> = Vec::new();
    let mut ports: Vec<Range<usize>> = Vec::new();
    let mut good = true;
    loop {
        let start = reader.at;
        if reader.hole().is_none() && reader.peek() == Some(b'[') {
            reader.at += 1;
            let start = reader.at;
            reader.skip_until(b"]");
            if reader.peek().is_none() {
                reader.error(start - 1, reader.at, ConninfoError::MissingBracket);
                good = false;
                break;
            }
            if reader.at == start {
                reader.error(start - 1, start + 1, ConninfoError::EmptyBracket);
            }
            hosts.push(start..reader.at);
            reader.at += 1;
            if reader.peek().is_some_and(|byte| !b":/?,".contains(&byte)) {
                reader.error(reader.at, reader.at + 1, ConninfoError::AfterBracket);
                reader.skip_until(b":/?,");
            }
        } else {
            reader.skip_until(b":/?,");
            hosts.push(start..reader.at);
        }
        if reader.peek() == Some(b':') {
            reader.at += 1;
            let start = reader.at;
            reader.skip_until(b"/?,");
            ports.push(start..reader.at);
        } else {
            ports.push(reader.at..reader.at);
        }
        if reader.peek() != Some(b',') {
            break;
        }
        reader.at += 1;
    }
    part(reader, "host", &hosts);
    part(reader, "port", &ports);
    good
}

/// Stores a part before the `?`, its pieces joined with commas, unless it is empty.
fn part(reader: &mut Reader<'_>, keyword: &str, pieces: &[Range<usize>]) {
    let (Some(first), Some(last)) = (pieces.iter().find(|piece| !piece.is_empty()).or(pieces.first()), pieces.last())
    else {
        return;
    };
    if pieces.len() == 1 && first.is_empty() {
        return;
    }
    let at = (first.start, last.end.max(first.end));
    let mut value = decode(reader, pieces, at);
    value.secret = is_secret(keyword);
    reader.push(keyword, value, at, at);
}

fn query(reader: &mut Reader<'_>) {
    while reader.peek().is_some() {
        let start = reader.at;
        reader.skip_until(b"=&");
        let keyword_end = reader.at;
        if reader.peek() != Some(b'=') {
            if reader.has_hole(start, keyword_end) {
                reader.result.open = true;
            } else {
                reader.error(start, keyword_end, ConninfoError::MissingSeparator);
                if reader.result.params.last().is_some_and(|param| param.value.secret) {
                    reader.expose(start, keyword_end);
                }
            }
            reader.at += 1;
            continue;
        }
        reader.at += 1;
        let value_start = reader.at;
        reader.skip_until(b"=&");
        if reader.peek() == Some(b'=') {
            let extra = reader.at;
            reader.skip_until(b"&");
            reader.error(extra, extra + 1, ConninfoError::ExtraEquals);
        }
        let value_end = reader.at;
        reader.at += 1;
        pair(reader, start..keyword_end, value_start..value_end);
    }
}

fn pair(reader: &mut Reader<'_>, keyword: Range<usize>, value: Range<usize>) {
    let (start, end) = (keyword.start, keyword.end);
    let mut name = decode(reader, std::slice::from_ref(&keyword), (start, end));
    let mut text = decode(reader, std::slice::from_ref(&value), (value.start, value.end));
    if name.dynamic {
        reader.result.open = true;
        return;
    }
    // Before 18 the blanks belong to the keyword, which makes it an unknown one.
    let blanks = if let Some(trimmed) = name.trimmed.take() {
        name.text = trimmed;
        Majors::until(17)
    } else {
        Majors::NONE
    };
    let keyword = String::from_utf8_lossy(&name.text).into_owned();
    text.secret = is_secret(&keyword);
    let jdbc = keyword == "ssl" && text.is("true");
    if jdbc {
        text.text = b"require".to_vec();
    }
    reader.push(&keyword, text, (start, end), (start, value.end));
    if let Some(param) = reader.result.params.last_mut() {
        param.keyword.blanks = blanks;
        if jdbc {
            "sslmode".clone_into(&mut param.keyword.name);
        }
    }
}

/// Decodes `%XX`, reporting what is wrong with the first bad place.
fn decode(reader: &mut Reader<'_>, pieces: &[Range<usize>], at: (usize, usize)) -> Value {
    let mut text = Vec::new();
    let mut dynamic = false;
    let mut wrong = None;
    // How many decoded bytes there are before the first and after the last byte that is no plain blank.
    let mut first = None;
    let mut last = 0;
    let mut inner = None;
    let mut pending = None;
    let source = reader.text;
    let mut holes =
        reader.holes.get(reader.holes.partition_point(|hole| hole.end <= at.0)..).unwrap_or_default().iter().peekable();
    for (index, piece) in pieces.iter().enumerate() {
        if index > 0 {
            note(&mut first, &mut inner, &mut pending, text.len());
            text.push(b',');
            last = text.len();
        }
        let mut position = piece.start;
        while position < piece.end {
            while holes.peek().is_some_and(|hole| hole.end <= position) {
                holes.next();
            }
            if let Some(hole) = holes.peek().filter(|hole| hole.start <= position) {
                let end = hole.end.min(piece.end);
                note(&mut first, &mut inner, &mut pending, text.len());
                text.extend_from_slice(source.get(position..end).unwrap_or_default());
                last = text.len();
                position = end;
                dynamic = true;
                continue;
            }
            let Some(&byte) = source.get(position) else { break };
            if byte == b' ' {
                pending.get_or_insert(position);
                text.push(byte);
                position += 1;
                continue;
            }
            note(&mut first, &mut inner, &mut pending, text.len());
            let digits = source.get(position + 1..(position + 3).min(piece.end)).unwrap_or_default();
            match (byte, hex(digits)) {
                (b'%', Some(0)) => {
                    wrong.get_or_insert((position, position + 3, ConninfoError::ZeroPercent));
                    position += 3;
                }
                (b'%', Some(decoded)) => {
                    text.push(decoded);
                    position += 3;
                }
                (b'%', None) => {
                    wrong.get_or_insert((position, position + 1 + digits.len(), ConninfoError::BadPercent));
                    text.push(byte);
                    position += 1;
                }
                _ => {
                    text.push(byte);
                    position += 1;
                }
            }
            last = text.len();
        }
    }
    if let Some((start, end, error)) = wrong {
        reader.error(start, end, error);
    }
    if let Some(blank) = inner {
        reader.error(blank, blank + 1, ConninfoError::Blank);
    }
    let first = first.unwrap_or(0);
    let trimmed =
        (first > 0 || last < text.len()).then(|| text.get(first..last.max(first)).unwrap_or_default().to_vec());
    Value { text, trimmed, span: reader.literal.span(at.0, at.1), dynamic, secret: false }
}

/// A byte that is no plain blank comes at `length`: blanks before it were leading or inner ones.
fn note(first: &mut Option<usize>, inner: &mut Option<usize>, pending: &mut Option<usize>, length: usize) {
    if first.is_none() {
        *first = Some(length);
    } else if let Some(blank) = *pending {
        inner.get_or_insert(blank);
    }
    *pending = None;
}

fn hex(digits: &[u8]) -> Option<u8> {
    let [high, low] = digits else { return None };
    let digit = |byte: u8| char::from(byte).to_digit(16).map(|digit| digit as u8);
    Some(digit(*high)? << 4 | digit(*low)?)
}
