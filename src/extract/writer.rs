//! A fragment being written from values of a file: statements, lines and connection strings that something puts
//! together at run time.

use std::ops::Range;

use super::HOLE;
use crate::source::Span;
use crate::syntax::literal::{Builder, Literal};

/// What a text is put in quotes for.
#[derive(Debug, Clone, Copy)]
enum Quoting {
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
    fn mark(self) -> &'static str {
        if matches!(self, Self::Name) { "\"" } else { "'" }
    }

    fn escaped(self, byte: u8) -> Option<&'static [u8]> {
        match (self, byte) {
            (Self::Conf | Self::String, b'\'') => Some(b"''"),
            (Self::Conf | Self::Conninfo, b'\\') => Some(b"\\\\"),
            (Self::Conninfo, b'\'') => Some(b"\\'"),
            (Self::Conf, b'\n') => Some(b"\\n"),
            (Self::Name, b'"') => Some(b"\"\""),
            _ => None,
        }
    }
}

/// The text so far. Words that the file does not have stand after what came last.
#[derive(Debug)]
pub(crate) struct Writer(Builder);

impl Writer {
    /// Starts an empty text; it would stand where the value does that it is about.
    pub(crate) fn new(about: &Literal) -> Self {
        Self(Literal::builder(about.file()).at(about.whole().start as usize))
    }

    /// Starts a statement about the object of that name: the words, and the name in quotes.
    pub(crate) fn about(words: &str, name: &Literal) -> Self {
        let mut writer = Self::new(name);
        writer.words(words);
        writer.words(" ");
        writer.name(name);
        writer
    }

    /// Adds words that the file does not have.
    pub(crate) fn words(&mut self, words: &str) {
        self.glue(words, self.0.end());
    }

    fn glue(&mut self, words: &str, at: usize) {
        self.0.push(words.as_bytes(), at, at);
    }

    /// Adds what something in the file stands for.
    pub(crate) fn meant(&mut self, meant: impl AsRef<[u8]>, by: Span) {
        self.0.push(meant.as_ref(), by.start as usize, by.end as usize);
    }

    /// Adds a value as it stands.
    pub(crate) fn text(&mut self, text: &Literal) {
        self.part(text, 0..text.text().len());
    }

    /// Adds a part of a value as it stands.
    pub(crate) fn part(&mut self, text: &Literal, part: Range<usize>) {
        self.0.append(text, part);
    }

    /// Adds what is known only at run time, written there.
    pub(crate) fn hole(&mut self, place: Span) {
        self.0.stand_in(HOLE, place.start as usize, place.end as usize);
    }

    /// Adds something that is known only at run time and stands nowhere in the file.
    pub(crate) fn gap(&mut self) {
        let end = self.0.end();
        self.0.stand_in(HOLE, end, end);
    }

    /// Adds a value as a string of SQL.
    pub(crate) fn string(&mut self, text: &Literal) {
        self.quoted(text, Quoting::String);
    }

    /// Adds a value as a name in SQL, in quotes.
    pub(crate) fn name(&mut self, text: &Literal) {
        self.quoted(text, Quoting::Name);
    }

    /// Adds values with something between each two.
    pub(crate) fn list<'a>(
        &mut self,
        values: impl IntoIterator<Item = &'a Literal>,
        between: &str,
        mut add: impl FnMut(&mut Self, &Literal),
    ) {
        for (index, value) in values.into_iter().enumerate() {
            if index > 0 {
                self.words(between);
            }
            add(self, value);
        }
    }

    /// Adds a line of postgresql.conf.
    pub(crate) fn setting(&mut self, name: &Literal, value: &Literal) {
        self.text(name);
        self.value(value);
    }

    /// Adds the rest of a line of postgresql.conf after the name.
    pub(crate) fn value(&mut self, value: &Literal) {
        self.words(" = ");
        self.quoted(value, Quoting::Conf);
        self.words("\n");
    }

    /// Adds a value and its keyword, which the file does not have, to a connection string.
    pub(crate) fn keyword(&mut self, keyword: &str, value: &Literal) {
        self.blank();
        self.glue(keyword, value.whole().start as usize);
        self.words("=");
        self.quoted(value, Quoting::Conninfo);
    }

    /// Adds a keyword and its value to a connection string.
    pub(crate) fn pair(&mut self, keyword: &Literal, value: &Literal) {
        self.pair_at(keyword, value, value.whole());
    }

    /// The same for a value that is written there with quotes of the file's own.
    pub(crate) fn pair_at(&mut self, keyword: &Literal, value: &Literal, place: Span) {
        self.blank();
        self.text(keyword);
        self.words("=");
        self.constant(value, Quoting::Conninfo, place);
    }

    fn blank(&mut self) {
        if !self.0.is_empty() {
            self.words(" ");
        }
    }

    fn quoted(&mut self, text: &Literal, quoting: Quoting) {
        self.constant(text, quoting, text.whole());
    }

    /// Adds a value as a constant, with what would end or change it there escaped. The marks around it stand for what
    /// else is written in its place.
    fn constant(&mut self, text: &Literal, quoting: Quoting, place: Span) {
        let whole = text.whole();
        let (start, end) = (whole.start.clamp(place.start, place.end), whole.end.clamp(place.start, place.end));
        self.meant(quoting.mark(), Span { end: start, ..place });
        let bytes = text.text();
        let mut done = 0;
        for (at, byte) in bytes.iter().enumerate() {
            let Some(escaped) = quoting.escaped(*byte) else { continue };
            self.part(text, done..at);
            self.meant(escaped, text.span(at, at + 1));
            done = at + 1;
        }
        self.part(text, done..bytes.len());
        self.meant(quoting.mark(), Span { start: end, ..place });
    }

    /// Whether the last line has an end.
    pub(crate) fn is_at_line(&self) -> bool {
        self.0.last() == Some(b'\n')
    }

    /// The finished text.
    pub(crate) fn build(self) -> Literal {
        self.0.build()
    }
}
