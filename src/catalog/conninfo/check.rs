//! A connection string as a whole: what keywords refuse of each other.

use super::effective::{self, Effective};
use super::judge::{judge, parts, tls_version};
use super::refusal::{Reason, Refusal, When};
use crate::catalog::Majors;
use crate::syntax::conninfo::{Conninfo, Form, Param};

/// Everything the libpq of some of `majors` refuses in a string, in the order of the string. libpq itself tells only
/// the first; what it does not tell is sound on its own. A string of pgbouncer.ini is not for libpq and passes.
#[must_use]
pub fn check(conninfo: &Conninfo, majors: Majors) -> Vec<Refusal> {
    if conninfo.form == Form::PgBouncer || conninfo.dynamic {
        return Vec::new();
    }
    let syntax = conninfo.errors.iter().map(|&(span, error)| Refusal {
        majors: majors & error.majors(),
        span,
        when: When::Start,
        reason: Reason::Syntax(error),
    });
    let mut refusals: Vec<Refusal> = syntax.filter(|refusal| !refusal.majors.is_empty()).collect();
    for param in &conninfo.params {
        refusals.extend(judge(param, majors));
    }
    if conninfo.params.iter().any(|param| param.value.differs_by_major()) {
        together(conninfo, majors & Majors::until(17), &mut refusals);
        together(conninfo, majors & Majors::since(18), &mut refusals);
    } else {
        together(conninfo, majors, &mut refusals);
    }
    unreached(conninfo, majors, &mut refusals);
    refusals.sort_by_key(|refusal| (refusal.span.start, refusal.span.end));
    refusals
}

/// Checks across keywords, for majors that read all values alike.
fn together(conninfo: &Conninfo, majors: Majors, refusals: &mut Vec<Refusal>) {
    let Some(major) = majors.last() else { return };
    let set = |keyword: &str| conninfo.get(keyword).filter(|param| !param.value.dynamic);
    let bytes = |param: &Param| param.value.bytes_for(major).to_vec();
    let mut refuse = |majors: Majors, param: &Param, reason: Reason| {
        if !majors.is_empty() {
            refusals.push(Refusal { majors, span: param.value.span, when: When::Start, reason });
        }
    };
    let count =
        |param: Option<&Param>| param.map(bytes).filter(|list| !list.is_empty()).map(|list| parts(&list).count());
    let (host, hostaddr, port) = (set("host"), set("hostaddr"), set("port"));
    if let (Some(hosts), Some(addresses), Some(param)) = (count(host), count(hostaddr), host)
        && hosts != addresses
    {
        refuse(majors, param, Reason::HostCount { hosts, addresses });
    }
    if let (Some(ports), Some(hosts), Some(param)) = (count(port), effective::hosts(conninfo, major), port)
        && ports != 1
        && ports != hosts.len()
        && (conninfo.get("hostaddr").is_some_and(|param| !param.value.dynamic) || !effective::is_open(conninfo))
    {
        refuse(majors, param, Reason::PortCount { ports, hosts: hosts.len() });
    }

    let weak = |major: u8, least: usize| match effective::value(conninfo, "sslmode", major) {
        Effective::Set(param) => {
            let mode = String::from_utf8_lossy(param.value.bytes_for(major)).into_owned();
            effective::sslmode_rank(&mode).is_some_and(|rank| rank < least).then_some((mode, Some(param)))
        }
        Effective::Default(mode) => {
            effective::sslmode_rank(mode).is_some_and(|rank| rank < least).then(|| (mode.to_owned(), None))
        }
        Effective::Unknown | Effective::None => None,
    };
    let known = |keyword: &str| super::Keyword::find(keyword).map_or(Majors::NONE, |keyword| keyword.majors);
    if let Some(param) = set("sslrootcert").filter(|param| bytes(param) == b"system")
        && let Some((sslmode, at)) = weak(major.max(16), 5)
    {
        let (with, needs) = ("`sslrootcert` = `system`", "`verify-full`");
        refuse(majors & Majors::since(16), at.unwrap_or(param), Reason::WeakSslmode { sslmode, with, needs });
    }
    if let Some(param) = set("sslnegotiation").filter(|param| bytes(param) == b"direct")
        && let Some((sslmode, at)) = weak(major, 3)
    {
        let (with, needs) = ("`sslnegotiation` = `direct`", "`require`, `verify-ca` or `verify-full`");
        refuse(majors & known("sslnegotiation"), at.unwrap_or(param), Reason::WeakSslmode { sslmode, with, needs });
    }

    range(
        conninfo,
        majors & known("ssl_min_protocol_version"),
        major,
        ("ssl_min_protocol_version", "ssl_max_protocol_version"),
        tls_version,
        refusals,
    );
    let protocol = |text: &[u8]| match text {
        b"3.0" => Some(0),
        b"3.2" | b"latest" => Some(1),
        _ => None,
    };
    range(
        conninfo,
        majors & known("min_protocol_version"),
        major,
        ("min_protocol_version", "max_protocol_version"),
        protocol,
        refusals,
    );
}

/// A lower bound above an upper one. A bound that is empty, unknown or refused bounds nothing.
fn range(
    conninfo: &Conninfo,
    majors: Majors,
    major: u8,
    (lowest, highest): (&'static str, &'static str),
    rank: impl Fn(&[u8]) -> Option<usize>,
    refusals: &mut Vec<Refusal>,
) {
    let bound = |keyword: &str| match effective::value(conninfo, keyword, majors.last().unwrap_or(major)) {
        Effective::Set(param) => rank(param.value.bytes_for(major)).map(|rank| (rank, Some(param))),
        Effective::Default(value) => rank(value.as_bytes()).map(|rank| (rank, None)),
        Effective::Unknown | Effective::None => None,
    };
    let (Some((low, low_at)), Some((high, high_at))) = (bound(lowest), bound(highest)) else { return };
    if let Some(param) = high_at.or(low_at).filter(|_| low > high && !majors.is_empty()) {
        let reason = Reason::VersionRange { lowest, highest };
        refusals.push(Refusal { majors, span: param.value.span, when: When::Start, reason });
    }
}

/// Drops what libpq never looks at: options of TCP where every host is a socket, and the keepalive options and the
/// user timeout beside `keepalives = 0`.
fn unreached(conninfo: &Conninfo, majors: Majors, refusals: &mut Vec<Refusal>) {
    let sockets = |major: u8| {
        effective::hosts(conninfo, major).is_some_and(|hosts| hosts.iter().all(|host| host.is_socket(major)))
    };
    let off = conninfo.get("keepalives").is_some_and(|param| {
        let text = param.value.bytes().trim_ascii();
        !param.value.dynamic && !text.is_empty() && text.iter().all(|&byte| byte == b'0')
    });
    for refusal in refusals.iter_mut().filter(|refusal| refusal.when == When::Tcp) {
        let by_socket: Majors = majors.iter().filter(|&major| sockets(major)).collect();
        refusal.majors = if off { Majors::NONE } else { refusal.majors - by_socket };
    }
    refusals.retain(|refusal| !refusal.majors.is_empty());
}
