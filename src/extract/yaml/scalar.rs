//! Scalars: the value that the parser read, laid beside the bytes that it was read from.
//!
//! The value is always the parser's. Where each of its bytes stands is worked out here, by walking through both; where
//! the two do not go together, all of the value stands for all of the bytes.

use std::ops::Range;

use granit_parser::ScalarStyle;

use super::mask::Masked;
use crate::extract::Draft;
use crate::syntax::literal::Literal;

/// A part of a value: what it is, and the bytes it stands for.
#[derive(Debug, PartialEq)]
enum Piece<'a> {
    Copied(Range<usize>),
    Decoded(&'a [u8], Range<usize>),
}

/// The text of a scalar of the host, of which `masked` is the covered form; `range` is where the parser saw it.
pub(super) fn read(host: &Literal, masked: &Masked, range: Range<usize>, value: &str, style: ScalarStyle) -> Literal {
    let source = masked.text.as_bytes();
    let mut draft = Draft::new(host, range.start);
    let mut covered = None;
    match pieces(source, range.clone(), value, style) {
        Some(pieces) => {
            for piece in pieces {
                match piece {
                    Piece::Copied(part) => copy(&mut draft, masked, part, &mut covered),
                    Piece::Decoded(text, part) => draft.decoded(text, part),
                }
            }
        }
        None if !value.is_empty() && tags_in(masked, &range).next().is_some() => draft.hole(range),
        None if !value.is_empty() => draft.decoded(value.as_bytes(), range),
        None => {}
    }
    draft.build()
}

/// Copies a part of the host; a tag in it is a hole, once.
fn copy(draft: &mut Draft<'_>, masked: &Masked, part: Range<usize>, covered: &mut Option<usize>) {
    let mut at = part.start;
    for (index, tag) in tags_in(masked, &part) {
        if at < tag.start {
            draft.copy(at..tag.start);
        }
        if *covered != Some(index) {
            draft.hole(tag.start.max(part.start)..tag.end.min(part.end));
            *covered = Some(index);
        }
        at = tag.end.min(part.end);
    }
    draft.copy(at..part.end);
}

fn tags_in<'a>(masked: &'a Masked, part: &Range<usize>) -> impl Iterator<Item = (usize, &'a Range<usize>)> {
    let first = masked.tags.partition_point(|tag| tag.end <= part.start);
    let end = part.end;
    masked.tags.iter().enumerate().skip(first).take_while(move |(_, tag)| tag.start < end)
}

fn pieces<'v>(source: &[u8], range: Range<usize>, value: &'v str, style: ScalarStyle) -> Option<Vec<Piece<'v>>> {
    let quote = match style {
        ScalarStyle::SingleQuoted => Some(b'\''),
        ScalarStyle::DoubleQuoted => Some(b'"'),
        _ => None,
    };
    let block = matches!(style, ScalarStyle::Literal | ScalarStyle::Folded);
    let inner = if quote.is_some() { range.start + 1..range.end.checked_sub(1)? } else { range };
    let line_start = memchr::memrchr(b'\n', source.get(..inner.start)?).map_or(0, |at| at + 1);
    let mut walk = Walk {
        source: source.get(..inner.end)?,
        at: inner.start,
        text: value,
        value: value.as_bytes(),
        read: 0,
        pieces: Vec::new(),
    };
    if block {
        walk.block(inner.start - line_start)?;
    } else {
        walk.flow(quote)?;
    }
    (walk.read == value.len()).then_some(walk.pieces)
}

/// A walk through a value and its source.
struct Walk<'s, 'v> {
    source: &'s [u8],
    at: usize,
    text: &'v str,
    value: &'v [u8],
    read: usize,
    pieces: Vec<Piece<'v>>,
}

impl Walk<'_, '_> {
    /// The next bytes of the source are those of the value.
    fn same(&mut self, length: usize) -> Option<()> {
        if length == 0 {
            return Some(());
        }
        let source = self.source.get(self.at..self.at + length)?;
        let value = self.value.get(self.read..self.read + length)?;
        if source != value {
            return None;
        }
        match self.pieces.last_mut() {
            Some(Piece::Copied(last)) if last.end == self.at => last.end += length,
            _ => self.pieces.push(Piece::Copied(self.at..self.at + length)),
        }
        self.at += length;
        self.read += length;
        Some(())
    }

    /// The next `length` bytes of the value are what the source has up to `end`.
    fn decoded(&mut self, length: usize, end: usize) -> Option<()> {
        let value: &[u8] = self.value.get(self.read..self.read + length)?;
        if length > 0 {
            self.pieces.push(Piece::Decoded(value, self.at..end));
        }
        self.at = end;
        self.read += length;
        Some(())
    }

    /// The line breaks of the value that stand next: nothing, a blank, or some line feeds.
    fn breaks(&self) -> usize {
        let rest = &self.value[self.read..];
        let feeds = rest.iter().take_while(|&&byte| byte == b'\n').count();
        if feeds > 0 { feeds } else { usize::from(rest.first() == Some(&b' ')) }
    }

    /// A block scalar whose lines are indented so far. The source starts with the first line that is not blank.
    fn block(&mut self, indent: usize) -> Option<()> {
        let leading = self.value.iter().take_while(|&&byte| byte == b'\n').count();
        self.decoded(leading, self.at)?;
        while self.at < self.source.len() {
            let rest = &self.source[self.at..];
            let feed = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
            let line = rest[..feed].strip_suffix(b"\r").unwrap_or(&rest[..feed]).len();
            if self.read == self.value.len() {
                return Some(());
            }
            self.same(line)?;
            // The line feed, those of blank lines, and the indentation of the next line.
            let mut next = (self.at - line + feed + 1).min(self.source.len());
            let mut text = next;
            loop {
                let rest = &self.source[next..];
                let blanks = rest.iter().take(indent).take_while(|&&byte| byte == b' ').count();
                match &rest[blanks..] {
                    [b'\n', ..] => next += blanks + 1,
                    [b'\r', b'\n', ..] => next += blanks + 2,
                    _ => {
                        text = text.max(next + blanks);
                        break;
                    }
                }
            }
            let breaks = self.breaks();
            if breaks == 1 && self.source.get(self.at) == Some(&b'\n') && self.value[self.read] == b'\n' {
                self.same(1)?;
                self.at = text.max(self.at);
            } else {
                self.decoded(breaks, text.max(self.at))?;
            }
        }
        let rest = self.value.len() - self.read;
        self.decoded(rest, self.source.len())
    }

    /// A plain or quoted scalar: line breaks are folded, and quotes and escapes stand for others.
    fn flow(&mut self, quote: Option<u8>) -> Option<()> {
        while self.at < self.source.len() {
            let rest = &self.source[self.at..];
            let special = |byte: &u8| match byte {
                b'\n' | b' ' | b'\t' | b'\r' => true,
                b'\\' => quote == Some(b'"'),
                b'\'' => quote == Some(b'\''),
                _ => false,
            };
            let plain = rest.iter().position(special).unwrap_or(rest.len());
            self.same(plain)?;
            match rest.get(plain) {
                None => {}
                Some(b'\\') => self.escape()?,
                Some(b'\'') => self.decoded(1, self.at + 2)?,
                Some(_) => {
                    let blank = rest[plain..].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
                    if rest[plain..plain + blank].contains(&b'\n') {
                        self.decoded(self.breaks(), self.at + blank)?;
                    } else {
                        self.same(blank)?;
                    }
                }
            }
        }
        Some(())
    }

    /// An escape of a double-quoted scalar, with the parser's word for what it is.
    fn escape(&mut self) -> Option<()> {
        let rest = &self.source[self.at..];
        let length = match rest.get(1)? {
            b'x' => 4,
            // A pair of surrogates is one character.
            b'u' if matches!(rest.get(2..4), Some([b'd' | b'D', b'8' | b'9' | b'a' | b'b' | b'A' | b'B'])) => 12,
            b'u' => 6,
            b'U' => 10,
            b'\n' | b'\r' => {
                let blank = rest[1..].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
                return self.decoded(0, self.at + 1 + blank);
            }
            _ => 2,
        };
        let character = self.text.get(self.read..)?.chars().next()?.len_utf8();
        self.decoded(character, (self.at + length).min(self.source.len()))
    }
}
