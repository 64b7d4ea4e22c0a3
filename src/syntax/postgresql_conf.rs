//! postgresql.conf, postgresql.auto.conf and recovery.conf: the lexer and line grammar of `guc-file.l`.
//!
//! The token rules are the same in 10 to 18. A token never spans lines, so every line stands alone. What a name or
//! value means is not known here; includes are ordinary entries.

use std::borrow::Cow;

use crate::source::{FileId, Span};
use crate::syntax::literal::Literal;
use crate::syntax::template;

/// A parsed file. Bytes outside of the entries are blanks, line ends and comments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfFile {
    /// The file.
    pub file: FileId,
    /// Every line that is neither blank nor a comment, in order.
    pub entries: Vec<Entry>,
}

/// A line with something on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// From the first to the last byte that is no blank and no comment.
    pub span: Span,
    /// The comment at the end of the line, from its `#` to the line's end.
    pub comment: Option<Span>,
    /// What it is.
    pub kind: EntryKind,
}

/// What a line is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EntryKind {
    /// `name = value` or `name value`.
    Setting {
        /// The name as written.
        name: Span,
        /// The value.
        value: Value,
    },
    /// A syntax error.
    Error {
        /// The offending token; empty, at the end of the line's text, where something is missing.
        at: Span,
        /// What is wrong.
        error: SyntaxError,
    },
    /// A line of a template language, or one that a template's expression keeps from being read.
    Template,
}

/// Why a line is no entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SyntaxError {
    /// The line does not start with a name.
    Name,
    /// The name is not followed by a value.
    MissingValue,
    /// What stands in the value's place is no value.
    Value,
    /// A quote that is not closed on its line.
    Unterminated,
    /// Something follows the value.
    Trailing,
}

/// A value as written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Value {
    /// With its quotes.
    pub span: Span,
    /// Whether it is in single quotes.
    pub quoted: bool,
    /// Whether a template's expression is in it, so that its text is not known.
    pub dynamic: bool,
}

impl Value {
    /// The text the server sees: without quotes and escapes. `bytes` are the file's.
    #[must_use]
    pub fn text<'a>(&self, bytes: &'a [u8]) -> Cow<'a, [u8]> {
        let raw = &bytes[self.span.range()];
        if !self.quoted {
            return Cow::Borrowed(raw);
        }
        let inner = &raw[1..raw.len() - 1];
        if memchr::memchr3(b'\\', b'\'', 0, inner).is_none() {
            return Cow::Borrowed(inner);
        }
        let mut text = Vec::with_capacity(inner.len());
        unescape(raw, |decoded, _, _| text.push(decoded));
        Cow::Owned(text)
    }

    /// The same text, each byte with its place in the file.
    #[must_use]
    pub fn literal(&self, bytes: &[u8]) -> Literal {
        let raw = &bytes[self.span.range()];
        let start = self.span.start as usize;
        let mut builder = Literal::builder(self.span.file).at(start + usize::from(self.quoted));
        if self.quoted {
            unescape(raw, |decoded, from, to| builder.push(&[decoded], start + from, start + to));
        } else {
            builder.push(raw, start, start + raw.len());
        }
        builder.build()
    }
}

/// What `DeescapeQuotedString` does with a quoted token: gives each decoded byte with the range it comes from.
fn unescape(raw: &[u8], mut push: impl FnMut(u8, usize, usize)) {
    // The server takes the token's length with strlen, so a NUL ends it, and the byte before the NUL is lost in
    // place of the closing quote.
    let end = memchr::memchr(0, raw).unwrap_or(raw.len()).saturating_sub(1);
    let mut at = 1;
    while at < end {
        let from = at;
        let decoded = match raw[at] {
            b'\\' if at + 1 < raw.len() => {
                at += 1;
                match raw[at] {
                    b'b' => 8,
                    b'f' => 12,
                    b'n' => b'\n',
                    b'r' => b'\r',
                    b't' => b'\t',
                    b'0'..=b'7' => {
                        let digits = raw[at..].iter().take(3).take_while(|byte| matches!(byte, b'0'..=b'7')).count();
                        let octal =
                            raw[at..at + digits].iter().fold(0u32, |sum, digit| sum * 8 + u32::from(digit - b'0'));
                        at += digits - 1;
                        octal as u8
                    }
                    other => other,
                }
            }
            b'\'' if raw.get(at + 1) == Some(&b'\'') => {
                at += 1;
                b'\''
            }
            other => other,
        };
        at += 1;
        if decoded == 0 {
            return;
        }
        push(decoded, from, at);
    }
}

/// Parses a file of any bytes.
#[must_use]
pub fn parse(file: FileId, bytes: &[u8]) -> ConfFile {
    let mut entries = Vec::new();
    let mut start = 0;
    while start < bytes.len() {
        let end = memchr::memchr(b'\n', &bytes[start..]).map_or(bytes.len(), |at| start + at);
        if let Some(entry) = line(file, bytes, start, end) {
            entries.push(entry);
        }
        start = end + 1;
    }
    ConfFile { file, entries }
}

/// The comments of a file, from their `#` to the line's end, in order. Made on demand: few runs need them.
pub fn comments(file: FileId, bytes: &[u8]) -> impl Iterator<Item = Span> {
    let mut start = 0;
    std::iter::from_fn(move || {
        while start < bytes.len() {
            let end = memchr::memchr(b'\n', &bytes[start..]).map_or(bytes.len(), |at| start + at);
            let mut lexer = Lexer { bytes, at: start, end };
            start = end + 1;
            loop {
                match lexer.next() {
                    (Token::End, from) if from < end => return Some(Span::new(file, from, end)),
                    (Token::End, _) => break,
                    _ => {}
                }
            }
        }
        None
    })
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token {
    Id,
    QualifiedId,
    String,
    UnquotedString,
    Number,
    Equals,
    Error,
    /// End of the line, or the comment that ends it.
    End,
}

fn line(file: FileId, bytes: &[u8], start: usize, end: usize) -> Option<Entry> {
    let mut lexer = Lexer { bytes, at: start, end };
    let (token, first) = lexer.next();
    if token == Token::End {
        return None;
    }
    let parsed = entry(file, &mut lexer, token, first);
    // Reading on from the fault, or standing at the end already, finds the comment.
    let mut last = trimmed(bytes, first, lexer.at);
    let hash = loop {
        match lexer.next() {
            (Token::End, from) => break from,
            _ => last = lexer.at,
        }
    };
    let comment = (hash < end).then(|| Span::new(file, hash, end));
    let kind = match parsed {
        EntryKind::Error { .. }
            if template::is_control_line(&bytes[start..end]) || template::is_dynamic(&bytes[first..last]) =>
        {
            EntryKind::Template
        }
        kind => kind,
    };
    Some(Entry { span: Span::new(file, first, last), comment, kind })
}

/// The entry that starts with the given token.
fn entry(file: FileId, lexer: &mut Lexer<'_>, token: Token, first: usize) -> EntryKind {
    let name = Span::new(file, first, lexer.at);
    if !matches!(token, Token::Id | Token::QualifiedId) {
        return fault(file, lexer, token, first, SyntaxError::Name);
    }
    let (mut token, mut from) = lexer.next();
    if token == Token::Equals {
        (token, from) = lexer.next();
    }
    match token {
        Token::End => {
            let at = trimmed(lexer.bytes, first, from);
            return EntryKind::Error { at: Span::new(file, at, at), error: SyntaxError::MissingValue };
        }
        Token::QualifiedId | Token::Equals | Token::Error => {
            return fault(file, lexer, token, from, SyntaxError::Value);
        }
        _ => {}
    }
    let span = Span::new(file, from, lexer.at);
    let value =
        Value { span, quoted: token == Token::String, dynamic: template::is_dynamic(&lexer.bytes[span.range()]) };
    match lexer.next() {
        (Token::End, _) => EntryKind::Setting { name, value },
        (token, from) => fault(file, lexer, token, from, SyntaxError::Trailing),
    }
}

fn fault(file: FileId, lexer: &Lexer<'_>, token: Token, from: usize, error: SyntaxError) -> EntryKind {
    let unterminated = token == Token::Error && lexer.bytes[from] == b'\'';
    // A character of several bytes is shown whole; each of its bytes is a letter, so it never stands alone.
    let error = if unterminated { SyntaxError::Unterminated } else { error };
    EntryKind::Error { at: Span::new(file, from, lexer.at), error }
}

/// The end of the text in `start..end` without the blanks before `end`.
fn trimmed(bytes: &[u8], start: usize, end: usize) -> usize {
    let is_blank = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\r');
    bytes[start..end].iter().rposition(|byte| !is_blank(byte)).map_or(start, |last| start + last + 1)
}

/// The token rules of `guc-file.l`: the longest match wins, then the earlier rule.
struct Lexer<'a> {
    bytes: &'a [u8],
    at: usize,
    end: usize,
}

impl Lexer<'_> {
    /// The next token and where it starts; it ends at `self.at`. At the line's end or a comment it does not move.
    fn next(&mut self) -> (Token, usize) {
        while self.at < self.end && matches!(self.bytes[self.at], b' ' | b'\t' | b'\r') {
            self.at += 1;
        }
        let start = self.at;
        let line = &self.bytes[start..self.end];
        let (token, length) = match line.first() {
            None | Some(b'#') => (Token::End, 0),
            Some(b'=') => (Token::Equals, 1),
            Some(b'\'') => string(line).map_or((Token::Error, 1), |length| (Token::String, length)),
            Some(&byte) if is_letter(byte) => word(line),
            Some(b'0'..=b'9' | b'+' | b'-' | b'.') => number(line),
            Some(_) => (Token::Error, 1),
        };
        self.at += length;
        (token, start)
    }
}

fn is_letter(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_' || byte >= 0x80
}

fn is_letter_or_digit(byte: u8) -> bool {
    is_letter(byte) || byte.is_ascii_digit()
}

fn run(line: &[u8], mut is_part: impl FnMut(u8) -> bool) -> usize {
    line.iter().position(|&byte| !is_part(byte)).unwrap_or(line.len())
}

/// ID, QUALIFIED_ID or UNQUOTED_STRING.
fn word(line: &[u8]) -> (Token, usize) {
    let id = run(line, is_letter_or_digit);
    let unquoted = run(line, |byte| is_letter_or_digit(byte) || matches!(byte, b'-' | b'.' | b'_' | b':' | b'/'));
    let qualified = match &line[id..] {
        [b'.', next, rest @ ..] if is_letter(*next) => id + 2 + run(rest, is_letter_or_digit),
        _ => 0,
    };
    if unquoted == id {
        (Token::Id, id)
    } else if unquoted == qualified {
        (Token::QualifiedId, qualified)
    } else {
        (Token::UnquotedString, unquoted)
    }
}

/// INTEGER or REAL; a sign without digits is an error.
fn number(line: &[u8]) -> (Token, usize) {
    let sign = usize::from(matches!(line[0], b'+' | b'-'));
    let rest = &line[sign..];
    let digits = run(rest, |byte| byte.is_ascii_digit());
    let letters = |from: usize| from + run(&rest[from..], |byte| byte.is_ascii_alphabetic());
    let mut integer = if digits > 0 { letters(digits) } else { 0 };
    if let [b'0', b'x', hex @ ..] = rest {
        let hex = run(hex, |byte| byte.is_ascii_hexdigit());
        if hex > 0 {
            integer = integer.max(letters(2 + hex));
        }
    }
    let mut real = 0;
    if rest.get(digits) == Some(&b'.') {
        real = digits + 1 + run(&rest[digits + 1..], |byte| byte.is_ascii_digit());
        if let [b'e' | b'E', exponent @ ..] = &rest[real..] {
            let sign = usize::from(matches!(exponent.first(), Some(b'+' | b'-')));
            let digits = run(&exponent[sign..], |byte| byte.is_ascii_digit());
            if digits > 0 {
                real += 1 + sign + digits;
            }
        }
    }
    match integer.max(real) {
        0 => (Token::Error, 1),
        length => (Token::Number, sign + length),
    }
}

/// The length of the quoted string that `line` starts with, if it ends on the line.
fn string(line: &[u8]) -> Option<usize> {
    let mut at = 1;
    loop {
        match *line.get(at)? {
            b'\\' => {
                line.get(at + 1)?;
                at += 2;
            }
            b'\'' if line.get(at + 1) == Some(&b'\'') => at += 2,
            b'\'' => return Some(at + 1),
            _ => at += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: FileId = FileId(0);

    /// `name=value` of a line, or the error and its text.
    fn read(line: &str) -> String {
        read_bytes(line.as_bytes())
    }

    fn read_bytes(bytes: &[u8]) -> String {
        let parsed = parse(FILE, bytes);
        let shown = parsed.entries.iter().map(|entry| match &entry.kind {
            EntryKind::Setting { name, value } => {
                let name = String::from_utf8_lossy(&bytes[name.range()]);
                format!("{name}={}", String::from_utf8_lossy(&value.text(bytes)))
            }
            EntryKind::Error { at, error } => format!("{error:?} {:?}", String::from_utf8_lossy(&bytes[at.range()])),
            EntryKind::Template => "template".to_owned(),
        });
        shown.collect::<Vec<_>>().join("; ")
    }

    #[test]
    fn accepts_what_the_server_accepts() {
        for (line, expected) in [
            ("port=5432", "port=5432"),
            ("port 5432", "port=5432"),
            ("\tport\t=\t5432#c", "port=5432"),
            ("wal_level = replica # c\r\n", "wal_level=replica"),
            ("my.custom = 1", "my.custom=1"),
            ("listen_addresses = www.example.com", "listen_addresses=www.example.com"),
            ("x = a/b:c-d", "x=a/b:c-d"),
            ("x = 127.0", "x=127.0"),
            ("x = 1.5e1", "x=1.5e1"),
            ("x = -5", "x=-5"),
            ("x = +0x1FkB", "x=+0x1FkB"),
            ("x = .", "x=."),
            ("x = 0x", "x=0x"),
            ("x = 'it''s'", "x=it's"),
            (r"x = 'a\'b\\\101\t'", "x=a'b\\A\t"),
            ("x = 'a # b' # c", "x=a # b"),
            ("x = ''", "x="),
            (r"x = '\0abc'", "x="),
            ("grün = 1", "grün=1"),
            ("x = \u{201c}a\u{201d}", "x=\u{201c}a\u{201d}"),
        ] {
            assert_eq!(read(line), expected, "{line}");
        }
    }

    #[test]
    fn refuses_what_the_server_refuses() {
        for (line, expected) in [
            ("x =", "MissingValue \"\""),
            ("x", "MissingValue \"\""),
            ("x  # c", "MissingValue \"\""),
            ("x = = 1", "Value \"=\""),
            ("x = 1 2", "Trailing \"2\""),
            ("x = 1;", "Trailing \";\""),
            ("x: 1", "Name \"x:\""),
            ("x = *", "Value \"*\""),
            ("x = a, b", "Trailing \",\""),
            ("x = /path", "Value \"/\""),
            ("x = \"x\"", "Value \"\\\"\""),
            ("x = %m", "Value \"%\""),
            ("x = 64 MB", "Trailing \"MB\""),
            ("x = - 1", "Value \"-\""),
            ("x = 1.5GB", "Trailing \"GB\""),
            ("x = 1e3", "Trailing \"3\""),
            ("x = example.com", "Value \"example.com\""),
            ("x = 127.0.0.1", "Trailing \".0\""),
            ("include nope.conf", "Value \"nope.conf\""),
            ("my.custom.x = 1", "Name \"my.custom.x\""),
            ("my-ext.foo = 1", "Name \"my-ext.foo\""),
            ("'port' = 1", "Name \"'port'\""),
            ("x = 'a", "Unterminated \"'\""),
            ("x = 'a\nb'", "Unterminated \"'\"; Unterminated \"'\""),
            (r"x = 'a\", "Unterminated \"'\""),
            ("; comment", "Name \";\""),
            ("x = 1\u{c}", "Trailing \"\\u{c}\""),
        ] {
            assert_eq!(read(line), expected, "{line}");
        }
    }

    #[test]
    fn bytes_that_are_no_text() {
        assert_eq!(read("\u{feff}port = 1"), "\u{feff}port=1");
        assert_eq!(read("\u{feff}# c"), "MissingValue \"\"");
        assert_eq!(read_bytes(b"# a\0b\nx = 1"), "x=1");
        assert_eq!(read_bytes(b"x\0 = 1"), "Value \"\\0\"");
        assert_eq!(read_bytes(b"x = 'ab\0cd'"), "x=a");
        assert_eq!(read_bytes(b"x = 1\ry = 2"), "Trailing \"y\"");
    }

    #[test]
    fn spans_and_comments() {
        let bytes = b"  ssl = on  # why\n#ssl = off\n\nx =   # c\n";
        let parsed = parse(FILE, bytes);
        assert_eq!(&bytes[parsed.entries[0].span.range()], b"ssl = on");
        assert_eq!(&bytes[parsed.entries[0].comment.unwrap().range()], b"# why");
        assert_eq!(&bytes[parsed.entries[1].span.range()], b"x =");
        let all = comments(FILE, bytes).map(|span| &bytes[span.range()]).collect::<Vec<_>>();
        assert_eq!(all, [&b"# why"[..], b"#ssl = off", b"# c"]);
    }

    #[test]
    fn literals_point_at_their_bytes() {
        let bytes = br"primary_conninfo = 'host=a password=''b\143'''";
        let EntryKind::Setting { value, .. } = &parse(FILE, bytes).entries[0].kind else { panic!("no setting") };
        let literal = value.literal(bytes);
        assert_eq!(literal.text(), b"host=a password='bc'");
        assert_eq!(literal.text(), &*value.text(bytes));
        assert_eq!(&bytes[literal.span(17, 19).range()], br"b\143");
    }

    #[test]
    fn template_lines_are_not_errors() {
        for line in ["{% if x %}", "<% if @x %>", "port = {{ port }}", "{{ x }} = 1", "x = ${X}"] {
            assert_eq!(read(line), "template", "{line}");
        }
        let bytes = b"x = '{{ x }}'";
        let EntryKind::Setting { value, .. } = &parse(FILE, bytes).entries[0].kind else { panic!("no setting") };
        assert!(value.dynamic);
    }
}
