//! The exec form of instructions: an array of strings in JSON.

use crate::extract::Draft;
use crate::extract::shell::Argument;
use crate::syntax::literal::Literal;

/// The strings of an array; `None` where the text is none, and so is a command for a shell.
pub(super) fn strings(text: &Literal) -> Option<Vec<Argument>> {
    let bytes = text.text();
    let trimmed = bytes.trim_ascii_start();
    if !trimmed.starts_with(b"[") {
        return None;
    }
    let mut at = bytes.len() - trimmed.len() + 1;
    let mut strings = Vec::new();
    loop {
        at += bytes[at..].iter().take_while(|byte| byte.is_ascii_whitespace() || b",\\".contains(byte)).count();
        match bytes.get(at)? {
            b']' => return Some(strings),
            b'"' => {
                let start = at + 1;
                let mut draft = Draft::new(text, start);
                at = start;
                loop {
                    let length = memchr::memchr2(b'"', b'\\', &bytes[at..])?;
                    draft.copy(at..at + length);
                    at += length;
                    if bytes[at] == b'"' {
                        break;
                    }
                    let (length, decoded) = escape(&bytes[at..])?;
                    draft.decoded(&decoded, at..at + length);
                    at += length;
                }
                strings.push(Argument::new(draft.build(), &bytes[start..at]));
                at += 1;
            }
            _ => return None,
        }
    }
}

/// The length of an escape, and what it stands for.
fn escape(bytes: &[u8]) -> Option<(usize, Vec<u8>)> {
    let one = |byte: u8| Some((2, vec![byte]));
    match bytes.get(1)? {
        b'n' => one(b'\n'),
        b't' => one(b'\t'),
        b'r' => one(b'\r'),
        b'b' => one(8),
        b'f' => one(12),
        b'u' => {
            let digits = std::str::from_utf8(bytes.get(2..6)?).ok()?;
            let character =
                char::from_u32(u32::from_str_radix(digits, 16).ok()?).unwrap_or(char::REPLACEMENT_CHARACTER);
            Some((6, character.to_string().into_bytes()))
        }
        &byte @ (b'"' | b'\\' | b'/') => one(byte),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{FileId, Span};

    #[test]
    fn arrays_of_strings() {
        let shown = |text: &str| {
            let host = Literal::plain(Span::new(FileId(0), 0, text.len()), text.as_bytes());
            let strings = strings(&host)?;
            Some(strings.iter().map(|word| String::from_utf8_lossy(word.text.text()).into_owned()).collect::<Vec<_>>())
        };
        assert_eq!(shown(r#" ["a", "b\"c\u0041\n"] "#).unwrap(), ["a", "b\"cA\n"]);
        assert_eq!(shown("[ \"a\", \\\n \"b\"]").unwrap(), ["a", "b"]);
        for text in ["postgres -c x", "[ -f x ] && y", "[\"a\"", "[\"\\q\"]", "['a']"] {
            assert_eq!(shown(text), None, "{text}");
        }
    }
}
