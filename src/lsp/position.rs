//! Between bytes and the protocol's positions: lines from 0, and columns in the units that were agreed upon.
//!
//! Lines end as the protocol says, with `\n`, `\r\n` or `\r`; that is for places only, and not what PostgreSQL takes for
//! a line.

use std::ops::Range;

use lsp_types::{Position, PositionEncodingKind};

/// What columns count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    Utf8,
    Utf16,
    Utf32,
}

impl Encoding {
    /// The best that the client can do: bytes cost nothing. Every client knows UTF-16.
    pub(super) fn of(offered: Option<&[PositionEncodingKind]>) -> Self {
        let offers = |kind: &PositionEncodingKind| offered.unwrap_or_default().contains(kind);
        if offers(&PositionEncodingKind::UTF8) {
            Self::Utf8
        } else if offers(&PositionEncodingKind::UTF16) || !offers(&PositionEncodingKind::UTF32) {
            Self::Utf16
        } else {
            Self::Utf32
        }
    }

    pub(super) fn kind(self) -> PositionEncodingKind {
        match self {
            Self::Utf8 => PositionEncodingKind::UTF8,
            Self::Utf16 => PositionEncodingKind::UTF16,
            Self::Utf32 => PositionEncodingKind::UTF32,
        }
    }

    fn units(self, c: char) -> usize {
        match self {
            Self::Utf8 => c.len_utf8(),
            Self::Utf16 => c.len_utf16(),
            Self::Utf32 => 1,
        }
    }
}

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// The lines of a text.
#[derive(Debug)]
pub(super) struct Lines<'t> {
    bytes: &'t [u8],
    encoding: Encoding,
    /// Where each line starts.
    starts: Vec<usize>,
}

impl<'t> Lines<'t> {
    /// Those of a text as the client has it.
    pub(super) fn new(bytes: &'t [u8], encoding: Encoding) -> Self {
        let mut starts = vec![0];
        let ends = memchr::memchr2_iter(b'\n', b'\r', bytes);
        starts.extend(ends.filter(|&at| bytes[at] == b'\n' || bytes.get(at + 1) != Some(&b'\n')).map(|at| at + 1));
        Self { bytes, encoding, starts }
    }

    /// Those of a file that the client does not have open: editors take a byte order mark off.
    pub(super) fn of_file(bytes: &'t [u8], encoding: Encoding) -> Self {
        let mut lines = Self::new(bytes, encoding);
        if bytes.starts_with(BYTE_ORDER_MARK) {
            lines.starts[0] = BYTE_ORDER_MARK.len();
        }
        lines
    }

    /// The position of a byte; within the end of a line, that of the end.
    pub(super) fn position(&self, offset: usize) -> Position {
        let line = self.starts.partition_point(|&start| start <= offset).saturating_sub(1);
        let content = self.content(line);
        let end = offset.clamp(content.start, content.end);
        let column = self.bytes[content.start..end].utf8_chunks().fold(0, |column, chunk| {
            let valid: usize = if chunk.valid().is_ascii() {
                chunk.valid().len()
            } else {
                chunk.valid().chars().map(|c| self.encoding.units(c)).sum()
            };
            column + valid + chunk.invalid().len()
        });
        Position::new(line as u32, column as u32)
    }

    /// The byte of a position. A column beyond the line is the line's end, a line beyond the text the text's end, half a
    /// character its start.
    pub(super) fn offset(&self, position: Position) -> usize {
        let line = position.line as usize;
        if line >= self.starts.len() {
            return self.bytes.len();
        }
        let content = self.content(line);
        let (mut at, mut left) = (content.start, position.character as usize);
        for chunk in self.bytes[content].utf8_chunks() {
            for c in chunk.valid().chars() {
                let units = self.encoding.units(c);
                if units > left {
                    return at;
                }
                left -= units;
                at += c.len_utf8();
            }
            let skipped = left.min(chunk.invalid().len());
            left -= skipped;
            at += skipped;
            if left == 0 {
                break;
            }
        }
        at
    }

    /// The bytes of a range; one that ends before it starts is empty.
    pub(super) fn bytes(&self, range: lsp_types::Range) -> Range<usize> {
        let (start, end) = (self.offset(range.start), self.offset(range.end));
        start..end.max(start)
    }

    pub(super) fn range(&self, bytes: Range<usize>) -> lsp_types::Range {
        lsp_types::Range::new(self.position(bytes.start), self.position(bytes.end))
    }

    /// The bytes of the line that holds `offset`, without its end.
    pub(super) fn line(&self, offset: usize) -> Range<usize> {
        self.content(self.starts.partition_point(|&start| start <= offset).saturating_sub(1))
    }

    fn content(&self, line: usize) -> Range<usize> {
        let start = self.starts[line];
        let end = self.starts.get(line + 1).copied().unwrap_or(self.bytes.len()).max(start);
        let text = &self.bytes[start..end];
        let text = text.strip_suffix(b"\n").unwrap_or(text);
        let text = text.strip_suffix(b"\r").unwrap_or(text);
        start..start + text.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "a = 'é𝄞x'\r\nb\rc\n\n";

    #[test]
    fn positions_and_back() {
        for (encoding, column) in [(Encoding::Utf8, 11), (Encoding::Utf16, 8), (Encoding::Utf32, 7)] {
            let lines = Lines::new(TEXT.as_bytes(), encoding);
            let x = TEXT.find('x').unwrap();
            assert_eq!(lines.position(x), Position::new(0, column));
            for (at, _) in TEXT.char_indices().filter(|(at, c)| *c != '\n' || !TEXT[..*at].ends_with('\r')) {
                assert_eq!(lines.offset(lines.position(at)), at, "{encoding:?} {at}");
            }
        }
    }

    #[test]
    fn every_end_of_line_counts() {
        let lines = Lines::new(TEXT.as_bytes(), Encoding::Utf16);
        let at = |c: char| lines.position(TEXT.find(c).unwrap()).line;
        assert_eq!((at('b'), at('c')), (1, 2));
        assert_eq!(lines.position(TEXT.len()), Position::new(4, 0));
        assert_eq!(&TEXT[lines.line(TEXT.find('b').unwrap())], "b");
    }

    #[test]
    fn positions_that_are_none_are_moved() {
        let lines = Lines::new(TEXT.as_bytes(), Encoding::Utf16);
        let clef = TEXT.find('𝄞').unwrap();
        assert_eq!(lines.offset(Position::new(0, 7)), clef, "half a surrogate pair");
        assert_eq!(lines.offset(Position::new(0, 999)), TEXT.find('\r').unwrap());
        assert_eq!(lines.offset(Position::new(99, 0)), TEXT.len());
        assert_eq!(lines.position(TEXT.find('\n').unwrap()).character, 10, "within the end of a line");
    }

    #[test]
    fn files_may_hold_anything() {
        let bytes = b"\xef\xbb\xbfa\xff\xfeb\n";
        let lines = Lines::of_file(bytes, Encoding::Utf16);
        assert_eq!(lines.position(6), Position::new(0, 3));
        assert_eq!(lines.position(0), Position::new(0, 0));
        assert_eq!(lines.offset(Position::new(0, 3)), 6);
        assert_eq!(Lines::of_file(b"", Encoding::Utf8).position(0), Position::new(0, 0));
    }
}
