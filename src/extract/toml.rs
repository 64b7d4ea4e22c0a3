//! TOML: the same tree as YAML's, read by the same readers.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::tree::{Child, Form, Node, Scalar};
use super::{Draft, Found, manifest};
use crate::syntax::literal::Literal;

/// Tables in tables are followed this deep.
const DEEPEST: usize = 100;

pub(super) fn extract(text: &Literal, found: &mut Found<'_>) {
    let Ok(toml) = std::str::from_utf8(text.text()) else { return };
    let (table, _) = DeTable::parse_recoverable(toml);
    let root = Child::new(of_table(text, table.get_ref(), 0));
    manifest::read(&[root], false, found);
}

fn of_table(host: &Literal, table: &DeTable<'_>, depth: usize) -> Node {
    let mut entries = Vec::new();
    if depth < DEEPEST {
        for (key, value) in table {
            let name = scalar(host, key.span(), Some(key.get_ref()));
            entries.push((name, Child::new(of_value(host, value, depth + 1))));
        }
    }
    // Tables are kept in the order of their names; readers expect that of the file.
    entries.sort_by_key(|(name, _)| name.text.whole().start);
    Node::Map(entries)
}

fn of_value(host: &Literal, value: &Spanned<DeValue<'_>>, depth: usize) -> Node {
    match value.get_ref() {
        DeValue::Table(table) => of_table(host, table, depth),
        DeValue::Array(items) if depth < DEEPEST => {
            Node::List(items.iter().map(|item| Child::new(of_value(host, item, depth + 1))).collect())
        }
        DeValue::String(text) => Node::Scalar(scalar(host, value.span(), Some(text))),
        _ => Node::Scalar(scalar(host, value.span(), None)),
    }
}

/// A key or value that stands there; `decoded` is what it says if it is text.
fn scalar(host: &Literal, range: Range<usize>, decoded: Option<&str>) -> Scalar {
    let source = host.text().get(range.clone()).unwrap_or_default();
    let quoted = matches!(source.first(), Some(b'"' | b'\''));
    let text = match decoded {
        Some(text) if quoted => string(host, range.clone(), text),
        _ => Draft::of(host, range.clone()),
    };
    let triple = source.starts_with(b"\"\"\"") || source.starts_with(b"'''");
    let form = match (triple, quoted) {
        (true, _) => Form::Block,
        (false, true) => Form::Quoted,
        (false, false) => Form::Plain,
    };
    Scalar { text, form }
}

/// The text of a string, each part with its place, or all of it for all of the string.
fn string(host: &Literal, range: Range<usize>, value: &str) -> Literal {
    mapped(host, range.clone(), value).unwrap_or_else(|| {
        let mut draft = Draft::new(host, range.start);
        draft.decoded(value.as_bytes(), range);
        draft.build()
    })
}

fn mapped(host: &Literal, range: Range<usize>, value: &str) -> Option<Literal> {
    let all = host.text();
    let quote = *all.get(range.start)?;
    let source = all.get(range.clone())?;
    let triple = source.len() >= 6 && source.starts_with(&[quote; 3]);
    let marks = if triple { 3 } else { 1 };
    let (mut at, end) = (range.start + marks, range.end.checked_sub(marks)?);
    // The line break after the opening marks is not of the text.
    if triple {
        at += if all[at..].starts_with(b"\r\n") { 2 } else { usize::from(all[at..].starts_with(b"\n")) };
    }
    let mut draft = Draft::new(host, at);
    let mut read = 0;
    while at < end {
        let rest = all.get(at..end)?;
        let plain = if quote == b'"' { memchr::memchr(b'\\', rest).unwrap_or(rest.len()) } else { rest.len() };
        if value.as_bytes().get(read..read + plain)? != &rest[..plain] {
            return None;
        }
        draft.copy(at..at + plain);
        (at, read) = (at + plain, read + plain);
        if at == end {
            break;
        }
        let length = match rest.get(plain + 1)? {
            b'u' => 6,
            b'U' => 10,
            b'x' => 4,
            byte if byte.is_ascii_whitespace() => {
                at += 1 + rest[plain + 1..].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
                continue;
            }
            _ => 2,
        };
        let character = value.get(read..)?.chars().next()?.len_utf8();
        draft.decoded(value.as_bytes().get(read..read + character)?, at..at + length);
        (at, read) = (at + length, read + character);
    }
    (read == value.len()).then(|| draft.build())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{FileId, Span};

    /// The value of the only key, with the bytes behind each of its characters.
    fn value(toml: &str) -> Vec<(char, &str)> {
        let host = Literal::plain(Span::new(FileId(0), 0, toml.len()), toml.as_bytes());
        let (table, _) = DeTable::parse_recoverable(toml);
        let root = of_table(&host, table.get_ref(), 0);
        let scalar = root.scalar("k").unwrap();
        let text = std::str::from_utf8(scalar.text.text()).unwrap();
        text.char_indices().map(|(at, c)| (c, &toml[scalar.text.span(at, at + c.len_utf8()).range()])).collect()
    }

    #[test]
    fn strings_keep_the_places_of_their_characters() {
        assert_eq!(
            value(r#"k = "a\u00e9\n\"b""#),
            [('a', "a"), ('\u{e9}', r"\u00e9"), ('\n', r"\n"), ('"', r#"\""#), ('b', "b")]
        );
        assert_eq!(value(r"k = 'a\n'"), [('a', "a"), ('\\', "\\"), ('n', "n")]);
        assert_eq!(value("k = \"\"\"\na\\\n   b\"\"\"\n"), [('a', "a"), ('b', "b")]);
        assert_eq!(value("k = '''\na'b'''\n"), [('a', "a"), ('\'', "'"), ('b', "b")]);
        assert_eq!(value("k = 12\n"), [('1', "1"), ('2', "2")]);
    }
}
