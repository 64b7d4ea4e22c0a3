//! Verdicts on values of settings against those of real servers, as `fixtures/oracle/values.tsv` holds them.
//!
//! `cargo xtask catalog --cases` asks the servers anew. Another table can be named in `PGASSAY_VALUES`.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by panicking")]

use pgassay::catalog::settings::{self, Kind};
use pgassay::model::check_hook::{self, Verdict};
use pgassay::model::value::{self, Value};

/// Settings that the server shows in another form (paths made absolute, canonical names), does not keep outside a
/// transaction, or reads back from the session's socket.
const REWRITTEN: &[&str] = &[
    "client_encoding",
    "DateStyle",
    "hba_file",
    "ident_file",
    "log_directory",
    "tcp_keepalives_count",
    "tcp_keepalives_idle",
    "tcp_keepalives_interval",
    "tcp_user_timeout",
    "transaction_deferrable",
    "transaction_isolation",
    "transaction_read_only",
];

#[test]
#[expect(clippy::disallowed_methods, reason = "a test reads its table")]
fn verdicts_are_those_of_the_servers() {
    let file = std::env::var("PGASSAY_VALUES").unwrap_or_else(|_| "fixtures/oracle/values.tsv".to_owned());
    let table = std::fs::read_to_string(file).unwrap();
    let (mut compared, mut wrong) = (0, Vec::new());
    for line in table.lines().skip(1) {
        let columns: Vec<&str> = line.split('\t').collect();
        let &[name, text, majors, verdict, raw, shown] = columns.as_slice() else { panic!("six columns: {line}") };
        let text = unescape(text);
        for major in majors.split(',') {
            let major: u8 = major.parse().unwrap();
            compared += 1;
            if let Err(ours) = compare(name, &text, major, verdict, raw, shown) {
                wrong
                    .push(format!("{major} {name} = {text:?}: the server says {verdict} {raw} {shown}, we say {ours}"));
            }
        }
    }
    assert!(compared > 0);
    assert!(wrong.is_empty(), "{} of {compared} differ:\n{}", wrong.len(), wrong.join("\n"));
}

fn compare(name: &str, text: &str, major: u8, verdict: &str, raw: &str, shown: &str) -> Result<(), String> {
    let known = settings::setting_on(name, major);
    let Some((setting, def)) = known else {
        return if verdict == "unknown" { Ok(()) } else { Err("unknown".to_owned()) };
    };
    if verdict == "unknown" {
        // The server may be of a minor release or a build that lacks what others of its major have.
        let of_others = setting.build.is_some() || !setting.first_minors().is_empty();
        return if of_others { Ok(()) } else { Err("known".to_owned()) };
    }
    let judged = value::judge(setting, text.as_bytes(), major).expect("the setting is known");
    match (verdict, judged) {
        ("refuse", Err(_)) => Ok(()),
        ("refuse", Ok(value)) if depends(setting, def.kind, &value, text, major) => Ok(()),
        ("refuse", Ok(value)) => Err(format!("accept {value:?}")),
        (_, Err(error)) => Err(format!("refuse: {error}")),
        (_, Ok(value)) => {
            let rewritten = REWRITTEN.contains(&setting.name);
            let ours = value.raw();
            if !rewritten && escape(&ours) != raw {
                return Err(format!("raw {ours}"));
            }
            let ours = value.show(setting, def, major);
            if !rewritten && def.kind != Kind::String && !shown.is_empty() && ours != shown && setting.name != "seed" {
                return Err(format!("shown {ours}"));
            }
            Ok(())
        }
    }
}

/// Whether the verdict is the machine's or the build's.
fn depends(setting: &settings::Setting, kind: Kind, value: &Value, text: &str, major: u8) -> bool {
    let of_build = |words: &[settings::EnumValue]| {
        words.iter().any(|word| word.needs_build.is_some() && word.name.eq_ignore_ascii_case(text))
    };
    match kind {
        Kind::Enum(words) if of_build(words) => true,
        _ => check_hook::check(setting, value, text.as_bytes(), major) == Verdict::Unknown,
    }
}

/// Bytes other than printable ASCII stand as `\xNN` in the table.
fn unescape(text: &str) -> String {
    let mut out = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        out.push(match (byte, after) {
            (b'\\', [b'x', high, low, after @ ..]) => {
                rest = after;
                let digit = |byte: u8| char::from(byte).to_digit(16).unwrap() as u8;
                digit(*high) << 4 | digit(*low)
            }
            (b'\\', [b'\\', after @ ..]) => {
                rest = after;
                b'\\'
            }
            _ => byte,
        });
    }
    String::from_utf8(out).unwrap()
}

fn escape(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'\\' => "\\\\".to_owned(),
            b' '..=b'~' => char::from(byte).to_string(),
            _ => format!("\\x{byte:02x}"),
        })
        .collect()
}
