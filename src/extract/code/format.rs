//! Formats: text with places that a call fills in.

use std::ops::Range;

use super::text::{Piece, Text};

/// How the places look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// `%s`, `%[1]d`, `%(name)s`; `%%` is a percent sign.
    Percent,
    /// `{}`, `{0}`, `{name:>8}`; braces that are doubled are braces.
    Brace,
}

/// The text with holes where a format has its places.
pub(super) fn filled<'t>(text: Text<'t>, bytes: &[u8], style: Style) -> Text<'t> {
    let mut out = Text { pieces: Vec::new(), inner: text.inner };
    for piece in text.pieces {
        match piece {
            Piece::Copy(range) => places(bytes, range, style, &mut out.pieces),
            other => out.pieces.push(other),
        }
    }
    out
}

fn places(bytes: &[u8], range: Range<usize>, style: Style, out: &mut Vec<Piece>) {
    let copy = |range: Range<usize>, out: &mut Vec<Piece>| {
        if !range.is_empty() {
            out.push(Piece::Copy(range));
        }
    };
    let (mut from, mut at) = (range.start, range.start);
    while at < range.end {
        let rest = bytes.get(at..range.end).unwrap_or_default();
        let found = match (style, rest) {
            (Style::Percent, [b'%', b'%', ..]) | (Style::Brace, [b'{', b'{', ..] | [b'}', b'}', ..]) => {
                Some((Piece::Decoded(rest[..1].to_vec(), at..at + 2), 2))
            }
            (Style::Percent, [b'%', b'n', ..]) => Some((Piece::Decoded(b"\n".to_vec(), at..at + 2), 2)),
            (Style::Percent, [b'%', ..]) => verb(rest).map(|length| (Piece::Hole(at..at + length), length)),
            (Style::Brace, [b'{', ..]) => braces(rest).map(|length| (Piece::Hole(at..at + length), length)),
            _ => None,
        };
        let Some((piece, length)) = found else {
            at += 1;
            continue;
        };
        copy(from..at, out);
        out.push(piece);
        at += length;
        from = at;
    }
    copy(from..range.end, out);
}

/// The length of the verb of printf's kind at the start.
pub(super) fn verb(rest: &[u8]) -> Option<usize> {
    let named = match rest.get(1)? {
        b'(' => Some(b')'),
        b'<' => Some(b'>'),
        b'{' => Some(b'}'),
        _ => None,
    };
    let mut at = 1;
    if let Some(close) = named {
        at = rest.iter().take(80).position(|&byte| byte == close)? + 1;
        if close == b'}' {
            return Some(at);
        }
    }
    let flags = |byte: &&u8| byte.is_ascii_digit() || b"-+ #0*.$[]'".contains(byte);
    at += rest.iter().skip(at).take(16).take_while(flags).count();
    rest.get(at).filter(|byte| byte.is_ascii_alphabetic()).map(|_| at + 1)
}

/// The length of a place in braces at the start; braces may be nested in it.
fn braces(rest: &[u8]) -> Option<usize> {
    const LONGEST: usize = 200;
    let mut depth = 0_usize;
    for (at, byte) in rest.iter().enumerate().take(LONGEST) {
        match byte {
            b'{' => depth += 1,
            b'}' => depth -= 1,
            b'\n' => return None,
            _ => {}
        }
        if depth == 0 {
            return Some(at + 1);
        }
    }
    None
}
