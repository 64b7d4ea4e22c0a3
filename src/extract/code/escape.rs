//! Escapes in string literals, decoded to what the program sees.

use std::ops::Range;

use super::text::{Piece, Text};

/// What has a meaning between the quotes of a string.
#[derive(Debug, Clone, Copy)]
pub(super) struct Escapes {
    pub(super) backslash: Backslash,
    /// A sign that stands for itself where it is doubled: the quotes of C#'s verbatim strings.
    pub(super) doubled: &'static [u8],
    /// `$name` is computed, and the grammar does not say so.
    pub(super) dollar: bool,
}

/// What a backslash does.
#[derive(Debug, Clone, Copy)]
pub(super) enum Backslash {
    /// Nothing.
    Plain,
    /// It makes these signs plain, and itself.
    Only(&'static [u8]),
    /// All that the language has.
    Full(Rules),
}

/// The escapes of a language.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rules {
    /// Which of the letters `0abefnrstv` mean a control character.
    pub(super) letters: &'static [u8],
    /// `\101`.
    pub(super) octal: bool,
    /// How many digits `\x` takes at the least and at the most; none if the language has no such escape.
    pub(super) hex: (usize, usize),
    /// Whether `\x` names a byte, not a character.
    pub(super) bytes: bool,
    /// Whether a backslash stays before a letter that means nothing.
    pub(super) keeps: bool,
    /// Whether blanks that follow an escaped line break are dropped with it.
    pub(super) indent: bool,
}

impl Escapes {
    pub(super) const PLAIN: Self = Self { backslash: Backslash::Plain, doubled: b"", dollar: false };

    pub(super) const fn full(rules: Rules) -> Self {
        Self { backslash: Backslash::Full(rules), ..Self::PLAIN }
    }

    pub(super) const fn only(signs: &'static [u8]) -> Self {
        Self { backslash: Backslash::Only(signs), ..Self::PLAIN }
    }
}

/// Adds a part of a string to a text.
pub(super) fn decode(bytes: &[u8], range: Range<usize>, escapes: &Escapes, text: &mut Text<'_>) {
    let mut from = range.start;
    let mut at = range.start;
    while at < range.end {
        let rest = bytes.get(at..range.end).unwrap_or_default();
        let Some((piece, length)) = special(rest, at, escapes) else {
            at += 1;
            continue;
        };
        text.copy(from..at);
        text.pieces.push(piece);
        at += length;
        from = at;
    }
    text.copy(from..range.end);
}

/// What stands at the start of `rest` and does not stand for itself, with its length.
fn special(rest: &[u8], at: usize, escapes: &Escapes) -> Option<(Piece, usize)> {
    let decoded = |bytes: &[u8], length: usize| Some((Piece::Decoded(bytes.to_vec(), at..at + length), length));
    match *rest {
        [b'\\', next, ..] => match escapes.backslash {
            Backslash::Plain => None,
            Backslash::Only(signs) => {
                (next == b'\\' || signs.contains(&next)).then_some(())?;
                decoded(&[next], 2)
            }
            Backslash::Full(rules) => {
                let (bytes, length) = escape(rest, rules);
                decoded(&bytes, length)
            }
        },
        [first, second, ..] if first == second && escapes.doubled.contains(&first) => decoded(&[first], 2),
        [b'$', next, ..] if escapes.dollar && (next.is_ascii_alphabetic() || next == b'_') => {
            let name = rest.iter().skip(1).take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
            Some((Piece::Hole(at..at + 1 + name), 1 + name))
        }
        _ => None,
    }
}

/// What an escape stands for, and its length. `rest` starts with a backslash.
fn escape(rest: &[u8], rules: Rules) -> (Vec<u8>, usize) {
    let digits = |from: usize, most: usize, radix: u32| {
        let digits = rest.iter().skip(from).take(most).take_while(|byte| char::from(**byte).is_digit(radix)).count();
        let value = rest.get(from..from + digits).and_then(|digits| std::str::from_utf8(digits).ok());
        (value.and_then(|value| u32::from_str_radix(value, radix).ok()).unwrap_or_default(), digits)
    };
    let character = |code: u32| char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER).to_string().into_bytes();
    let Some(&letter) = rest.get(1) else { return (rest.to_vec(), rest.len()) };
    match letter {
        b'\n' | b'\r' => {
            let line = if rest.starts_with(b"\\\r\n") { 3 } else { 2 };
            let blanks = rest.iter().skip(line).take_while(|byte| rules.indent && byte.is_ascii_whitespace()).count();
            (Vec::new(), line + blanks)
        }
        b'x' if rules.hex.1 > 0 => match digits(2, rules.hex.1, 16) {
            (code, length) if length >= rules.hex.0 => {
                let byte = u8::try_from(code).ok().filter(|_| rules.bytes);
                (byte.map_or_else(|| character(code), |byte| vec![byte]), 2 + length)
            }
            _ => (b"\\x".to_vec(), 2),
        },
        b'u' | b'U' if rest.get(2) == Some(&b'{') => match digits(3, 8, 16) {
            (code, length @ 1..) if rest.get(3 + length) == Some(&b'}') => (character(code), 4 + length),
            _ => (vec![b'\\', letter], 2),
        },
        b'u' | b'U' => match (letter, digits(2, if letter == b'u' { 4 } else { 8 }, 16)) {
            (b'u', (code, 4)) => (character(code), 6),
            (b'U', (code, 8)) => (character(code), 10),
            _ => (vec![b'\\', letter], 2),
        },
        b'0'..=b'7' if rules.octal => {
            let (code, length) = digits(1, 3, 8);
            (u8::try_from(code).map_or_else(|_| character(code), |byte| vec![byte]), 1 + length)
        }
        _ if rules.letters.contains(&letter) => (vec![control(letter)], 2),
        b'\\' | b'\'' | b'"' | b'`' => (vec![letter], 2),
        _ if rules.keeps => (vec![b'\\', letter], 2),
        _ => (vec![letter], 2),
    }
}

fn control(letter: u8) -> u8 {
    match letter {
        b'0' => 0,
        b'a' => 7,
        b'b' => 8,
        b'e' => 0x1b,
        b'f' => 0x0c,
        b'n' => b'\n',
        b'r' => b'\r',
        b's' => b' ',
        b't' => b'\t',
        b'v' => 0x0b,
        other => other,
    }
}
