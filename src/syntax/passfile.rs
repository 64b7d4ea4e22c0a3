//! The password file of libpq, `.pgpass`: `host:port:database:user:password` lines.
//!
//! The rules are those of `passwordFromFile` and `pwdfMatchesString` (interfaces/libpq/fe-connect.c), tried on the
//! libraries of all majors: the first byte `#` makes a comment, blanks are kept everywhere, a backslash makes the next
//! byte plain, `*` counts as a wildcard only when it is the whole field, the first line that matches wins even if its
//! password is empty, what follows another colon is not read, and lines have no limit in current minor releases.
//! Whether the file's permissions let libpq read it is not in its bytes.

use std::collections::HashMap;

use crate::secret::Secret;
use crate::source::{FileId, Span};
use crate::syntax::template;

/// A password file. Its lines cover every byte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passfile {
    /// The lines in order.
    pub lines: Vec<Line>,
}

/// A line with its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// All of it, line feed included.
    pub span: Span,
    /// What it is.
    pub content: Content,
}

/// What a line is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// Nothing.
    Blank,
    /// A comment, and where the password is if it is an entry turned off. libpq knows no comment after a blank.
    Comment(Option<Span>),
    /// An entry.
    Entry(Box<Entry>),
    /// A line of a template that stands for no or many entries.
    Template,
    /// A line that can match nothing.
    Broken(PassfileError, Span),
}

/// An entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The host name, or address, or directory of the socket; `localhost` for the default directory.
    pub host: Field,
    /// The port.
    pub port: Field,
    /// The database.
    pub database: Field,
    /// The user.
    pub user: Field,
    /// The password, without its escapes.
    pub password: Secret,
    /// Where the password is.
    pub password_span: Span,
    /// The password, or all of the line, is filled in by a program.
    pub dynamic: bool,
    /// What stands after a colon that ends the password; libpq does not read it. Likely a password whose colon lacks
    /// a backslash.
    pub rest: Option<Span>,
    /// A backslash in the password that stands before neither a colon nor another, and is dropped.
    pub dropped: Option<Span>,
    /// An earlier line, by its index, matches all that this one does.
    pub shadowed_by: Option<usize>,
}

/// One of the four fields that are matched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Without its escapes.
    pub text: Vec<u8>,
    /// The place.
    pub span: Span,
    /// It matches everything.
    pub wildcard: bool,
}

/// Why a line can match nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum PassfileError {
    /// There are fewer than five fields.
    #[error("the line has {0} of the five fields of a password file")]
    Fields(usize),
    /// A zero byte, at which libpq stops and joins the next line.
    #[error("a zero byte cuts the line")]
    Zero,
}

impl Passfile {
    /// Reads a password file.
    #[must_use]
    pub fn parse(file: FileId, bytes: &[u8]) -> Self {
        let mut lines = Vec::new();
        let mut start = 0;
        while start < bytes.len() {
            let rest = bytes.get(start..).unwrap_or_default();
            let end = memchr::memchr(b'\n', rest).map_or(bytes.len(), |at| start + at + 1);
            let line = bytes.get(start..end).unwrap_or_default();
            lines.push(Line { span: Span::new(file, start, end), content: content(file, start, line) });
            start = end;
        }
        let mut passfile = Self { lines };
        passfile.mark_shadowed();
        passfile
    }

    /// The entries in order.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.lines.iter().filter_map(|line| match &line.content {
            Content::Entry(entry) => Some(&**entry),
            _ => None,
        })
    }

    /// What must not be shown.
    pub fn secrets(&self) -> impl Iterator<Item = Span> + '_ {
        let entries = self.entries().flat_map(|entry| [Some(entry.password_span), entry.rest]).flatten();
        // A line with too few fields may well be a password on its own.
        let broken = self.lines.iter().filter_map(|line| match line.content {
            Content::Broken(_, span) => Some(span),
            _ => None,
        });
        // A commented-out entry has its password still.
        let comments = self.lines.iter().filter_map(|line| match line.content {
            Content::Comment(password) => password,
            _ => None,
        });
        entries.chain(broken).chain(comments).filter(|span| span.start < span.end)
    }

    /// Each entry is looked up under all ways of putting wildcards for its fields, which is what an earlier entry
    /// that covers it must look like.
    fn mark_shadowed(&mut self) {
        let mut seen: HashMap<[Option<Vec<u8>>; 4], usize> = HashMap::new();
        for (index, line) in self.lines.iter_mut().enumerate() {
            let Content::Entry(entry) = &mut line.content else { continue };
            let own = [&entry.host, &entry.port, &entry.database, &entry.user]
                .map(|field| (!field.wildcard).then(|| field.text.clone()));
            if entry.dynamic {
                continue;
            }
            let masks = (0u8..16).filter_map(|mask| {
                let mut key = own.clone();
                for (bit, field) in key.iter_mut().enumerate() {
                    if mask >> bit & 1 == 1 {
                        *field = None;
                    }
                }
                seen.get(&key).copied()
            });
            entry.shadowed_by = masks.min();
            seen.entry(own).or_insert(index);
        }
    }
}

impl Entry {
    /// Whether the line is for this connection.
    #[must_use]
    pub fn matches(&self, host: &[u8], port: &[u8], database: &[u8], user: &[u8]) -> bool {
        [(&self.host, host), (&self.port, port), (&self.database, database), (&self.user, user)]
            .into_iter()
            .all(|(field, wanted)| field.wildcard || field.text == wanted)
    }
}

fn content(file: FileId, start: usize, line: &[u8]) -> Content {
    // From 13 on every carriage return at the end goes, before only one; more than one is not worth telling apart.
    let text = line.strip_suffix(b"\n").unwrap_or(line);
    let text = text.get(..text.iter().rposition(|&byte| byte != b'\r').map_or(0, |last| last + 1)).unwrap_or_default();
    let span = |from: usize, to: usize| Span::new(file, start + from, start + to.max(from));
    if text.is_empty() {
        return Content::Blank;
    }
    if text.first() == Some(&b'#') && !text.starts_with(b"#{") {
        let password = colons(text).get(3).map(|&user| span(user + 1, text.len()));
        return Content::Comment(password);
    }
    let dynamic = template::is_dynamic(text);
    if text.contains(&0) {
        return Content::Broken(PassfileError::Zero, span(0, text.len()));
    }
    let mut ends = colons(text);
    if dynamic {
        ends = outside_of_holes(text, ends);
    }
    if let Some(extra) = ipv6(text, &ends) {
        // libpq matches byte by byte, so that the colons of an address that it looks for need no backslash.
        ends.drain(..extra);
    }
    let [host, port, database, user, ..] = ends[..] else {
        return if dynamic {
            Content::Template
        } else {
            Content::Broken(PassfileError::Fields(ends.len() + 1), span(0, text.len()))
        };
    };
    let field = |from: usize, to: usize| {
        let raw = text.get(from..to).unwrap_or_default();
        Field { text: unescape(raw), span: span(from, to), wildcard: raw == b"*" }
    };
    let end = ends.get(4).copied().unwrap_or(text.len());
    Content::Entry(Box::new(Entry {
        host: field(0, host),
        port: field(host + 1, port),
        database: field(port + 1, database),
        user: field(database + 1, user),
        password: Secret::new(unescape(text.get(user + 1..end).unwrap_or_default())),
        password_span: span(user + 1, end),
        dynamic,
        rest: (end < text.len()).then(|| span(end, text.len())),
        dropped: dropped(text.get(user + 1..end).unwrap_or_default()).map(|at| span(user + 1 + at, user + 2 + at)),
        shadowed_by: None,
    }))
}

/// The colons that no backslash stands before.
fn colons(text: &[u8]) -> Vec<usize> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(next) = text.get(at..).and_then(|rest| memchr::memchr2(b':', b'\\', rest)) {
        at += next;
        if text.get(at) == Some(&b'\\') {
            at += 2;
        } else {
            found.push(at);
            at += 1;
        }
    }
    found
}

fn outside_of_holes(text: &[u8], mut colons: Vec<usize>) -> Vec<usize> {
    let holes = super::conninfo::holes::find_markers(text);
    colons.retain(|&colon| {
        let next = holes.partition_point(|hole| hole.end <= colon);
        holes.get(next).is_none_or(|hole| colon < hole.start)
    });
    colons
}

/// How many colons belong to an IPv6 address at the start of the line, if more than five fields, an address and a
/// port after it say that there is one.
fn ipv6(text: &[u8], colons: &[usize]) -> Option<usize> {
    (2..=7.min(colons.len().saturating_sub(4))).rev().find(|&count| {
        let (Some(&end), Some(&port_end)) = (colons.get(count), colons.get(count + 1)) else { return false };
        let address = text.get(..end).and_then(|text| std::str::from_utf8(text).ok());
        let port = text.get(end + 1..port_end).unwrap_or_default();
        let is_port = port == b"*" || (!port.is_empty() && port.iter().all(u8::is_ascii_digit));
        is_port && address.is_some_and(|address| address.parse::<std::net::Ipv6Addr>().is_ok())
    })
}

/// The first backslash that makes a character plain which is so anyway.
fn dropped(raw: &[u8]) -> Option<usize> {
    let mut at = 0;
    while let Some(next) = raw.get(at..).and_then(|rest| memchr::memchr(b'\\', rest)) {
        at += next;
        match raw.get(at + 1) {
            None => return None,
            Some(b':' | b'\\') => at += 2,
            Some(_) => return Some(at),
        }
    }
    None
}

fn unescape(raw: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(raw.len());
    let mut bytes = raw.iter().copied();
    while let Some(byte) = bytes.next() {
        // A backslash at the very end stands for itself.
        out.push(if byte == b'\\' { bytes.next().unwrap_or(byte) } else { byte });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &[u8]) -> Passfile {
        Passfile::parse(FileId(0), text)
    }

    /// The password that libpq would find for host h, port 1, database d, user u.
    fn find(text: &[u8], host: &[u8]) -> Option<Vec<u8>> {
        let passfile = parse(text);
        let entry = passfile.entries().find(|entry| entry.matches(host, b"1", b"d", b"u"))?;
        Some(entry.password.expose().to_vec())
    }

    /// Tried with `passfile=` on the libraries of 10 to 18.
    #[test]
    fn finds_what_libpq_finds() {
        for (text, host, password) in [
            (&b"h:1:d:u:pw\n"[..], &b"h"[..], Some(&b"pw"[..])),
            (b" h:1:d:u:pw\n", b"h", None),
            (b"h:1:d:u: pw \n", b"h", Some(b" pw ")),
            (b"h:1:d:u:pw\r\n", b"h", Some(b"pw")),
            (b"h:1:d:u:p\\:w\\\\x\\y\n", b"h", Some(b"p:w\\xy")),
            (b"h:1:d:u:p:w\n", b"h", Some(b"p")),
            (b"h:1:d:u\n*:*:*:*:second\n", b"h", Some(b"second")),
            (b"h:1:d:u:\n*:*:*:*:second\n", b"h", Some(b"")),
            (b"*:*:*:*:a\n*:*:*:*:b\n", b"h", Some(b"a")),
            (b"\n\nh:1:d:u:pw\n", b"h", Some(b"pw")),
            (b"h*:1:d:u:pw\n", b"h", None),
            (b"h:1:d:u:pw\\", b"h", Some(b"pw\\")),
            (b"h:1:*x:u:pw\n", b"h", None),
            (b"\\h:1:d:u:pw\n", b"h", Some(b"pw")),
            (b"h:1:d:u:p#w\n", b"h", Some(b"p#w")),
            (b"# h:1:d:u:pw\nh:1:d:u:pw\n", b"h", Some(b"pw")),
            (b"\xef\xbb\xbfh:1:d:u:pw\nh:1:d:u:p2\n", b"h", Some(b"p2")),
            (b"h:1:d:u:pw\\\r\n", b"h", Some(b"pw\\")),
            (b"#h:1:d:u:pw\n", b"#h", None),
            (b"\\#h:1:d:u:pw\n", b"#h", Some(b"pw")),
            (b"\\*:1:d:u:pw\n", b"*", Some(b"pw")),
            (b"\\*:1:d:u:pw\n", b"h", None),
            (b"a\\:b:1:d:u:pw\n", b"a:b", Some(b"pw")),
            (b"::1:1:d:u:pw\n", b"::1", Some(b"pw")),
            (b"h:1:d:u:pw", b"h", Some(b"pw")),
        ] {
            assert_eq!(find(text, host).as_deref(), password, "{}", String::from_utf8_lossy(text));
        }
        let long = [b"h:1:d:u:".as_slice(), &[b'a'; 5000]].concat();
        assert_eq!(find(&long, b"h").map(|password| password.len()), Some(5000));
    }

    #[test]
    fn finds_backslashes_that_are_dropped() {
        for (raw, at) in [
            (&b"a\\b"[..], Some(1)),
            (b"a\\:b", None),
            (b"a\\\\b", None),
            (b"a\\\\\\b", Some(3)),
            (b"ab\\", None),
            (b"", None),
        ] {
            assert_eq!(dropped(raw), at, "{}", String::from_utf8_lossy(raw));
        }
    }

    #[test]
    fn errors_shadows_and_secrets() {
        let text =
            b"# c\n*:*:app:*:one\nh:1:app:u:two\nh:1:d\nh:1:d:u:a:b\n{% for x in y %}\n{{ h }}:1:d:u:{{ p:q }}\n";
        let passfile = parse(text);
        let shown: Vec<String> = passfile
            .lines
            .iter()
            .map(|line| match &line.content {
                Content::Entry(entry) => {
                    format!("entry {:?} {:?} {}", entry.shadowed_by, entry.rest.is_some(), entry.dynamic)
                }
                Content::Broken(error, _) => error.to_string(),
                other => format!("{other:?}"),
            })
            .collect();
        assert_eq!(
            shown,
            [
                "Comment(None)",
                "entry None false false",
                "entry Some(1) false false",
                "the line has 3 of the five fields of a password file",
                "entry None true false",
                "Template",
                "entry None false true",
            ]
        );
        let secrets: Vec<&[u8]> = passfile.secrets().map(|span| &text[span.range()]).collect();
        assert_eq!(secrets, [&b"one"[..], b"two", b"a", b":b", b"{{ p:q }}", b"h:1:d"]);
        let text = b"#h:1:d:u:old\n";
        let secrets: Vec<&[u8]> = parse(text).secrets().map(|span| &text[span.range()]).collect();
        assert_eq!(secrets, [b"old"]);
        assert!(!format!("{passfile:?}").contains("[111, 110, 101]"));
    }
}
