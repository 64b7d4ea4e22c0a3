//! The verdicts of the real libraries, and what they do not tell.

use std::collections::BTreeMap;

use super::*;
use crate::source::{FileId, Span};
use crate::syntax::conninfo::{Conninfo, ConninfoError};
use crate::syntax::literal::Literal;

fn parse(text: &[u8]) -> Conninfo {
    Conninfo::parse(&Literal::plain(Span::new(FileId(0), 0, text.len()), text))
}

fn unescape(text: &str) -> Vec<u8> {
    let mut out = Vec::new();
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte != b'\\' {
            out.push(byte);
            continue;
        }
        out.push(match bytes.next().unwrap() {
            b't' => b'\t',
            b'n' => b'\n',
            b'x' => {
                let digits = [bytes.next().unwrap(), bytes.next().unwrap()];
                u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap()
            }
            other => other,
        });
    }
    out
}

/// Whether our reason is what a message of libpq says.
fn same(message: &str, reason: &Reason) -> bool {
    use ConninfoError as E;
    let starts = |prefix: &str| message.starts_with(prefix);
    // The table has the first line of a message only, and we hide what looks like a password.
    let first_line = |value: &str| value.lines().next().unwrap_or_default().to_owned();
    match reason {
        Reason::Syntax(error) => match error {
            E::MissingEquals => starts("missing \"=\" after"),
            E::UnterminatedQuote => starts("unterminated quoted string"),
            E::MissingBracket => starts("end of string reached"),
            E::EmptyBracket => starts("IPv6 host address may not be empty"),
            E::AfterBracket => starts("unexpected character"),
            E::ExtraEquals => starts("extra key/value separator"),
            E::MissingSeparator => starts("missing key/value separator"),
            E::BadPercent => starts("invalid percent-encoded token"),
            E::ZeroPercent => starts("forbidden value %00"),
            E::Blank => starts("unexpected spaces found"),
            E::EmptyKeyword | E::EmptyValue => false,
        },
        Reason::UnknownKeyword { keyword, .. } => names_keyword(message, keyword),
        Reason::OtherMajors { keyword, .. } => names_keyword(message, keyword),
        Reason::Value { keyword, value, .. } if value.contains('\n') => {
            starts(&format!("invalid {keyword} value: \"{}", first_line(value)))
                || starts(&format!("invalid \"{keyword}\" value: \"{}", first_line(value)))
        }
        Reason::Number { keyword: "port", value } if value == "****" => starts("invalid"),
        Reason::Value { keyword, value, .. } => {
            message == format!("invalid {keyword} value: \"{value}\"")
                || message == format!("invalid \"{keyword}\" value: \"{value}\"")
        }
        Reason::Number { keyword, value } => {
            message == format!("invalid integer value \"{value}\" for connection option \"{keyword}\"")
                || starts("setsockopt")
                || starts("keepalives parameter")
                || message == format!("invalid port number: \"{value}\"")
        }
        Reason::Port { value } => message == format!("invalid port number: \"{value}\""),
        Reason::SocketOption { .. } => starts("setsockopt"),
        Reason::Address { .. } => starts("could not parse network address"),
        Reason::HostCount { hosts, addresses } => {
            message == format!("could not match {hosts} host names to {addresses} hostaddr values")
        }
        Reason::PortCount { ports, hosts } => {
            message == format!("could not match {ports} port numbers to {hosts} hosts")
        }
        Reason::WeakSslmode { sslmode, .. } => message.starts_with(&format!("weak sslmode \"{sslmode}\"")),
        Reason::VersionRange { .. } => {
            starts("invalid SSL protocol version range") || message.contains("is greater than")
        }
        Reason::AuthMethod { method } => message == format!("invalid require_auth value: \"{method}\""),
        Reason::AuthMixed => message.contains("cannot be mixed with"),
        Reason::AuthRepeated { .. } => message.contains("is specified more than once"),
        Reason::ScramKey { .. } => starts("invalid SCRAM"),
    }
}

fn names_keyword(message: &str, keyword: &str) -> bool {
    message == format!("invalid connection option \"{keyword}\"")
        || message == format!("invalid URI query parameter: \"{keyword}\"")
        // The blanks that are a part of the keyword up to 17.
        || (message.starts_with("invalid URI query parameter: \"") && message.contains(keyword))
}

/// One row: an input, the majors, the message or `ok`, and what was read.
fn judge_row(input: &[u8], majors: Majors, verdict: &str, params: &str) -> Result<(), String> {
    let conninfo = parse(input);
    for major in majors.iter() {
        let refusals = check(&conninfo, Majors::only(major));
        let stops: Vec<_> = refusals.iter().filter(|refusal| refusal.when != When::Wait).collect();
        if verdict == "ok" && !stops.is_empty() {
            return Err(format!("{major} takes it, we say {stops:?}"));
        }
        if verdict != "ok" && !stops.iter().any(|refusal| same(verdict, &refusal.reason)) {
            return Err(format!("{major} says {verdict:?}, we say {stops:?}"));
        }
        if params == "-" && verdict != "ok" {
            continue;
        }
        let ours: BTreeMap<String, String> = conninfo
            .params
            .iter()
            .filter(|param| param.winner)
            .map(|param| (param.keyword.name.clone(), shown(param.value.bytes_for(major))))
            .collect();
        let theirs: BTreeMap<String, String> = params
            .split(' ')
            .filter(|pair| *pair != "-")
            .map(|pair| pair.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned())).unwrap())
            .collect();
        if ours != theirs {
            return Err(format!("{major} reads {theirs:?}, we read {ours:?}"));
        }
    }
    Ok(())
}

fn shown(value: &[u8]) -> String {
    let byte = |&byte: &u8| match byte {
        b'%' => "%25".to_owned(),
        33..=126 => char::from(byte).to_string(),
        _ => format!("%{byte:02x}"),
    };
    value.iter().map(byte).collect()
}

#[test]
fn the_libraries_of_every_major_agree() {
    let table = include_str!("../../../fixtures/oracle/conninfo.tsv");
    let mut wrong = Vec::new();
    let mut rows = 0;
    for line in table.lines().filter(|line| !line.starts_with("# ")).skip(1) {
        let [input, majors, verdict, params] = line.split('\t').collect::<Vec<_>>()[..] else { panic!("{line}") };
        let (first, last) = majors.split_once('-').unwrap();
        let majors = Majors::range(first.parse().unwrap(), last.parse().unwrap());
        let verdict = String::from_utf8_lossy(&unescape(verdict)).into_owned();
        rows += 1;
        if let Err(error) = judge_row(&unescape(input), majors, &verdict, params) {
            wrong.push(format!("{input}\n    {error}"));
        }
    }
    assert!(rows > 300, "the table is too short: {rows}");
    assert!(wrong.is_empty(), "{} of {rows} rows:\n{}", wrong.len(), wrong.join("\n"));
}

/// The messages for a string, on every major.
fn messages(text: &str, majors: Majors) -> Vec<String> {
    let shown = |refusal: &Refusal| format!("{}: {} @{}", refusal.majors, refusal.reason, &text[refusal.span.range()]);
    check(&parse(text.as_bytes()), majors).iter().map(shown).collect()
}

#[test]
fn messages_read_well_and_point_at_the_place() {
    for (text, expected) in [
        ("sslmode=on", &["10 to 19: `sslmode` has no value `on` @on"][..]),
        (
            "channel_binding=require",
            &["10 to 12: `channel_binding` is a connection keyword from 13 on only @channel_binding"],
        ),
        ("tty=x", &["14 to 19: `tty` is a connection keyword in 10 to 13 only @tty"]),
        ("ssl_mode=require", &["10 to 19: `ssl_mode` is no connection keyword @ssl_mode"]),
        ("target_session_attrs=primary", &["10 to 13: `target_session_attrs` has no value `primary` @primary"]),
        ("host=a,b port=1,0", &["10 to 19: `port` takes a number from 1 to 65535, not `0` @0"]),
        ("host=a,b port=1,2,3", &["10 to 19: `port` has 3 ports for 2 hosts @1,2,3"]),
        (
            "host=a sslrootcert=system sslmode=require",
            &[
                "16 to 19: `sslmode` = `require` is refused with `sslrootcert` = `system`, which needs `verify-full` @require",
            ],
        ),
        ("host=a connect_timeout=10s", &["12 to 19: `connect_timeout` takes a whole number, not `10s` @10s"]),
        (
            "host=a require_auth=md5,!gss",
            &[
                "10 to 15: `require_auth` is a connection keyword from 16 on only @require_auth",
                "16 to 19: `require_auth` mixes methods with and without `!` @!gss",
            ],
        ),
        (
            "host=a ssl_max_protocol_version=TLSv1.1",
            &[
                "10 to 12: `ssl_max_protocol_version` is a connection keyword from 13 on only @ssl_max_protocol_version",
                "13 to 19: `ssl_min_protocol_version` is above `ssl_max_protocol_version` @TLSv1.1",
            ],
        ),
        ("postgresql://h/d?application_name=a b", &["18, 19: a blank in a URI must be written `%20` @ "]),
    ] {
        assert_eq!(messages(text, Majors::ALL), expected, "{text}");
    }
}

#[test]
fn what_is_not_known_is_not_judged() {
    for text in [
        "{{ dsn }}",
        "sslmode={{ mode }}",
        "service=x sslnegotiation=direct",
        "host={{ hosts }} port=1,2,3",
        "{{ more }} port=1,2",
        "sslrootcert=system sslmode=${MODE}",
        "keepalives_idle=abc host=/run/postgresql",
    ] {
        assert_eq!(messages(text, Majors::since(17)), Vec::<String>::new(), "{text}");
    }
}

#[test]
fn defaults_and_environment() {
    let find = |name: &str| Keyword::find(name).unwrap();
    assert_eq!(find("sslmode").default(10), Some("prefer"));
    assert_eq!(find("sslcompression").default(10), Some("1"));
    assert_eq!(find("sslcompression").default(11), Some("0"));
    assert_eq!(find("gssencmode").default(11), None);
    assert_eq!(find("gssencmode").default(12), Some("prefer"));
    assert_eq!(find("sslmode").environment(18), Some("PGSSLMODE"));
    assert!(find("password").is_secret() && !find("passfile").is_secret());
    assert_eq!(Keyword::find("SSLMODE"), None);
    assert!(Keyword::all().is_sorted_by_key(|keyword| keyword.name));
}

#[test]
fn hosts_and_what_is_local() {
    for (text, major, local) in [
        ("", 18, Some(true)),
        ("dbname=a", 18, Some(true)),
        ("host=", 18, Some(true)),
        ("host=''", 18, Some(true)),
        ("host=/run/postgresql", 10, Some(true)),
        ("host=@abstract", 13, Some(false)),
        ("host=@abstract", 14, Some(true)),
        ("host=localhost", 18, Some(true)),
        ("host=127.0.0.2", 18, Some(true)),
        ("host=::1", 18, Some(true)),
        ("host=db", 18, Some(false)),
        ("host=localhost,db", 18, Some(false)),
        ("host=localhost hostaddr=10.0.0.1", 18, Some(false)),
        ("host=db hostaddr=127.0.0.1", 18, Some(true)),
        ("host=${H}", 18, None),
        ("service=x", 18, None),
        ("service=x host=localhost", 18, Some(true)),
        ("postgresql:///d", 18, Some(true)),
        ("postgresql://[::1]/d", 18, Some(true)),
        ("postgresql://h,[::1]/d", 18, Some(false)),
    ] {
        assert_eq!(effective::is_local(&parse(text.as_bytes()), major), local, "{text}");
    }
    let hosts = effective::hosts(&parse(b"host=a,b port=1"), 18).unwrap();
    assert_eq!(hosts.iter().map(|host| host.port.as_slice()).collect::<Vec<_>>(), [b"1", b"1"]);
}

#[test]
fn the_sslmode_that_counts() {
    for (text, major, mode) in [
        ("host=a", 18, Some("prefer")),
        ("host=a sslmode=require", 18, Some("require")),
        ("requiressl=1", 18, Some("require")),
        ("sslrootcert=system", 15, Some("prefer")),
        ("sslrootcert=system", 16, Some("verify-full")),
        ("postgresql://h?ssl=true", 10, Some("require")),
        ("sslmode=${X}", 18, None),
        ("service=x", 18, None),
    ] {
        let conninfo = parse(text.as_bytes());
        assert_eq!(effective::value(&conninfo, "sslmode", major).text().as_deref(), mode, "{text}");
    }
}
