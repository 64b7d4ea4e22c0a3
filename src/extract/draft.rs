//! A fragment being cut out of its host's text.

use std::ops::Range;

use super::HOLE;
use crate::syntax::literal::{Builder, Literal};

/// The pieces so far. Ranges are of the text of the host that the draft was started with.
#[derive(Debug)]
pub(crate) struct Draft<'a> {
    host: &'a Literal,
    builder: Builder,
}

impl<'a> Draft<'a> {
    /// Starts an empty text; `at` is where it would stand.
    pub(crate) fn new(host: &'a Literal, at: usize) -> Self {
        Self { host, builder: Literal::builder(host.file()).at(host.span(at, at).start as usize) }
    }

    /// A part of the host as it stands.
    pub(crate) fn of(host: &'a Literal, range: Range<usize>) -> Literal {
        let mut draft = Self::new(host, range.start);
        draft.copy(range);
        draft.build()
    }

    /// A part of the host that is known only at run time.
    pub(crate) fn computed(host: &'a Literal, range: Range<usize>) -> Literal {
        let mut draft = Self::new(host, range.start);
        draft.hole(range);
        draft.build()
    }

    /// Adds a part of the host as it stands.
    pub(crate) fn copy(&mut self, range: Range<usize>) {
        self.builder.append(self.host, range);
    }

    /// Adds what an escape or the like in the host stands for.
    pub(crate) fn decoded(&mut self, text: &[u8], range: Range<usize>) {
        let span = self.host.span(range.start, range.end);
        self.builder.push(text, span.start as usize, span.end as usize);
    }

    /// Adds a part that is known only at run time.
    pub(crate) fn hole(&mut self, range: Range<usize>) {
        let span = self.host.span(range.start, range.end);
        self.builder.stand_in(HOLE, span.start as usize, span.end as usize);
    }

    /// Adds text that the host does not have, at a place in it.
    pub(crate) fn glue(&mut self, text: &[u8], at: usize) {
        self.decoded(text, at..at);
    }

    /// Adds a text that was made from the same file.
    pub(crate) fn append(&mut self, text: &Literal, range: Range<usize>) {
        self.builder.append(text, range);
    }

    /// Whether there is no text yet.
    pub(crate) fn is_empty(&self) -> bool {
        self.builder.is_empty()
    }

    /// The finished text.
    pub(crate) fn build(self) -> Literal {
        self.builder.build()
    }
}
