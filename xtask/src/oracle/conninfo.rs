//! Connection strings: by grammar, in both forms, and what the libpq of a server says of them.

use anyhow::Result;

use super::ask::Verdict;
use super::case;
use super::dice::Dice;
use crate::libpq::client::{Client, Said};

/// Keywords with values that some major takes. The hosts are none, or this machine.
const PAIRS: &[(&str, &[&str])] = &[
    ("application_name", &["a", "walreceiver 1", ""]),
    ("channel_binding", &["prefer", "require", "disable"]),
    ("client_encoding", &["auto", "UTF8", "nope"]),
    ("connect_timeout", &["10", "0", " 2 "]),
    ("dbname", &["d", "replication", "a b"]),
    ("fallback_application_name", &["f"]),
    ("gssdelegation", &["0", "1"]),
    ("gssencmode", &["disable", "prefer"]),
    ("gsslib", &["gssapi"]),
    ("host", &["/nonexistent", "127.0.0.1", "::1", "/nonexistent,/nowhere", "localhost", "127.0.0.1,/nonexistent"]),
    ("hostaddr", &["127.0.0.1", "::1", "127.0.0.1,::1", ""]),
    ("keepalives", &["1", "0", "2"]),
    ("keepalives_count", &["3", " 3"]),
    ("keepalives_idle", &["60", "-1"]),
    ("keepalives_interval", &["5"]),
    ("krbsrvname", &["postgres"]),
    ("load_balance_hosts", &["disable", "random"]),
    ("max_protocol_version", &["3.0", "3.2", "latest"]),
    ("min_protocol_version", &["3.0", "3.2", "latest"]),
    ("oauth_client_id", &["x"]),
    ("oauth_client_secret", &["x"]),
    ("oauth_issuer", &["https://x"]),
    ("oauth_scope", &["x"]),
    ("options", &["-c work_mem=1MB", "-c\\ a=b"]),
    ("passfile", &["/nonexistent"]),
    ("password", &["p", "p'q"]),
    ("port", &["1", "1,2", "", " 1 "]),
    ("replication", &["database", "true", "yes"]),
    ("require_auth", &["md5", "!md5,!password", "scram-sha-256,none", "oauth", "!oauth"]),
    ("requirepeer", &["postgres"]),
    ("requiressl", &["1", "0"]),
    ("scram_client_key", &["AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "x"]),
    ("scram_server_key", &["AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", ""]),
    ("ssl_max_protocol_version", &["TLSv1.2", "TLSv1.3", "tlsv1.1", ""]),
    ("ssl_min_protocol_version", &["TLSv1.2", "TLSv1", "TLSV1.3"]),
    ("sslcert", &["/nonexistent"]),
    ("sslcertmode", &["allow", "require", "disable"]),
    ("sslcompression", &["0", "1"]),
    ("sslcrl", &["/nonexistent"]),
    ("sslcrldir", &["/nonexistent"]),
    ("sslkey", &["/nonexistent"]),
    ("sslkeylogfile", &["/nonexistent"]),
    ("sslmode", &["disable", "allow", "prefer", "require", "verify-ca", "verify-full"]),
    ("sslnegotiation", &["postgres", "direct"]),
    ("sslpassword", &["x"]),
    ("sslrootcert", &["/nonexistent", "system"]),
    ("sslsni", &["1", "0", "2"]),
    ("target_session_attrs", &["any", "read-write", "read-only", "primary", "standby", "prefer-standby"]),
    ("tcp_user_timeout", &["0", "100"]),
    ("tty", &["x"]),
    ("user", &["u", "u v"]),
];

/// Values that hardly any keyword takes.
const ODD: &[&str] = &[
    "on",
    "off",
    "yes",
    "Require",
    "1x",
    "x1",
    "1 x",
    "-1",
    "+1",
    " ",
    "0x10",
    "1e3",
    "65535",
    "65536",
    "99999999999",
    "a,b",
    ",",
    "'",
    "\\",
    "=",
    "%",
    "!",
    "!md5,md5",
    "md5,md5",
    "none,!none",
    "TLSv1.4",
    "SSLv3",
    "3.1",
    "4.0",
    "A===",
    "127.0.0.256",
    "1.2.3",
    "::g",
    "tlsv1.3 ",
    "\t1\n",
    "1\u{b}",
    "\u{e9}",
    "2147483648",
    "-2147483649",
    "'a",
    "a\\",
    "a\\'b",
    "",
];

/// A string of either form.
pub(super) fn string(dice: &mut Dice, odd: bool) -> String {
    let mut pairs = Vec::new();
    for _ in 0..=dice.below(5) {
        let (keyword, values) = PAIRS[dice.below(PAIRS.len())];
        let strange = odd && dice.once_in(6) || dice.once_in(30);
        let value = if strange { dice.pick(ODD) } else { dice.pick(values) };
        let keyword = match dice.below(200) {
            0 => keyword.to_uppercase(),
            1 => format!("{keyword}s"),
            2 => keyword.replace('_', "-"),
            _ => keyword.to_owned(),
        };
        pairs.push((keyword, value));
    }
    // What needs a host is looked at only where one is tried.
    if dice.once_in(3) {
        pairs.push(("host".to_owned(), dice.pick(&["/nonexistent", "127.0.0.1"])));
        pairs.push(("port".to_owned(), "1"));
    }
    if dice.once_in(3) { uri(dice, &pairs) } else { keywords(dice, &pairs) }
}

fn keywords(dice: &mut Dice, pairs: &[(String, &str)]) -> String {
    let mut text = dice.pick(&["", "", "", " ", "\n"]).to_owned();
    for (keyword, value) in pairs {
        let between = dice.pick(&["=", "=", "=", " = ", "= ", " =", "\t=\n"]);
        let escaped = value.replace('\\', "\\\\").replace('\'', "\\'");
        let plain = !value.is_empty() && !value.contains(|char: char| char.is_ascii_whitespace());
        let value = match dice.below(8) {
            0 => (*value).to_owned(),
            _ if plain && !dice.once_in(4) => escaped,
            _ => format!("'{escaped}'"),
        };
        text.push_str(keyword);
        text.push_str(between);
        text.push_str(&value);
        text.push_str(dice.pick(&[" ", " ", " ", "  ", "\n", "\t", "\u{c}"]));
    }
    if dice.once_in(2) { text.trim_end().to_owned() } else { text }
}

fn uri(dice: &mut Dice, pairs: &[(String, &str)]) -> String {
    let mut text =
        dice.pick(&["postgresql://", "postgresql://", "postgres://", "postgres:", "POSTGRESQL://"]).to_owned();
    text.push_str(dice.pick(&["", "", "", "u@", "u:p@", ":@", "u:@", "u%20v@", "u:p%4@", "u:p@q@"]));
    let hosts =
        ["127.0.0.1:1", "[::1]:1", "127.0.0.1", "%2Fnonexistent", "[::1]", ",127.0.0.1", "127.0.0.1:1,[::1]:2", ":1"];
    let odd =
        ["[::1", "127.0.0.1:x", "127.0.0.1:", "[]", "[::1]x", "%2", "127.0.0.1:0", "[127.0.0.1]:1", "127.0.0.1:1:2"];
    text.push_str(if dice.once_in(8) {
        dice.pick(&odd)
    } else if dice.once_in(4) {
        ""
    } else {
        dice.pick(&hosts)
    });
    let path =
        if dice.once_in(10) { dice.pick(&["/d/e", "/%zz", "/d%00"]) } else { dice.pick(&["", "/", "/d", "/d%20e"]) };
    text.push_str(path);
    for (at, (keyword, value)) in pairs.iter().enumerate() {
        text.push(if at == 0 { '?' } else { '&' });
        text.push_str(keyword);
        text.push('=');
        for char in value.chars() {
            let plain = char.is_ascii_alphanumeric() || "/:.,-_!".contains(char);
            if plain && !dice.once_in(30) || dice.once_in(20) {
                text.push(char);
            } else {
                for byte in char.encode_utf8(&mut [0; 4]).bytes() {
                    text.push_str(&format!("%{byte:02X}"));
                }
            }
        }
    }
    if dice.once_in(20) {
        text.push_str(dice.pick(&["&", "?", "&ssl=true", "&ssl=false", "&a", "&=b", "#x", " "]));
    }
    text
}

/// What a library says of a string.
pub(super) fn verdict(client: &Client, bytes: &[u8]) -> Result<Verdict> {
    if Client::is_swayed() {
        return Ok(Verdict::unknown("the environment has variables that libpq reads"));
    }
    Ok(match client.ask(&case::text(bytes))? {
        Said::Unread(message) => Verdict::refused(message),
        Said::Abroad => Verdict::unknown("might lead to another machine"),
        Said::Started(message) => match refusal(&message) {
            Some(Ok(message)) => Verdict::refused(message.to_owned()),
            Some(Err(why)) => Verdict::unknown(why),
            None => Verdict::default(),
        },
    })
}

/// The first line of a message that is about the string, or why there may be one that is not shown.
fn refusal(message: &str) -> Option<Result<&str, &'static str>> {
    let of_machine = [
        "Connection refused",
        "No such file",
        "unreachable",
        "Permission denied",
        "Cannot assign",
        "not supported by protocol",
    ];
    // Paths of sockets, which may have line breaks, and be too long for the system.
    let of_socket = |line: &str| {
        line.contains("/.s.PGSQL.")
            || line.starts_with("Unix-domain socket path ")
            || line.starts_with("connection to server on socket") && !line.contains("failed:")
    };
    let asides = ["Is the server running", "running locally", "accepting", "connections on", "TCP/IP", "Unix domain"];
    let mut lines = message.lines().filter(|line| {
        let line = line.trim();
        // Nothing is said yet of a connection that is under way.
        !line.is_empty()
            && !line.ends_with("failed:")
            && !of_socket(line)
            && !of_machine.iter().chain(&asides).any(|part| line.contains(part))
    });
    let line = lines.next()?;
    let why = [
        ("could not translate host name", "depends on name resolution"),
        ("GSSAPI support is not compiled", "the build lacks GSSAPI"),
    ];
    let why = why.iter().find(|(part, _)| line.contains(part));
    Some(why.map_or(Ok(line), |(_, why)| Err(*why)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_machine_refuses_is_no_refusal() {
        assert_eq!(
            refusal("could not connect to server: No such file or directory\n\tIs the server running locally\n"),
            None
        );
        assert_eq!(refusal("Unix-domain socket path \"/aaaa/.s.PGSQ\" is too long (maximum 107 bytes)\n"), None);
        let said = "connection to server at \"::1\", port 1 failed: invalid integer value \"x\"\n";
        assert_eq!(refusal(said), Some(Ok(said.trim_end())));
        assert!(matches!(refusal("could not translate host name \"x\""), Some(Err(_))));
    }
}
