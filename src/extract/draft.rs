//! A fragment being put together from pieces of its host's text.

use std::ops::Range;

use super::HOLE;
use crate::syntax::literal::{Builder, Literal};

/// What a text is put in quotes for.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Quoting {
    /// A value of postgresql.conf.
    Conf,
    /// A string of SQL.
    String,
    /// A name in SQL.
    Name,
    /// A value of a connection string.
    Conninfo,
}

impl Quoting {
    fn escaped(self, byte: u8) -> Option<&'static [u8]> {
        match (self, byte) {
            (Self::Conf | Self::String, b'\'') => Some(b"''"),
            (Self::Conf | Self::Conninfo, b'\\') => Some(b"\\\\"),
            (Self::Conninfo, b'\'') => Some(b"\\'"),
            (Self::Name, b'"') => Some(b"\"\""),
            _ => None,
        }
    }
}

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
        self.builder.push(HOLE, span.start as usize, span.end as usize);
    }

    /// Adds text that the host does not have, at a place in it.
    pub(crate) fn glue(&mut self, text: &[u8], at: usize) {
        self.decoded(text, at..at);
    }

    /// Adds text that the host does not have, after what came last.
    pub(crate) fn then(&mut self, text: &[u8]) {
        let end = self.builder.end();
        self.builder.push(text, end, end);
    }

    /// Adds a text that was taken out of the host before.
    pub(crate) fn text(&mut self, text: &Literal) {
        self.builder.append(text, 0..text.text().len());
    }

    /// Adds such a text as the inside of a constant, with what would end or change it there escaped.
    pub(crate) fn quoted(&mut self, text: &Literal, quoting: Quoting) {
        let bytes = text.text();
        let mut done = 0;
        for (at, byte) in bytes.iter().enumerate() {
            let Some(escaped) = quoting.escaped(*byte) else { continue };
            self.builder.append(text, done..at);
            let span = text.span(at, at + 1);
            self.builder.push(escaped, span.start as usize, span.end as usize);
            done = at + 1;
        }
        self.builder.append(text, done..bytes.len());
    }

    /// Adds a string of SQL.
    pub(crate) fn string(&mut self, text: &Literal) {
        self.then(b"'");
        self.quoted(text, Quoting::String);
        self.then(b"'");
    }

    /// Adds a name in SQL, in quotes.
    pub(crate) fn name(&mut self, text: &Literal) {
        self.then(b"\"");
        self.quoted(text, Quoting::Name);
        self.then(b"\"");
    }

    /// Adds texts with commas between them.
    pub(crate) fn list(&mut self, texts: &[Literal], mut add: impl FnMut(&mut Self, &Literal)) {
        for (index, text) in texts.iter().enumerate() {
            if index > 0 {
                self.then(b", ");
            }
            add(self, text);
        }
    }

    /// Adds a line of postgresql.conf.
    pub(crate) fn setting(&mut self, name: &Literal, value: &Literal) {
        self.text(name);
        self.then(b" = '");
        self.quoted(value, Quoting::Conf);
        self.then(b"'\n");
    }

    /// Adds a keyword and its value to a connection string.
    pub(crate) fn keyword(&mut self, keyword: &str, value: &Literal) {
        if !self.is_empty() {
            self.then(b" ");
        }
        // A program fills in what is needed around its own parts.
        self.then(keyword.as_bytes());
        self.then(b"='");
        self.quoted(value, Quoting::Conninfo);
        self.then(b"'");
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
