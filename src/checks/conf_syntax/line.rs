//! What is wrong with a line that is no entry, and how to write it.
//!
//! Works on bytes alone; the edit it proposes is a range of the line.

use crate::syntax::postgresql_conf::SyntaxError;

/// A line that is no entry.
pub(super) struct Line<'a> {
    /// From its first to its last byte that is no blank and no comment.
    text: &'a [u8],
    /// Where the lexer stopped.
    at: usize,
    error: SyntaxError,
}

/// What is said of a line; an edit is a range of the line and what to put there.
pub(super) struct Explained {
    pub(super) message: String,
    pub(super) label: &'static str,
    pub(super) help: String,
    pub(super) edit: Option<(usize, usize, String)>,
}

impl<'a> Line<'a> {
    pub(super) fn new(text: &'a [u8], at: usize, error: SyntaxError) -> Self {
        Self { text, at, error }
    }

    /// The name that the line starts with, if it starts with one.
    pub(super) fn name(&self) -> Option<&'a str> {
        let letter = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.');
        let end = self.text.iter().position(|byte| !letter(byte)).unwrap_or(self.text.len());
        let name = std::str::from_utf8(self.text.get(..end)?).ok()?;
        name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_').then_some(name)
    }

    /// The bytes up to the first blank or `=`.
    fn first_word(&self) -> String {
        let end =
            self.text.iter().position(|byte| byte.is_ascii_whitespace() || *byte == b'=').unwrap_or(self.text.len());
        let shown = self.text.iter().take(end.min(60)).copied().collect::<Vec<_>>();
        String::from_utf8_lossy(&shown).into_owned()
    }

    /// Where the value starts: after the name, blanks and one `=`.
    fn value_at(&self) -> Option<usize> {
        let after = self.name()?.len();
        let rest = self.text.get(after..)?;
        let blanks = rest.len() - rest.trim_ascii_start().len();
        let rest = rest.trim_ascii_start();
        let Some(value) = rest.strip_prefix(b"=") else { return (blanks > 0).then_some(after + blanks) };
        Some(after + blanks + 1 + value.len() - value.trim_ascii_start().len())
    }

    fn value(&self) -> &'a [u8] {
        self.value_at().and_then(|at| self.text.get(at..)).unwrap_or_default()
    }

    pub(super) fn explain(&self) -> Explained {
        let said = |message: String, label, help: &str| Explained { message, label, help: help.to_owned(), edit: None };
        let name = self.name().unwrap_or_default();
        let rest = self.text.get(self.at..).unwrap_or_default();
        match (self.error, rest) {
            _ if self.text.starts_with("\u{feff}".as_bytes()) => Explained {
                edit: Some((0, "\u{feff}".len(), String::new())),
                ..said(
                    "a byte order mark stands before the line".to_owned(),
                    "read as a name",
                    "save the file as UTF-8 without a byte order mark",
                )
            },
            (SyntaxError::Unterminated, _) => said(
                format!("a quote in the value of `{name}` is not closed on its line"),
                "opens here",
                "close the quote; a value cannot go on on the next line",
            ),
            (SyntaxError::MissingValue, _) => said(
                format!("`{name}` has no value"),
                "a value is missing",
                "write a value, `''` for an empty one, or remove the line",
            ),
            (SyntaxError::Name, [b';', ..]) => {
                said("`;` does not start a comment".to_owned(), "not a comment", "start comments with `#`")
            }
            (SyntaxError::Name, [b'/', b'/' | b'*', ..] | [b'-', b'-', ..]) => {
                said("a comment of another language".to_owned(), "not a comment", "start comments with `#`")
            }
            (SyntaxError::Name, [b'[', ..]) => said(
                "a section, as INI files have it; postgresql.conf has none".to_owned(),
                "no sections here",
                "remove the line",
            ),
            (SyntaxError::Name, [b'"' | b'\'', ..]) => {
                said("a name in quotes".to_owned(), "quotes", "write the name without quotes")
            }
            (SyntaxError::Name, _) if self.text.get(name.len()) == Some(&b':') && !name.is_empty() => Explained {
                edit: Some((name.len(), name.len() + 1, " =".to_owned())),
                ..said(format!("a `:` follows `{name}`, where `=` belongs"), "ends in `:`", "write `=`")
            },
            (SyntaxError::Name, _) if !name.is_empty() => said(
                format!("`{}` cannot be the name of a setting", self.first_word()),
                "no name",
                "names have letters, digits and `_`, and at most one dot",
            ),
            (SyntaxError::Name, _) => said(
                "the line does not start with the name of a setting".to_owned(),
                "no name",
                "remove the line, or start it with `#`",
            ),
            (SyntaxError::Value, [b'=', ..]) => Explained {
                edit: Some((self.at, self.at + 1, String::new())),
                ..said(format!("`{name}` has `=` twice"), "one too many", "write one `=`")
            },
            (SyntaxError::Value, [b':', b'=', ..]) => {
                said(format!("a `:=` follows `{name}`, where `=` belongs"), "no `:` here", "write `=`")
            }
            (SyntaxError::Value | SyntaxError::Trailing, _) => self.explain_value(name, rest),
        }
    }

    fn explain_value(&self, name: &str, rest: &[u8]) -> Explained {
        let value = self.value();
        let at = self.value_at().unwrap_or(self.at);
        let end = self.text.len();
        let quoted = value.starts_with(b"'");
        // A semicolon or comma at the end is a habit of other languages, and nothing is lost without it.
        if let (SyntaxError::Trailing, [b';' | b',']) = (self.error, rest) {
            let sign = if rest == b";" { ';' } else { ',' };
            return Explained {
                message: format!("a `{sign}` follows the value of `{name}`"),
                label: "ends nothing here",
                help: format!("remove the `{sign}`"),
                edit: Some((self.at, end, String::new())),
            };
        }
        if rest.starts_with(b"--")
            || rest.starts_with(b"//")
            || (rest.starts_with(b";") && self.error == SyntaxError::Trailing)
        {
            return Explained {
                message: format!("a comment of another language follows the value of `{name}`"),
                label: "not a comment",
                help: "start comments with `#`".to_owned(),
                edit: Some((self.at, self.at, "# ".to_owned())),
            };
        }
        if let Some(joined) = number_and_unit(value) {
            return Explained {
                message: format!("a blank parts the number and the unit of `{name}`"),
                label: "the value ends before this",
                help: format!("write `{joined}`"),
                edit: Some((at, end, joined)),
            };
        }
        let plain = !value.is_empty() && !value.contains(&b'\'') && !value.contains(&b'\\') && value.is_ascii();
        let double = value.len() > 1 && value.starts_with(b"\"") && value.ends_with(b"\"");
        let inner = if double { value.get(1..value.len() - 1).unwrap_or_default() } else { value };
        let quote = |text: &[u8]| plain.then(|| format!("'{}'", String::from_utf8_lossy(text)));
        let apart = self.at.checked_sub(1).and_then(|at| self.text.get(at)).is_some_and(u8::is_ascii_whitespace);
        let follows = quoted
            || (self.error == SyntaxError::Trailing && apart && rest.first().is_some_and(u8::is_ascii_alphanumeric));
        let message = match rest.first() {
            _ if follows => format!("something follows the value of `{name}`"),
            Some(b'"') if double => format!("the value of `{name}` is in double quotes"),
            Some(b',') => format!("the value of `{name}` is a list without quotes"),
            _ if is_word_with_dot(value) => format!("the value of `{name}` has a dot and no quotes"),
            _ => format!("the value of `{name}` needs quotes"),
        };
        // What looks like a second setting or a remark is not made part of the value.
        let words = inner.split(|byte| *byte == b' ').filter(|word| !word.is_empty()).count();
        let listed = inner.contains(&b',');
        let edit = (!quoted && (words == 1 || listed || double)).then(|| quote(inner)).flatten();
        let help = match (&edit, quoted) {
            (_, true) => "one line holds one setting; write a quote inside of quotes twice: `''`".to_owned(),
            (None, _) if follows => "one line holds one setting; put a value with blanks into single quotes".to_owned(),
            _ => "put the value into single quotes".to_owned(),
        };
        Explained { message, label: "the server stops here", help, edit: edit.map(|text| (at, end, text)) }
    }
}

/// `64 MB` joined: a number, blanks, and letters.
fn number_and_unit(value: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(value).ok()?;
    let (number, unit) = text.split_once([' ', '\t'])?;
    let unit = unit.trim_start();
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    let is_unit = (1..=3).contains(&unit.len()) && unit.bytes().all(|byte| byte.is_ascii_alphabetic());
    (is_number && is_unit).then(|| format!("{number}{unit}"))
}

/// `example.com`: two words and a dot, which the lexer takes for the name of a module's setting.
fn is_word_with_dot(value: &[u8]) -> bool {
    value.iter().filter(|byte| **byte == b'.').count() == 1
        && value.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_'))
}
