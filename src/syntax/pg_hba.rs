//! The parts of a pg_hba.conf entry that have a grammar of their own: `name=value` options and the comma lists of the
//! RADIUS and OAuth options.
//!
//! Lines and fields are those of [`crate::syntax::auth_file`]; which field is which depends on what the fields before
//! it mean, and is said in `model/hba`.

use crate::source::Span;
use crate::syntax::auth_file::{AuthFile, Token};

/// An option `name=value`, split.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Assignment<'t> {
    /// What stands before the first `=`.
    pub name: &'t [u8],
    /// What follows it.
    pub value: &'t [u8],
}

/// Splits an option at its first `=`.
#[must_use]
pub fn assignment<'t>(token: &'t Token<'_>) -> Option<Assignment<'t>> {
    let at = memchr::memchr(b'=', &token.text)?;
    Some(Assignment { name: token.text.get(..at)?, value: token.text.get(at + 1..)? })
}

/// The bytes of an option's name and value, quotes included, in the file that its token lies in.
#[must_use]
pub fn assignment_spans(file: &AuthFile<'_>, token: &Token<'_>) -> (Span, Span) {
    let raw = file.bytes().get(token.span.range()).unwrap_or_default();
    let at = memchr::memchr(b'=', raw).unwrap_or(raw.len());
    (token.span.slice(0, at), token.span.slice((at + 1).min(raw.len()), raw.len()))
}

/// Splits a comma list as `SplitGUCList` does: items may be in double quotes, blanks around them are dropped, and an
/// empty text is an empty list. `None` where the server calls it a syntax error.
#[must_use]
pub fn split_list(text: &[u8]) -> Option<Vec<Vec<u8>>> {
    let mut items = Vec::new();
    let mut rest = skip_blanks(text);
    if rest.is_empty() {
        return Some(items);
    }
    loop {
        let (item, after) = match rest {
            [b'"', inner @ ..] => quoted_item(inner)?,
            _ => {
                let length = rest.iter().take_while(|&&byte| byte != b',' && !is_blank(byte)).count();
                let (item, after) = rest.split_at_checked(length).filter(|(item, _)| !item.is_empty())?;
                (item.to_vec(), after)
            }
        };
        items.push(item);
        match skip_blanks(after) {
            [] => return Some(items),
            [b',', after @ ..] => rest = skip_blanks(after),
            _ => return None,
        }
    }
}

/// Splits a list of files as `SplitDirectoriesString` does: as [`split_list`], but unquoted items may hold blanks.
/// The caller compares names as they are; `canonicalize_path` is not done.
#[must_use]
pub fn split_files(text: &[u8]) -> Option<Vec<Vec<u8>>> {
    let mut items = Vec::new();
    let mut rest = skip_blanks(text);
    if rest.is_empty() {
        return Some(items);
    }
    loop {
        let (item, after) = match rest {
            [b'"', inner @ ..] => quoted_item(inner)?,
            _ => {
                let length = memchr::memchr(b',', rest).unwrap_or(rest.len());
                let (item, after) = rest.split_at_checked(length)?;
                let blanks = item.iter().rev().take_while(|&&byte| is_blank(byte)).count();
                let item = item.get(..item.len() - blanks).filter(|item| !item.is_empty())?;
                (item.to_vec(), after)
            }
        };
        items.push(item);
        match skip_blanks(after) {
            [] => return Some(items),
            [b',', after @ ..] => rest = skip_blanks(after),
            _ => return None,
        }
    }
}

/// The item up to its closing quote, doubled quotes made single, and what follows.
fn quoted_item(mut inner: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let mut item = Vec::new();
    loop {
        let end = memchr::memchr(b'"', inner)?;
        item.extend_from_slice(inner.get(..end)?);
        inner = inner.get(end + 1..)?;
        match inner {
            [b'"', after @ ..] => {
                item.push(b'"');
                inner = after;
            }
            _ => return Some((item, inner)),
        }
    }
}

/// `scanner_isspace`.
fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 11 | 12)
}

fn skip_blanks(text: &[u8]) -> &[u8] {
    let blanks = text.iter().take_while(|&&byte| is_blank(byte)).count();
    text.get(blanks..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Majors;
    use crate::source::FileId;
    use crate::syntax::auth_file;

    fn show(items: Option<Vec<Vec<u8>>>) -> Option<Vec<String>> {
        Some(items?.iter().map(|item| String::from_utf8_lossy(item).into_owned()).collect())
    }

    fn words(items: &[&str]) -> Option<Vec<String>> {
        Some(items.iter().map(|&item| item.to_owned()).collect())
    }

    #[test]
    fn lists_split_as_the_server_splits_them() {
        for (text, items) in [
            ("", words(&[])),
            ("  ", words(&[])),
            ("a", words(&["a"])),
            ("a, b ,c", words(&["a", "b", "c"])),
            ("\"a,b\",c", words(&["a,b", "c"])),
            ("\"a\"\"b\"", words(&["a\"b"])),
            ("\"\"", words(&[""])),
            ("a,", None),
            (",a", None),
            ("a b", None),
            ("\"a", None),
            ("\"a\"b", None),
        ] {
            assert_eq!(show(split_list(text.as_bytes())), items, "{text}");
        }
        assert_eq!(show(split_files(b"a b , c")), words(&["a b", "c"]));
        assert_eq!(show(split_files(b"a,,b")), None);
    }

    #[test]
    fn spans_of_names_and_values_hold_their_quotes() {
        let text = b"map=\"a b\" \"k=v\"";
        let file = auth_file::parse(FileId(0), text, Majors::ALL);
        let shown = file
            .line_tokens(&file.lines()[0])
            .iter()
            .map(|token| {
                let (name, value) = assignment_spans(&file, token);
                (&text[name.range()], &text[value.range()])
            })
            .collect::<Vec<_>>();
        assert_eq!(shown, [(&b"map"[..], &b"\"a b\""[..]), (b"\"k", b"v\"")]);
    }
}
