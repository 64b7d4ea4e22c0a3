//! Bytes that must not be shown, and the telling of a placeholder from a secret.
//!
//! A [`Secret`] has no way to print its content: `Debug` and `Display` give `****`. It does not wipe memory; its aim
//! is that no report, snippet, fix or panic message carries a password by accident.

use std::fmt;

use super::MASK;

/// A password or key. Shown as `****`, whatever it holds.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Secret(Vec<u8>);

impl Secret {
    /// Takes bytes that are not to be shown.
    #[must_use]
    pub fn new(bytes: impl Into<Vec<u8>>) -> Self {
        Self(bytes.into())
    }

    /// The bytes, for comparing and measuring. What this returns must not reach any output.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.0
    }

    /// Whether it is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether it stands for a secret rather than being one.
    #[must_use]
    pub fn is_placeholder(&self) -> bool {
        is_placeholder(&self.0)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(MASK)
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(MASK)
    }
}

/// Whether `text` stands for a secret that the reader is to fill in: nothing, `<password>`, `CHANGE_ME`, `xxxxxx`,
/// `${DB_PASSWORD}`, `%L` and the like.
///
/// A word that people do use as a password, such as `password` or `secret` in lower case, is none.
#[must_use]
pub fn is_placeholder(text: &[u8]) -> bool {
    let text = text.trim_ascii();
    let Some(&first) = text.first() else { return true };
    if text.iter().all(|&byte| byte == first) && matches!(first, b'x' | b'X' | b'*' | b'.' | b'?' | b'_' | b'-') {
        return text.len() >= 2 || matches!(first, b'*' | b'.' | b'?');
    }
    if text == "…".as_bytes() {
        return true;
    }
    bracketed(text) || variable(text) || words(text)
}

/// Text within a pair of brackets or markers: `<password>`, `[PASSWORD]`, `{{ x }}`, `__PASSWORD__`, `@PASSWORD@`.
fn bracketed(text: &[u8]) -> bool {
    const PAIRS: [(&[u8], &[u8]); 9] = [
        (b"<", b">"),
        (b"[", b"]"),
        (b"{", b"}"),
        (b"${", b"}"),
        (b"#{", b"}"),
        (b"$(", b")"),
        (b"@", b"@"),
        (b"__", b"__"),
        (b"%", b"%"),
    ];
    PAIRS
        .iter()
        .any(|(open, close)| text.len() > open.len() + close.len() && text.starts_with(open) && text.ends_with(close))
}

/// A variable of a shell, of psql, or a conversion of a formatting function: `$PASSWORD`, `:'password'`, `%s`, `%L`.
fn variable(text: &[u8]) -> bool {
    let word = |rest: &[u8]| !rest.is_empty() && rest.iter().all(|&byte| byte.is_ascii_alphanumeric() || byte == b'_');
    match text {
        [b'$', rest @ ..] => word(rest),
        [b'%', b's' | b'L' | b'I' | b'd'] => true,
        [b':', b'\'', rest @ .., b'\''] | [b':', b'"', rest @ .., b'"'] => word(rest),
        _ => false,
    }
}

/// Words that say "put the password here".
fn words(text: &[u8]) -> bool {
    const ANY_CASE: [&str; 20] = [
        "changeme",
        "changeit",
        "changethis",
        "changemeplease",
        "changethispassword",
        "changemenow",
        "pleasechangeme",
        "replaceme",
        "replacethis",
        "placeholder",
        "redacted",
        "removed",
        "hidden",
        "todo",
        "fixme",
        "tbd",
        "passwordhere",
        "putpasswordhere",
        "enterpassword",
        "insertpassword",
    ];
    if text.len() > 64 {
        return false;
    }
    let plain: String =
        text.iter().filter(|byte| byte.is_ascii_alphanumeric()).map(|byte| byte.to_ascii_lowercase() as char).collect();
    if ANY_CASE.contains(&plain.as_str()) {
        return true;
    }
    const NOUNS: [&str; 6] = ["password", "passwd", "pass", "pwd", "pw", "secret"];
    if ["your", "my", "insert", "enter", "replacewith", "yourdb", "changethe"].iter().any(|prefix| {
        plain.strip_prefix(prefix).is_some_and(|rest| {
            // `mypassword` is in use as a password; `my_password` is not.
            (*prefix != "my" || text.contains(&b'_') || text.contains(&b'-'))
                && NOUNS.iter().any(|noun| rest.contains(noun))
        })
    }) {
        return true;
    }
    // The name of the field in capitals, as in PASSWORD or DB_PASSWORD.
    let capitals = text.iter().all(|&byte| byte.is_ascii_uppercase() || byte == b'_' || byte == b'-');
    capitals && NOUNS.iter().any(|noun| plain.ends_with(noun))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_never_shows() {
        let secret = Secret::new("hunter2");
        assert_eq!(format!("{secret} {secret:?}"), "**** ****");
        assert_eq!(format!("{:?}", Some(&secret)), "Some(****)");
        assert_eq!(secret.expose(), b"hunter2");
    }

    #[test]
    fn placeholders() {
        for text in [
            "",
            " ",
            "<password>",
            "<pw>",
            "CHANGE_ME",
            "changeme",
            "ChangeMe",
            "change-me",
            "xxxxxx",
            "XXX",
            "your_password",
            "YOUR-PASSWORD",
            "yourpassword",
            "your_db_password",
            "your_secure_password_here",
            "[PASSWORD]",
            "...",
            "…",
            "PASSWORD",
            "DB_PASSWORD",
            "PASS",
            "***",
            "*",
            "${X}",
            "${DB_PASSWORD}",
            "$PASSWORD",
            "{{ pw }}",
            "#{pw}",
            "$(cat pw)",
            "%s",
            "%L",
            ":'src'",
            ":\"src\"",
            "@PASSWORD@",
            "__PASSWORD__",
            "%PASSWORD%",
            "replace-me",
            "REDACTED",
            "my_password",
        ] {
            assert!(is_placeholder(text.as_bytes()), "{text:?}");
        }
    }

    #[test]
    fn secrets() {
        for text in [
            "password",
            "postgres",
            "docker",
            "qwc_admin",
            "1",
            "x",
            "secret",
            "mypassword",
            "hunter2",
            "S3CRET",
            "$1$abc/def",
            "a<b>",
            "%sx",
            "pass",
            "repl",
            "PG",
            "-",
            ":'",
            "<",
            "[]x",
            "<>",
        ] {
            assert!(!is_placeholder(text.as_bytes()), "{text:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_judged(text in proptest::collection::vec(proptest::num::u8::ANY, 0..40)) {
            let _ = is_placeholder(&text);
        }
    }
}
