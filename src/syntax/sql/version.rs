//! What a script says of the server's version: comments and paths that name releases, bodies that ask for it.
//!
//! Collections of queries keep variants for several releases. What is found here only ever keeps a rule silent, so a
//! number that looks like a release is taken for one.

use super::lex::{self, Dialect, Kind};

/// Words after which a number is a release.
const BEFORE: [&[u8]; 16] = [
    b"pg",
    b"postgres",
    b"postgresql",
    b"version",
    b"versions",
    b"release",
    b"releases",
    b"major",
    b"v",
    b"before",
    b"since",
    b"until",
    b"from",
    b"to",
    b"and",
    b"or",
];

/// What a body says that looks before it runs a query, or bears that one is refused.
const GUARDS: [&[u8]; 8] = [
    b"server_version",
    b"version()",
    b"to_reg",
    b"pg_proc",
    b"pg_attribute",
    b"information_schema",
    b"undefined_",
    b"exception when",
];

/// Whether a text asks what the server has.
pub(crate) fn is_guarded(text: &[u8]) -> bool {
    let lower = text.to_ascii_lowercase();
    GUARDS.iter().any(|guard| memchr::memmem::find(&lower, guard).is_some())
}

/// The majors that the comments of a piece of script name; 9 stands for every release before 10.
pub(crate) fn of_comments(text: &[u8]) -> Vec<u8> {
    let mut majors = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let token = lex::next(text, at, Dialect::Psql);
        if token.kind == Kind::Comment {
            majors.extend(of_prose(token.of(text)));
        }
        at = token.end;
    }
    majors
}

/// The majors that a path names: `13.sql`, `pg13/`, `v9.6`, `queries_17.sql`; not `10_roles.sql`, which counts files.
pub(crate) fn of_path(path: &str) -> Vec<u8> {
    let part = |part: &str| {
        let stem = part.strip_suffix(".sql").unwrap_or(part);
        let start = stem.rfind(|byte: char| !byte.is_ascii_digit() && byte != '.').map_or(0, |at| at + 1);
        major(stem.get(start..)?.trim_matches('.').as_bytes())
    };
    path.split(['/', '\\']).filter_map(part).collect()
}

fn of_prose(comment: &[u8]) -> Vec<u8> {
    let mut majors = Vec::new();
    let mut last: &[u8] = b"";
    let mut compared = false;
    let mut at = 0;
    while let Some(&byte) = comment.get(at) {
        let length = run(comment, at, |byte| byte.is_ascii_alphanumeric() || byte == b'.');
        if length == 0 {
            compared = matches!(byte, b'<' | b'>' | b'=') || compared && byte == b' ';
            at += 1;
            continue;
        }
        let word = comment.get(at..at + length).unwrap_or_default();
        let digits = word.iter().position(u8::is_ascii_digit).unwrap_or(word.len());
        let (letters, number) = word.split_at(digits);
        let letters = letters.to_ascii_lowercase();
        let open = comment.get(at + length) == Some(&b'+');
        let before = if letters.is_empty() { last.to_ascii_lowercase() } else { letters };
        if let Some(major) = major(trim_dot(number)).filter(|&major| {
            major == 9
                || compared
                || open
                || BEFORE.contains(&before.as_slice())
                || before.is_empty() && last.is_empty()
        }) {
            majors.push(major);
        }
        (last, compared) = (word, false);
        at += length;
    }
    majors
}

fn trim_dot(number: &[u8]) -> &[u8] {
    number.strip_suffix(b".").unwrap_or(number)
}

/// `13`, `13.4`, `9.6`; not `9`, which is any number.
fn major(number: &[u8]) -> Option<u8> {
    let mut parts = std::str::from_utf8(number).ok()?.split('.');
    let first: u8 = parts.next()?.parse().ok()?;
    let second = parts.next();
    if number.starts_with(b"0") {
        return None;
    }
    if second.is_some_and(|minor| minor.parse::<u8>().is_err()) {
        return None;
    }
    match first {
        10..=19 => Some(first),
        7..=9 => second.map(|_| 9),
        _ => None,
    }
}

fn run(text: &[u8], from: usize, test: impl Fn(u8) -> bool) -> usize {
    text.get(from..).unwrap_or_default().iter().take_while(|byte| test(**byte)).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_name_releases() {
        for (text, expected) in [
            ("-- PG 12 and earlier", &[12][..]),
            ("-- PostgreSQL < 13", &[13]),
            ("-- postgres 9.6 to 12", &[9, 12]),
            ("/* v14+ */ select 15", &[14]),
            ("-- pg13", &[13]),
            ("--pg_version: 9.2", &[9]),
            ("-- >= 17", &[17]),
            ("-- 16+", &[16]),
            ("-- 11", &[11]),
            ("-- the 12 longest queries", &[]),
            ("-- top 10", &[]),
            ("select 12 /* of 3 */ -- pg", &[]),
        ] {
            assert_eq!(of_comments(text.as_bytes()), expected, "{text}");
        }
    }

    #[test]
    fn paths_name_releases() {
        for (path, expected) in [
            ("metrics/bgwriter/9.0/metric.sql", &[9][..]),
            ("sql/13.sql", &[13]),
            ("queries_pg17.sql", &[17]),
            ("pg-16/activity.sql", &[16]),
            ("10_roles.sql", &[]),
            ("migrations/0012.sql", &[]),
            ("20240117.sql", &[]),
        ] {
            assert_eq!(of_path(path), expected, "{path}");
        }
    }
}
