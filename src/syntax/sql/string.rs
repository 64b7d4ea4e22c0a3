//! String constants and quoted names decoded (scan.l, parser.c `str_udeescape`), with the way back to the file.

use super::lex::{Kind, Token, is_space};
use super::mask::placeholder;
use crate::syntax::literal::{Builder, Literal};

/// What becomes of `%s`, `{}`, `$NAME` in a string.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Guess {
    /// They stand for themselves: the string is code, or a format.
    Never,
    /// A host language or a shell fills them in: they are holes.
    Placeholders,
}

/// Decodes string tokens that make one constant; `escape` is the character after UESCAPE.
pub(crate) fn decode(code: &Literal, tokens: &[Token], escape: u8, guess: Guess) -> Literal {
    let origin = tokens.first().map_or(0, |token| inside(code.text(), *token).0);
    let mut out = Literal::builder(code.file()).at(code.span(origin, origin).start as usize);
    for token in tokens {
        decode_token(code, *token, escape, guess, &mut out);
    }
    out.build()
}

/// The part of a token between its quotes.
fn inside(text: &[u8], token: Token) -> (usize, usize) {
    let bytes = token.of(text);
    let (before, after) = match token.kind {
        Kind::Dollar => {
            let tag = bytes.iter().skip(1).position(|&byte| byte == b'$').map_or(0, |length| length + 2);
            (tag, tag)
        }
        Kind::Text if !bytes.starts_with(b"'") => (2, 1),
        Kind::EscapeText | Kind::Bits => (2, 1),
        Kind::UnicodeText | Kind::UnicodeQuoted => (3, 1),
        Kind::Text | Kind::Quoted => (1, 1),
        _ => (0, 0),
    };
    let start = (token.start + before).min(token.end);
    let end = if token.closed { token.end.saturating_sub(after).max(start) } else { token.end };
    (start, end)
}

fn decode_token(code: &Literal, token: Token, escape: u8, guess: Guess, out: &mut Builder) {
    let text = code.text();
    let (mut at, end) = inside(text, token);
    let holes: Vec<_> = code.holes_in(token.start, token.end).collect();
    if holes.iter().any(|hole| hole.start <= token.start && hole.end >= token.end) {
        let span = code.span(token.start, token.end);
        out.hole(span.start as usize, span.end as usize);
        return;
    }
    let mut holes = holes.into_iter().peekable();
    while at < end {
        if let Some(hole) = holes.next_if(|hole| hole.start <= at) {
            let span = code.span(at, hole.end.min(end));
            out.hole(span.start as usize, span.end as usize);
            at = hole.end;
            continue;
        }
        if guess == Guess::Placeholders
            && let Some(length) = runtime_part(text, at, end)
        {
            let span = code.span(at, at + length);
            out.hole(span.start as usize, span.end as usize);
            at += length;
            continue;
        }
        let (bytes, length) = match token.kind {
            Kind::Dollar => (Decoded::one(text, at), 1),
            Kind::Quoted => doubled(text, at, b'"'),
            Kind::UnicodeQuoted => unicode(text, at, escape, b'"'),
            Kind::EscapeText => backslash(text, at, end),
            Kind::UnicodeText => unicode(text, at, escape, b'\''),
            _ => doubled(text, at, b'\''),
        };
        let span = code.span(at, at + length);
        out.push(bytes.as_slice(), span.start as usize, span.end as usize);
        at += length;
    }
}

/// The length of a placeholder of a host language at `at`, if one stands there.
fn runtime_part(text: &[u8], at: usize, end: usize) -> Option<usize> {
    let rest = text.get(at..end)?;
    match rest {
        [b'%', ..] => placeholder(text, at).filter(|&to| to <= end).map(|to| to - at),
        [b'$', first, ..] if first.is_ascii_uppercase() => {
            let name = rest
                .iter()
                .skip(1)
                .take_while(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || **byte == b'_');
            let length = name.count() + 1;
            let before = at.checked_sub(1).and_then(|index| text.get(index)).copied().unwrap_or(b' ');
            let after = rest.get(length).copied().unwrap_or(b' ');
            (length > 2 && !before.is_ascii_alphanumeric() && !after.is_ascii_alphanumeric()).then_some(length)
        }
        [b'{', b'}', ..] => Some(2),
        [b'{', first, ..] if first.is_ascii_alphanumeric() || *first == b'_' => {
            let name = rest.iter().skip(1).take(64).take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_');
            let length = name.count() + 1;
            (rest.get(length) == Some(&b'}')).then_some(length + 1)
        }
        _ => None,
    }
}

/// Up to four bytes.
struct Decoded([u8; 4], usize);

impl Decoded {
    fn byte(byte: u8) -> Self {
        Self([byte, 0, 0, 0], 1)
    }

    fn one(text: &[u8], at: usize) -> Self {
        Self::byte(text.get(at).copied().unwrap_or_default())
    }

    fn char(code: u32) -> Self {
        let mut buffer = [0; 4];
        let length = char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER).encode_utf8(&mut buffer).len();
        Self(buffer, length)
    }

    fn as_slice(&self) -> &[u8] {
        self.0.get(..self.1).unwrap_or_default()
    }
}

fn doubled(text: &[u8], at: usize, quote: u8) -> (Decoded, usize) {
    let double = text.get(at) == Some(&quote) && text.get(at + 1) == Some(&quote);
    (Decoded::one(text, at), if double { 2 } else { 1 })
}

fn digits(text: &[u8], at: usize, most: usize, radix: u32) -> (u32, usize) {
    let rest = text.get(at..).unwrap_or_default();
    rest.iter()
        .take(most)
        .map_while(|&byte| char::from(byte).to_digit(radix))
        .fold((0, 0), |(value, count), digit| (value.wrapping_mul(radix).wrapping_add(digit), count + 1))
}

/// One character of an E'' string (scan.l `xe`).
fn backslash(text: &[u8], at: usize, end: usize) -> (Decoded, usize) {
    if text.get(at) != Some(&b'\\') || at + 1 >= end {
        return doubled(text, at, b'\'');
    }
    let next = text.get(at + 1).copied().unwrap_or_default();
    let simple = |byte| (Decoded::byte(byte), 2);
    match next {
        b'b' => simple(8),
        b'f' => simple(12),
        b'n' => simple(b'\n'),
        b'r' => simple(b'\r'),
        b't' => simple(b'\t'),
        b'v' => simple(11),
        b'0'..=b'7' => {
            let (value, count) = digits(text, at + 1, 3, 8);
            (Decoded::byte(value as u8), 1 + count)
        }
        b'x' => match digits(text, at + 2, 2, 16) {
            (_, 0) => simple(b'x'),
            (value, count) => (Decoded::byte(value as u8), 2 + count),
        },
        b'u' | b'U' => code_point(text, at + 2, if next == b'u' { 4 } else { 8 })
            .map_or_else(|| simple(next), |(code, length)| (Decoded::char(code), 2 + length)),
        other => simple(other),
    }
}

/// Hexadecimal digits of a code point; a surrogate takes its partner along only within U&.
fn code_point(text: &[u8], at: usize, length: usize) -> Option<(u32, usize)> {
    let (value, count) = digits(text, at, length, 16);
    if count != length {
        return None;
    }
    if (0xd800..0xdc00).contains(&value) && text.get(at + length) == Some(&b'\\') {
        let (low, more) = digits(text, at + length + 2, 4, 16);
        if more == 4 && (0xdc00..0xe000).contains(&low) {
            return Some((0x10000 + ((value - 0xd800) << 10) + (low - 0xdc00), length + 6));
        }
    }
    Some((value, length))
}

/// One character of a U&'' string or U&"" name.
fn unicode(text: &[u8], at: usize, escape: u8, quote: u8) -> (Decoded, usize) {
    if text.get(at) != Some(&escape) {
        return doubled(text, at, quote);
    }
    match text.get(at + 1) {
        Some(byte) if *byte == escape => (Decoded::byte(escape), 2),
        Some(b'+') => match digits(text, at + 2, 6, 16) {
            (value, 6) => (Decoded::char(value), 8),
            _ => (Decoded::byte(escape), 1),
        },
        _ => match digits(text, at + 1, 4, 16) {
            (high @ 0xd800..=0xdbff, 4) if text.get(at + 5) == Some(&escape) => match digits(text, at + 6, 4, 16) {
                (low @ 0xdc00..=0xdfff, 4) => (Decoded::char(0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00)), 10),
                _ => (Decoded::char(high), 5),
            },
            (value, 4) => (Decoded::char(value), 5),
            _ => (Decoded::byte(escape), 1),
        },
    }
}

/// Whether the string `second` goes on with `first`: only blanks with a line end stand between them (scan.l
/// `quotecontinue`). Comments in between count as blanks there only if they are `--` comments.
pub(crate) fn goes_on(text: &[u8], first: Token, second: Token) -> bool {
    let continues = matches!(first.kind, Kind::Text | Kind::EscapeText | Kind::UnicodeText)
        && second.kind == Kind::Text
        && second.of(text).starts_with(b"'");
    let between = text.get(first.end..second.start).unwrap_or_default();
    continues
        && between.iter().any(|byte| matches!(byte, b'\n' | b'\r'))
        && between.first().is_some_and(|b| is_space(*b) || *b == b'-')
}

#[cfg(test)]
mod tests {
    use super::super::lex::{self, Dialect};
    use super::super::mask::Source;
    use super::*;
    use crate::source::FileId;

    fn read(text: &str) -> Literal {
        let code = Source::file(FileId(0), text.as_bytes()).code(0, text.len());
        let token = lex::next(code.text(), 0, Dialect::Psql);
        decode(&code, &[token], b'\\', Guess::Placeholders)
    }

    #[test]
    fn decodes_every_form() {
        for (text, expected) in [
            ("'a''b'", "a'b"),
            ("N'a'", "a"),
            ("E'a\\'\\n\\x41\\101\\u00e9\\U0001F600\\q'", "a'\nAAé😀q"),
            ("U&'d\\0061t\\+000061 \\\\ \\d83d\\de00'", "data \\ 😀"),
            ("$$a'b$$", "a'b"),
            ("$t$a$$b$t$", "a$$b"),
            ("\"a\"\"B\"", "a\"B"),
            ("'a\\n'", "a\\n"),
            ("'", ""),
            ("'host=${H} p=$PW %s {} {x} a%20b'", "host=\u{1a} p=\u{1a} \u{1a} \u{1a} \u{1a} a%20b"),
            (":'x'", "\u{1a}"),
        ] {
            assert_eq!(String::from_utf8_lossy(read(text).text()), expected, "{text}");
        }
    }

    #[test]
    fn places_go_back_through_escapes() {
        let literal = read("E'a\\'\\u00e9b'");
        assert_eq!(literal.text(), "a'éb".as_bytes());
        assert_eq!(literal.span(1, 2).range(), 3..5);
        assert_eq!(literal.span(2, 4).range(), 5..11);
        assert_eq!(literal.span(4, 5).range(), 11..12);
        assert_eq!(read("''").span(0, 0).range(), 1..1);
    }
}
