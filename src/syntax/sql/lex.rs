//! Tokens of SQL as psql and the server see them (psqlscan.l, scan.l): linear, without recursion, on any bytes.
//!
//! Operators are single bytes, but for `::` and `:=`: nothing here depends on them. Keywords are words like any
//! other. What a string means is read by `string.rs`.

use memchr::{memchr, memchr2, memmem};

pub(crate) use crate::syntax::literal::HOLE;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Blanks and line ends.
    Space,
    /// `-- ...` or a nested `/* ... */`.
    Comment,
    /// A keyword or an unquoted identifier.
    Word,
    /// `"..."`.
    Quoted,
    /// `U&"..."`.
    UnicodeQuoted,
    /// `'...'`, also `N'...'`.
    Text,
    /// `E'...'`.
    EscapeText,
    /// `U&'...'`.
    UnicodeText,
    /// `B'...'` or `X'...'`.
    Bits,
    /// `$tag$...$tag$`.
    Dollar,
    /// A number.
    Number,
    /// `$1`.
    Param,
    /// `:x` of psql.
    Variable,
    /// `:'x'` of psql.
    VariableText,
    /// `:"x"` of psql.
    VariableName,
    /// `:{?x}` of psql.
    VariableTest,
    /// `::`.
    Cast,
    /// Any other byte.
    Byte(u8),
}

impl Kind {
    /// Whether the token is nothing but a gap between others.
    pub(crate) fn is_gap(self) -> bool {
        matches!(self, Self::Space | Self::Comment)
    }

    /// Whether it is a string constant of any form but bits.
    pub(crate) fn is_text(self) -> bool {
        matches!(self, Self::Text | Self::EscapeText | Self::UnicodeText | Self::Dollar | Self::VariableText)
    }
}

/// A token: its kind, its place in the text and whether its closing quote was there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) kind: Kind,
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) closed: bool,
}

impl Token {
    /// The token's bytes.
    pub(crate) fn of(self, text: &[u8]) -> &[u8] {
        text.get(self.start..self.end).unwrap_or_default()
    }
}

/// Whose rules hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// A script: `:x` is a variable.
    Psql,
    /// Text that psql does not look into: bodies and statements in strings.
    Server,
}

/// Whether a byte may start an identifier (scan.l `ident_start`).
pub(crate) fn starts_word(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_' || byte >= 0x80
}

/// Whether a byte may go on in an identifier (scan.l `ident_cont`).
pub(crate) fn in_word(byte: u8) -> bool {
    starts_word(byte) || byte.is_ascii_digit() || byte == b'$'
}

/// Whether a byte may stand in the name of a psql variable (psqlscan.l `variable_char`).
fn in_variable(byte: u8) -> bool {
    starts_word(byte) || byte.is_ascii_digit()
}

/// Whether a byte is blank to the scanner (scan.l `space`; `\v` counts from 16 on).
pub(crate) fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c)
}

fn run(text: &[u8], from: usize, test: impl Fn(u8) -> bool) -> usize {
    text.get(from..).unwrap_or_default().iter().position(|&byte| !test(byte)).map_or(text.len(), |count| from + count)
}

/// The token that starts at `start`, which lies inside the text. Always at least one byte long.
pub(crate) fn next(text: &[u8], start: usize, dialect: Dialect) -> Token {
    let at = |offset: usize| text.get(start + offset).copied();
    let token = |kind, end| Token { kind, start, end, closed: true };
    let Some(first) = at(0) else { return token(Kind::Space, start) };
    match first {
        _ if is_space(first) => token(Kind::Space, run(text, start, is_space)),
        b'-' if at(1) == Some(b'-') => {
            let rest = &text[start..];
            token(Kind::Comment, memchr2(b'\n', b'\r', rest).map_or(text.len(), |length| start + length))
        }
        b'/' if at(1) == Some(b'*') => comment(text, start),
        b'\'' => plain(text, start, start + 1, Kind::Text),
        b'"' => quoted(text, start, start + 1, Kind::Quoted),
        b'e' | b'E' if at(1) == Some(b'\'') => escaped(text, start),
        b'b' | b'B' | b'x' | b'X' if at(1) == Some(b'\'') => plain(text, start, start + 2, Kind::Bits),
        b'n' | b'N' if at(1) == Some(b'\'') => plain(text, start, start + 2, Kind::Text),
        b'u' | b'U' if at(1) == Some(b'&') && at(2) == Some(b'\'') => plain(text, start, start + 3, Kind::UnicodeText),
        b'u' | b'U' if at(1) == Some(b'&') && at(2) == Some(b'"') => {
            quoted(text, start, start + 3, Kind::UnicodeQuoted)
        }
        _ if starts_word(first) => token(Kind::Word, run(text, start, in_word)),
        b'$' => dollar(text, start),
        b'0'..=b'9' => token(Kind::Number, number(text, start)),
        b'.' if at(1).is_some_and(|byte| byte.is_ascii_digit()) => token(Kind::Number, number(text, start)),
        b':' => colon(text, start, dialect),
        _ => token(Kind::Byte(first), start + 1),
    }
}

/// A C comment; nesting is counted (scan.l `xcdepth`).
fn comment(text: &[u8], start: usize) -> Token {
    let mut depth = 1_usize;
    let mut at = start + 2;
    while let Some(skip) = text.get(at..).and_then(|rest| memchr2(b'*', b'/', rest)) {
        at += skip;
        match (text.get(at), text.get(at + 1)) {
            (Some(b'/'), Some(b'*')) => {
                depth += 1;
                at += 2;
            }
            (Some(b'*'), Some(b'/')) => {
                depth -= 1;
                at += 2;
                if depth == 0 {
                    return Token { kind: Kind::Comment, start, end: at, closed: true };
                }
            }
            _ => at += 1,
        }
    }
    Token { kind: Kind::Comment, start, end: text.len(), closed: false }
}

fn until_quote(text: &[u8], start: usize, mut at: usize, kind: Kind, quote: u8) -> Token {
    while let Some(skip) = text.get(at..).and_then(|rest| memchr(quote, rest)) {
        at += skip + 1;
        if text.get(at) != Some(&quote) {
            return Token { kind, start, end: at, closed: true };
        }
        at += 1;
    }
    Token { kind, start, end: text.len(), closed: false }
}

fn plain(text: &[u8], start: usize, inside: usize, kind: Kind) -> Token {
    until_quote(text, start, inside, kind, b'\'')
}

fn quoted(text: &[u8], start: usize, inside: usize, kind: Kind) -> Token {
    until_quote(text, start, inside, kind, b'"')
}

fn escaped(text: &[u8], start: usize) -> Token {
    let kind = Kind::EscapeText;
    let mut at = start + 2;
    while let Some(skip) = text.get(at..).and_then(|rest| memchr2(b'\'', b'\\', rest)) {
        at += skip + 1;
        let escape = text.get(at - 1) == Some(&b'\\');
        if escape || text.get(at) == Some(&b'\'') {
            at += 1;
        } else {
            return Token { kind, start, end: at, closed: true };
        }
    }
    Token { kind, start, end: text.len(), closed: false }
}

/// `$tag$...$tag$`, `$1` or a lone `$`.
fn dollar(text: &[u8], start: usize) -> Token {
    let token = |kind, end| Token { kind, start, end, closed: true };
    let after = text.get(start + 1).copied().unwrap_or_default();
    if after.is_ascii_digit() {
        return token(Kind::Param, run(text, start + 1, |byte| byte.is_ascii_digit()));
    }
    let tag_end = if starts_word(after) { run(text, start + 1, in_variable) } else { start + 1 };
    if text.get(tag_end) != Some(&b'$') {
        return token(Kind::Byte(b'$'), start + 1);
    }
    let inside = tag_end + 1;
    let tag = &text[start..inside];
    match memmem::find(&text[inside..], tag) {
        Some(length) => token(Kind::Dollar, inside + length + tag.len()),
        None => Token { kind: Kind::Dollar, start, end: text.len(), closed: false },
    }
}

/// Digits, one fraction, an exponent; letters that follow at once belong to it, as junk (scan.l `integer_junk`).
fn number(text: &[u8], start: usize) -> usize {
    let mut end = run(text, start, |byte| byte.is_ascii_digit() || byte == b'_');
    if text.get(end) == Some(&b'.') && text.get(end + 1) != Some(&b'.') {
        end = run(text, end + 1, |byte| byte.is_ascii_digit() || byte == b'_');
    }
    if matches!(text.get(end), Some(b'e' | b'E')) {
        let digits = if matches!(text.get(end + 1), Some(b'+' | b'-')) { end + 2 } else { end + 1 };
        if text.get(digits).is_some_and(u8::is_ascii_digit) {
            return run(text, digits, |byte| byte.is_ascii_digit());
        }
    }
    run(text, end, in_word)
}

fn colon(text: &[u8], start: usize, dialect: Dialect) -> Token {
    let token = |kind, end| Token { kind, start, end, closed: true };
    match text.get(start + 1).copied() {
        Some(b':') => return token(Kind::Cast, start + 2),
        _ if dialect == Dialect::Server => {}
        Some(quote @ (b'\'' | b'"')) => {
            let end = run(text, start + 2, in_variable);
            if end > start + 2 && text.get(end) == Some(&quote) {
                let kind = if quote == b'"' { Kind::VariableName } else { Kind::VariableText };
                return token(kind, end + 1);
            }
        }
        Some(b'{') if text.get(start + 2) == Some(&b'?') => {
            let end = run(text, start + 3, in_variable);
            if end > start + 3 && text.get(end) == Some(&b'}') {
                return token(Kind::VariableTest, end + 1);
            }
        }
        Some(byte) if in_variable(byte) => return token(Kind::Variable, run(text, start + 1, in_variable)),
        _ => {}
    }
    token(Kind::Byte(b':'), start + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<(Kind, &str)> {
        let mut at = 0;
        let mut tokens = Vec::new();
        while at < text.len() {
            let token = next(text.as_bytes(), at, Dialect::Psql);
            assert!(token.end > at);
            if !token.kind.is_gap() {
                tokens.push((token.kind, &text[token.start..token.end]));
            }
            at = token.end;
        }
        tokens
    }

    #[test]
    fn tokens() {
        use Kind::{
            Bits, Byte, Cast, Dollar, EscapeText, Number, Param, Quoted, Text, UnicodeQuoted, UnicodeText, Variable,
            VariableName, VariableTest, VariableText, Word,
        };
        let cases: &[(&str, &[(Kind, &str)])] = &[
            ("'a''b' E'a\\'b' U&'\\0041'", &[(Text, "'a''b'"), (EscapeText, "E'a\\'b'"), (UnicodeText, "U&'\\0041'")]),
            ("\"a\"\"b\" u&\"x\"", &[(Quoted, "\"a\"\"b\""), (UnicodeQuoted, "u&\"x\"")]),
            ("x'ff' n'a'", &[(Bits, "x'ff'"), (Text, "n'a'")]),
            ("$$a$b$$ $t$ $$ $t$", &[(Dollar, "$$a$b$$"), (Dollar, "$t$ $$ $t$")]),
            ("$1 a$1 $x", &[(Param, "$1"), (Word, "a$1"), (Byte(b'$'), "$"), (Word, "x")]),
            (
                "1.5e-3 .5 1..2 0x1f",
                &[
                    (Number, "1.5e-3"),
                    (Number, ".5"),
                    (Number, "1"),
                    (Byte(b'.'), "."),
                    (Number, ".2"),
                    (Number, "0x1f"),
                ],
            ),
            (
                "a::b :x :'x' :\"x\" :{?x} :=",
                &[
                    (Word, "a"),
                    (Cast, "::"),
                    (Word, "b"),
                    (Variable, ":x"),
                    (VariableText, ":'x'"),
                    (VariableName, ":\"x\""),
                    (VariableTest, ":{?x}"),
                    (Byte(b':'), ":"),
                    (Byte(b'='), "="),
                ],
            ),
            ("a--b\nc/*d/*e*/f*/g", &[(Word, "a"), (Word, "c"), (Word, "g")]),
            ("a-/*x*/-b", &[(Word, "a"), (Byte(b'-'), "-"), (Byte(b'-'), "-"), (Word, "b")]),
        ];
        for (text, expected) in cases {
            assert_eq!(kinds(text), *expected, "{text}");
        }
    }

    #[test]
    fn what_is_left_open_runs_to_the_end() {
        for text in ["'a", "\"a", "E'a\\'", "$a$ $b$", "/* /* */", "U&'a''"] {
            let token = next(text.as_bytes(), 0, Dialect::Psql);
            assert_eq!((token.end, token.closed), (text.len(), false), "{text}");
        }
    }
}
