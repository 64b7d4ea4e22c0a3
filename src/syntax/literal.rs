//! Decoded text that remembers where each of its bytes stands in the file.
//!
//! A string of SQL, a quoted value or a function body is not the bytes between its quotes: quotes are doubled,
//! escapes are spelled out. A [`Literal`] holds what the server sees, and finds the way back to the file. It does
//! not know any quoting itself: who reads a quoted form pushes the decoded bytes with their source.

use std::ops::Range;

use crate::source::{FileId, Span};

/// The byte that stands in the text for a part that is known only at run time.
pub const HOLE: u8 = 0x1a;

/// Where decoded bytes come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Piece {
    /// First byte in the text.
    text: u32,
    /// The bytes in the file.
    start: u32,
    end: u32,
    /// Whether each byte of the text is one byte of the file.
    verbatim: bool,
}

/// Decoded text with its map to the file, and its holes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Literal {
    file: FileId,
    text: Vec<u8>,
    pieces: Vec<Piece>,
    holes: Vec<Range<u32>>,
    /// Where an empty text stands.
    origin: u32,
}

impl Literal {
    /// Starts an empty text of a file.
    #[must_use]
    pub fn builder(file: FileId) -> Builder {
        Builder(Self { file, text: Vec::new(), pieces: Vec::new(), holes: Vec::new(), origin: 0 })
    }

    /// Bytes that stand in the file as they are; `span` is as long as `bytes`.
    #[must_use]
    pub fn plain(span: Span, bytes: &[u8]) -> Self {
        let mut builder = Self::builder(span.file).at(span.start as usize);
        builder.push(bytes, span.start as usize, span.start as usize + bytes.len());
        builder.build()
    }

    /// The bytes of the file behind the whole text.
    #[must_use]
    pub fn whole(&self) -> Span {
        self.span(0, self.text.len())
    }

    /// The decoded bytes; a hole is one [`HOLE`] byte unless it was pushed as a stand-in.
    #[must_use]
    pub fn text(&self) -> &[u8] {
        &self.text
    }

    /// The file that the text comes from.
    #[must_use]
    pub fn file(&self) -> FileId {
        self.file
    }

    /// Whether a part is known only at run time.
    #[must_use]
    pub fn is_dynamic(&self) -> bool {
        !self.holes.is_empty()
    }

    /// The holes as ranges of the text, in ascending order.
    pub fn holes(&self) -> impl ExactSizeIterator<Item = Range<usize>> {
        self.holes.iter().map(|hole| hole.start as usize..hole.end as usize)
    }

    /// The holes that touch the part from `start` to `end` of the text.
    pub fn holes_in(&self, start: usize, end: usize) -> impl Iterator<Item = Range<usize>> {
        let first = self.holes.partition_point(|hole| (hole.end as usize) <= start);
        let holes = self.holes.get(first..).unwrap_or_default();
        holes.iter().map(|hole| hole.start as usize..hole.end as usize).take_while(move |hole| hole.start < end)
    }

    /// Whether the part from `start` to `end` of the text touches a hole.
    #[must_use]
    pub fn has_hole(&self, start: usize, end: usize) -> bool {
        self.holes_in(start, end).next().is_some()
    }

    /// The bytes of the file behind the part from `start` to `end` of the text. What the file does not have, such as
    /// quotes that were put around a value, does not count at the ends.
    #[must_use]
    pub fn span(&self, start: usize, end: usize) -> Span {
        let (mut start, mut end) = (start.min(self.text.len()), end.clamp(start, self.text.len().max(start)));
        let given = start;
        while let Some(next) = self.glued(start).filter(|_| start < end).map(|glued| glued.end) {
            start = next;
        }
        while let Some(glued) = end.checked_sub(1).and_then(|last| self.glued(last)).filter(|_| start < end) {
            end = glued.start;
        }
        if start >= end {
            (start, end) = (given, given);
        }
        let from = self.source_start(start);
        let to = if end > start { self.source_end(end) } else { from };
        Span::new(self.file, from, to.max(from))
    }

    /// The pieces that the text was put together from, each with the bytes of the file behind it.
    pub(crate) fn parts(&self) -> impl Iterator<Item = (&[u8], Span)> {
        let ends = self.pieces.iter().skip(1).map(|piece| piece.text as usize).chain([self.text.len()]);
        self.pieces.iter().zip(ends).map(|(piece, end)| {
            let bytes = self.text.get(piece.text as usize..end).unwrap_or_default();
            (bytes, Span::new(self.file, piece.start as usize, piece.end as usize))
        })
    }

    /// The piece of the text around `offset` if nothing in the file stands behind it.
    fn glued(&self, offset: usize) -> Option<Range<usize>> {
        let after = self.pieces.partition_point(|piece| piece.text as usize <= offset);
        let piece = self.pieces.get(after.checked_sub(1)?).filter(|piece| piece.start == piece.end)?;
        let end = self.pieces.get(after).map_or(self.text.len(), |next| next.text as usize);
        Some(piece.text as usize..end)
    }

    fn piece(&self, offset: usize) -> Option<&Piece> {
        let after = self.pieces.partition_point(|piece| piece.text as usize <= offset);
        self.pieces.get(after.checked_sub(1)?)
    }

    fn source_start(&self, offset: usize) -> usize {
        match self.piece(offset) {
            None => self.origin as usize,
            Some(_) if offset >= self.text.len() => self.pieces.last().map_or(self.origin, |last| last.end) as usize,
            Some(piece) if piece.verbatim => piece.start as usize + (offset - piece.text as usize),
            Some(piece) => piece.start as usize,
        }
    }

    fn source_end(&self, offset: usize) -> usize {
        match offset.checked_sub(1).and_then(|last| self.piece(last).map(|piece| (last, piece))) {
            None => self.origin as usize,
            Some((last, piece)) if piece.verbatim => piece.start as usize + (last - piece.text as usize) + 1,
            Some((_, piece)) => piece.end as usize,
        }
    }
}

/// Builds a [`Literal`] from left to right.
#[derive(Debug)]
pub struct Builder(Literal);

impl Builder {
    /// Says where the text would stand if it is empty.
    #[must_use]
    pub fn at(mut self, offset: usize) -> Self {
        self.0.origin = offset as u32;
        self
    }

    /// Adds decoded bytes that stand in the file from `start` to `end`.
    pub fn push(&mut self, decoded: &[u8], start: usize, end: usize) {
        if decoded.is_empty() {
            return;
        }
        let verbatim = decoded.len() == end - start;
        let text = self.0.text.len();
        self.0.text.extend_from_slice(decoded);
        if let Some(last) = self.0.pieces.last_mut()
            && verbatim
            && last.verbatim
            && last.end as usize == start
        {
            last.end = end as u32;
            return;
        }
        self.0.pieces.push(Piece { text: text as u32, start: start as u32, end: end as u32, verbatim });
    }

    /// Adds a part that is known only at run time, written from `start` to `end` in the file.
    pub fn hole(&mut self, start: usize, end: usize) {
        self.stand_in(&[HOLE], start, end);
    }

    /// Adds a hole with a text in its place, where the next reader needs one that it can parse.
    pub fn stand_in(&mut self, text: &[u8], start: usize, end: usize) {
        let from = self.0.text.len() as u32;
        self.0.text.extend_from_slice(text);
        self.0.pieces.push(Piece { text: from, start: start as u32, end: end as u32, verbatim: false });
        self.0.holes.push(from..self.0.text.len() as u32);
    }

    /// Adds a part of another text, with its map and holes.
    pub fn append(&mut self, other: &Literal, part: Range<usize>) {
        let base = self.0.text.len();
        self.append_plain(other, part.clone());
        for hole in other.holes() {
            let (start, end) = (hole.start.max(part.start), hole.end.min(part.end));
            if start < end {
                self.mark(base + start - part.start..base + end - part.start);
            }
        }
    }

    /// Adds a part of another text with its map, but without its holes.
    pub(crate) fn append_plain(&mut self, other: &Literal, part: Range<usize>) {
        let Some(bytes) = other.text.get(part.clone()) else { return };
        let mut from = part.start;
        while from < part.end {
            let next = other.pieces.partition_point(|piece| piece.text as usize <= from);
            let to = other.pieces.get(next).map_or(part.end, |piece| (piece.text as usize).min(part.end));
            let span = other.span(from, to);
            self.push(&bytes[from - part.start..to - part.start], span.start as usize, span.end as usize);
            from = to;
        }
    }

    /// Marks bytes already pushed as known only at run time; holes are marked in ascending order.
    pub fn mark(&mut self, hole: Range<usize>) {
        self.0.holes.push(hole.start as u32..hole.end as u32);
    }

    /// How many bytes of text there are so far.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.text.len()
    }

    /// Whether there is no text yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.text.is_empty()
    }

    /// Where the last byte so far stands in the file, or the text would.
    #[must_use]
    pub(crate) fn end(&self) -> usize {
        self.0.pieces.last().map_or(self.0.origin, |piece| piece.end) as usize
    }

    /// The last byte so far.
    #[must_use]
    pub(crate) fn last(&self) -> Option<u8> {
        self.0.text.last().copied()
    }

    /// The bytes so far, to be overwritten in place without a change of length.
    pub(crate) fn text_mut(&mut self) -> &mut [u8] {
        &mut self.0.text
    }

    /// The finished text.
    #[must_use]
    pub fn build(self) -> Literal {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: FileId = FileId(0);

    #[test]
    fn maps_back_through_escapes_and_holes() {
        // 'it''s ${x}!' from byte 10.
        let mut builder = Literal::builder(FILE).at(11);
        builder.push(b"it", 11, 13);
        builder.push(b"'", 13, 15);
        builder.push(b"s ", 15, 17);
        builder.hole(17, 21);
        builder.push(b"!", 21, 22);
        let literal = builder.build();
        assert_eq!(literal.text(), b"it's \x1a!");
        assert_eq!(literal.span(0, 7), Span::new(FILE, 11, 22));
        assert_eq!(literal.span(2, 3), Span::new(FILE, 13, 15));
        assert_eq!(literal.span(3, 4), Span::new(FILE, 15, 16));
        assert_eq!(literal.span(5, 6), Span::new(FILE, 17, 21));
        assert_eq!(literal.span(7, 7), Span::new(FILE, 22, 22));
        assert!(literal.has_hole(4, 6) && !literal.has_hole(0, 5) && !literal.has_hole(6, 7));
    }

    #[test]
    fn what_the_file_does_not_have_is_left_out_at_the_ends() {
        // name from 3, value from 20.
        let mut builder = Literal::builder(FILE);
        builder.push(b"name", 3, 7);
        builder.push(b" = '", 7, 7);
        builder.push(b"value", 20, 25);
        builder.push(b"'", 25, 25);
        let literal = builder.build();
        assert_eq!(literal.text(), b"name = 'value'");
        assert_eq!(literal.span(7, 14), Span::new(FILE, 20, 25));
        assert_eq!(literal.span(0, 6), Span::new(FILE, 3, 7));
        assert_eq!(literal.span(0, 14), Span::new(FILE, 3, 25));
        assert_eq!(literal.span(5, 6), Span::new(FILE, 7, 7));
    }

    #[test]
    fn appends_parts_of_other_texts() {
        let mut builder = Literal::builder(FILE);
        builder.push(b"ab", 0, 2);
        builder.push(b"'", 2, 4);
        builder.push(b"cd", 4, 6);
        let first = builder.build();
        let mut builder = Literal::builder(FILE);
        builder.push(b"x", 100, 101);
        builder.append(&first, 1..4);
        let second = builder.build();
        assert_eq!(second.text(), b"xb'c");
        assert_eq!(second.span(1, 4), Span::new(FILE, 1, 5));
        assert_eq!(second.span(2, 3), Span::new(FILE, 2, 4));
    }

    #[test]
    fn an_empty_text_has_a_place() {
        let literal = Literal::builder(FILE).at(7).build();
        assert_eq!(literal.span(0, 0), Span::new(FILE, 7, 7));
    }
}
