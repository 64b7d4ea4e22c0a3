//! What a text is that no name and no label tells: SQL, access rows, settings, or nothing of PostgreSQL's.

use crate::catalog;
use crate::discover::{Kind, by_content};
use crate::load::Include;

/// The kind of a block of text, by its lines. `None` where it is of no kind, or where that cannot be told.
pub(crate) fn kind_of(text: &[u8]) -> Option<Kind> {
    if is_sql(text) {
        return Some(Kind::Sql);
    }
    if let Some(kind) = by_content(text) {
        return Some(kind);
    }
    let mut lines = text.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii);
    let active = |line: &&[u8]| !line.is_empty() && !line.starts_with(b"#");
    let mut active = lines.by_ref().filter(active).peekable();
    (active.peek().is_some() && active.all(is_setting)).then_some(Kind::PostgresqlConf)
}

/// What statements make, change and remove.
const OBJECTS: &[&str] = &[
    "subscription",
    "publication",
    "role",
    "user",
    "group",
    "database",
    "schema",
    "table",
    "server",
    "extension",
    "policy",
    "function",
    "procedure",
    "sequence",
    "index",
    "view",
    "type",
];

/// Whether the text starts as a statement of SQL does, after comments: with a verb in one case and a word that fits it.
pub(crate) fn is_sql(text: &[u8]) -> bool {
    const STARTS: &[(&str, &[&[&str]])] = &[
        (
            "create",
            &[
                OBJECTS,
                &[
                    "or",
                    "unique",
                    "materialized",
                    "trigger",
                    "unlogged",
                    "temp",
                    "temporary",
                    "tablespace",
                    "foreign",
                    "event",
                ],
            ],
        ),
        ("alter", &[OBJECTS, &["system", "default"]]),
        ("drop", &[OBJECTS, &["owned"]]),
        ("grant", &[]),
        ("revoke", &[]),
        ("select", &[]),
        ("with", &[]),
        ("insert", &[&["into"]]),
        ("update", &[]),
        ("delete", &[&["from"]]),
        ("do", &[]),
        ("begin", &[]),
        ("start", &[&["transaction"]]),
        ("set", &[]),
        ("reset", &[]),
        ("show", &[]),
        ("comment", &[&["on"]]),
        ("copy", &[]),
        ("call", &[]),
        ("explain", &[]),
        ("checkpoint", &[]),
        ("vacuum", &[]),
        ("analyze", &[]),
        ("reassign", &[&["owned"]]),
        ("security", &[&["label"]]),
    ];
    let text = after_comments(text);
    let word = |text: &[u8]| text.iter().take_while(|byte| byte.is_ascii_alphabetic() || **byte == b'_').count();
    let length = word(text);
    let (first, rest) = text.split_at(length);
    let one_case = first.iter().all(u8::is_ascii_uppercase) || first.iter().all(u8::is_ascii_lowercase);
    let blank = rest.first().is_none_or(|byte| byte.is_ascii_whitespace() || matches!(byte, b';' | b'(' | b'$'));
    let rest = rest.trim_ascii_start();
    let next = &rest[..word(rest)];
    one_case
        && blank
        && STARTS.iter().any(|(verb, objects)| {
            first.eq_ignore_ascii_case(verb.as_bytes())
                && (objects.is_empty()
                    || objects.iter().copied().flatten().any(|object| next.eq_ignore_ascii_case(object.as_bytes())))
        })
}

fn after_comments(mut text: &[u8]) -> &[u8] {
    loop {
        text = text.trim_ascii_start();
        let end = if text.starts_with(b"--") {
            memchr::memchr(b'\n', text)
        } else if text.starts_with(b"/*") {
            memchr::memmem::find(text, b"*/").map(|end| end + 2)
        } else if text.starts_with(b"\\") {
            memchr::memchr(b'\n', text)
        } else {
            return text;
        };
        let Some(end) = end else { return &[] };
        text = &text[end..];
    }
}

/// Whether the line gives a value to a setting that some major knows, or includes a file.
pub(crate) fn is_setting(line: &[u8]) -> bool {
    let part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.');
    let name = &line[..line.iter().take_while(|byte| part(byte)).count()];
    let after = line[name.len()..].trim_ascii_start();
    let known = std::str::from_utf8(name).is_ok_and(|name| catalog::setting(name).is_some());
    after.starts_with(b"=") && !after.starts_with(b"==") && known
        || Include::of(name).is_some() && after.starts_with(b"'")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_kinds_apart() {
        for (text, kind) in [
            ("CREATE SUBSCRIPTION s CONNECTION '' PUBLICATION p;", Some(Kind::Sql)),
            ("-- on the publisher\nselect 1;", Some(Kind::Sql)),
            ("\\c app\nGRANT x TO y;", Some(Kind::Sql)),
            ("wal_level = logical", Some(Kind::PostgresqlConf)),
            ("# x\nwal_level = logical\nmax_wal_senders=10 # y\n", Some(Kind::PostgresqlConf)),
            ("host all all 10.0.0.0/8 md5\n", Some(Kind::PgHba)),
            ("wal_level = logical\nmy_thing = 3\n", None),
            ("Create subscription plans for billing", None),
            ("created", None),
            ("pip install psycopg", None),
            ("", None),
        ] {
            assert_eq!(kind_of(text.as_bytes()), kind, "{text}");
        }
    }
}
