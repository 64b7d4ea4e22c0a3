//! Text inside other text: the bytes a quoted literal stands for, with a map back to the bytes of the file.
//!
//! A connection string may sit in a quoted value of postgresql.conf, in a string constant of SQL or in a string of a
//! program. Whoever decodes the outer syntax builds a [`Literal`]; whoever reads the inner one asks it for spans.
//! Nothing here knows any quoting rules.

use std::ops::Range;

use crate::source::{FileId, Span};

/// Decoded bytes, where each came from, and which of them are not known before the program runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Literal {
    text: Vec<u8>,
    file: FileId,
    start: u32,
    runs: Vec<Run>,
    holes: Vec<Range<u32>>,
}

/// A stretch of decoded bytes that came from one stretch of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Run {
    /// Where it starts in the decoded bytes; it ends where the next one starts.
    text: u32,
    /// Its bytes in the file.
    start: u32,
    end: u32,
    /// Byte for byte the same; otherwise the stretch of the file is an escape and counts as a whole.
    verbatim: bool,
}

impl Literal {
    /// Bytes that stand in the file as they are. `span` must be as long as `bytes`.
    #[must_use]
    pub fn plain(span: Span, bytes: &[u8]) -> Self {
        let mut builder = LiteralBuilder::new(span.file, span.start);
        builder.verbatim(span.start, bytes);
        builder.finish()
    }

    /// The decoded bytes. Those of a hole are as they stand in the file, and mean nothing.
    #[must_use]
    pub fn text(&self) -> &[u8] {
        &self.text
    }

    /// The bytes of the file that `start..end` of the decoded bytes came from. An end within an escape takes in the
    /// whole escape; positions past the end count as the end.
    #[must_use]
    pub fn span(&self, start: usize, end: usize) -> Span {
        let length = self.text.len();
        let (start, end) = (start.min(length), end.min(length).max(start.min(length)));
        let from = match self.run_at(start) {
            Some(run) if run.verbatim => run.start + (start as u32 - run.text),
            Some(run) if start == length => run.end,
            Some(run) => run.start,
            None => self.start,
        };
        let to = match end.checked_sub(1).filter(|&last| last >= start).and_then(|last| self.run_at(last)) {
            Some(run) if run.verbatim => run.start + (end as u32 - run.text),
            Some(run) => run.end,
            None => from,
        };
        // Pieces may have been pushed out of the order of the file; a span never ends before it starts.
        Span { file: self.file, start: from.min(to), end: to.max(from) }
    }

    /// The bytes of the file behind the whole text.
    #[must_use]
    pub fn whole(&self) -> Span {
        self.span(0, self.text.len())
    }

    /// The ranges of the decoded bytes that are filled in by a program, in order.
    #[must_use]
    pub fn holes(&self) -> &[Range<u32>] {
        &self.holes
    }

    /// The last run that starts at or before `at`.
    fn run_at(&self, at: usize) -> Option<&Run> {
        let next = self.runs.partition_point(|run| run.text as usize <= at);
        self.runs.get(next.checked_sub(1)?)
    }
}

/// Puts a [`Literal`] together, piece by piece, in the order of the decoded text.
#[derive(Debug)]
pub struct LiteralBuilder(Literal);

impl LiteralBuilder {
    /// A literal with nothing in it; `start` is where its text would begin in the file, which is what an empty
    /// literal points at.
    #[must_use]
    pub fn new(file: FileId, start: u32) -> Self {
        Self(Literal { text: Vec::new(), file, start, runs: Vec::new(), holes: Vec::new() })
    }

    /// Bytes that stand in the file, from `source` on, as they are.
    pub fn verbatim(&mut self, source: u32, bytes: &[u8]) {
        if bytes.is_empty() {
            return;
        }
        let at = self.0.text.len() as u32;
        let end = source + bytes.len() as u32;
        self.0.text.extend_from_slice(bytes);
        match self.0.runs.last_mut() {
            Some(last) if last.verbatim && last.end == source => last.end = end,
            _ => self.0.runs.push(Run { text: at, start: source, end, verbatim: true }),
        }
    }

    /// Bytes that the file spells otherwise: `source` is the whole escape. Nothing decoded is nothing pushed.
    pub fn escape(&mut self, decoded: &[u8], source: Range<u32>) {
        if decoded.is_empty() {
            return;
        }
        let at = self.0.text.len() as u32;
        self.0.text.extend_from_slice(decoded);
        self.0.runs.push(Run { text: at, start: source.start, end: source.end.max(source.start), verbatim: false });
    }

    /// What a program fills in: an interpolation, a placeholder of a formatting function, a variable of psql.
    /// `text` is how the file spells it.
    pub fn hole(&mut self, text: &[u8], source: Range<u32>) {
        let at = self.0.text.len() as u32;
        // An empty spelling would leave no trace of the hole.
        self.escape(if text.is_empty() { b"?" } else { text }, source);
        let end = self.0.text.len() as u32;
        match self.0.holes.last_mut() {
            Some(last) if last.end == at => last.end = end,
            _ => self.0.holes.push(at..end),
        }
    }

    /// The literal.
    #[must_use]
    pub fn finish(self) -> Literal {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file() -> FileId {
        FileId(0)
    }

    /// Decodes the inside of a literal in which a doubled quote is one quote.
    fn doubled(bytes: &[u8], start: u32) -> Literal {
        let mut builder = LiteralBuilder::new(file(), start);
        let mut at = 0;
        while let Some(&byte) = bytes.get(at) {
            let source = start + at as u32;
            if byte == b'\'' && bytes.get(at + 1) == Some(&b'\'') {
                builder.escape(b"'", source..source + 2);
                at += 2;
            } else {
                builder.verbatim(source, &[byte]);
                at += 1;
            }
        }
        builder.finish()
    }

    #[test]
    fn plain_text_maps_byte_for_byte() {
        let literal = Literal::plain(Span::new(file(), 10, 15), b"a = b");
        assert_eq!(literal.span(0, 1), Span::new(file(), 10, 11));
        assert_eq!(literal.span(4, 5), Span::new(file(), 14, 15));
        assert_eq!(literal.span(5, 5), Span::new(file(), 15, 15));
        assert_eq!(literal.span(3, 99), Span::new(file(), 13, 15));
        assert_eq!(literal.whole(), Span::new(file(), 10, 15));
    }

    #[test]
    fn an_escape_counts_as_a_whole() {
        let literal = doubled(b"a''b''''c", 100);
        assert_eq!(literal.text(), b"a'b''c");
        assert_eq!(literal.span(0, 2), Span::new(file(), 100, 103));
        assert_eq!(literal.span(1, 2), Span::new(file(), 101, 103));
        assert_eq!(literal.span(2, 4), Span::new(file(), 103, 106));
        assert_eq!(literal.span(5, 6), Span::new(file(), 108, 109));
        assert_eq!(literal.runs.len(), 6);
    }

    #[test]
    fn an_escape_of_many_bytes() {
        let mut builder = LiteralBuilder::new(file(), 0);
        builder.verbatim(0, b"a");
        builder.escape("é".as_bytes(), 1..7);
        builder.verbatim(7, b"b");
        let literal = builder.finish();
        assert_eq!(literal.span(2, 3), Span::new(file(), 1, 7));
        assert_eq!(literal.span(2, 4), Span::new(file(), 1, 8));
        assert_eq!(literal.span(4, 4), Span::new(file(), 8, 8));
    }

    #[test]
    fn an_empty_literal_has_a_place() {
        let literal = LiteralBuilder::new(file(), 42).finish();
        assert_eq!(literal.span(0, 0), Span::new(file(), 42, 42));
        assert_eq!(literal.span(3, 9), Span::new(file(), 42, 42));
    }

    #[test]
    fn runs_are_few_and_holes_join() {
        let mut builder = LiteralBuilder::new(file(), 0);
        builder.verbatim(0, b"host=");
        builder.verbatim(5, b"x");
        builder.hole(b"${A}", 6..10);
        builder.hole(b"", 10..10);
        let literal = builder.finish();
        assert_eq!(literal.runs.len(), 3);
        assert_eq!(literal.holes(), [6..11]);
        assert_eq!(literal.span(7, 8), Span::new(file(), 6, 10));
    }

    proptest::proptest! {
        #[test]
        fn spans_are_ordered_and_inside(
            pieces in proptest::collection::vec((0u8..3, 0u32..4, 0u32..4), 0..20), start in 0usize..80, end in 0usize..80,
        ) {
            let mut builder = LiteralBuilder::new(file(), 5);
            let mut source = 5;
            for (kind, text, length) in pieces {
                let bytes = vec![b'a'; text as usize];
                match kind {
                    0 => { builder.verbatim(source, &bytes); source += text; }
                    1 => { builder.escape(&bytes, source..source + length); source += length; }
                    _ => { builder.hole(&bytes, source..source + length); source += length; }
                }
            }
            let literal = builder.finish();
            let span = literal.span(start, end);
            proptest::prop_assert!(span.start <= span.end && span.start >= 5 && span.end <= source);
            let start = start.min(literal.text().len());
            let end = end.clamp(start, literal.text().len());
            for at in start..end {
                proptest::prop_assert!(span.contains(literal.span(at, at + 1)));
            }
        }
    }
}
