//! Lines of postgresql.conf out of names and values that stand in other forms.

use crate::discover::Kind;
use crate::extract::tree::{Node, Scalar};
use crate::extract::{Draft, Found, Writer};
use crate::syntax::literal::Literal;

/// Lines that are being put together.
#[derive(Debug, Default)]
pub(super) struct Lines(Option<Writer>);

impl Lines {
    /// Starts with a line that is computed where `steered` says that any of the others may be conditional.
    pub(super) fn new(steered: bool, first: Option<&Scalar>) -> Self {
        let mut lines = Self::default();
        if let Some(scalar) = first.filter(|_| steered) {
            lines.unknown(&scalar.text);
        }
        lines
    }

    fn writer(&mut self, text: &Literal) -> &mut Writer {
        self.0.get_or_insert_with(|| Writer::new(text))
    }

    /// A line that is known only at run time.
    pub(super) fn unknown(&mut self, text: &Literal) {
        let writer = self.writer(text);
        writer.hole(text.whole());
        writer.words("\n");
    }

    /// A line for the value of a setting.
    pub(super) fn setting(&mut self, name: &Literal, value: &Literal) {
        let part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-' | b'$');
        if name.is_dynamic() || name.text().is_empty() || !name.text().iter().all(part) {
            return self.unknown(name);
        }
        let text = value.text().strip_suffix(b"\n").unwrap_or(value.text());
        // A line feed ends the line, whatever quotes there are; what the tool makes of it is not known.
        let value =
            if text.contains(&b'\n') { Draft::computed(value, 0..text.len()) } else { Draft::of(value, 0..text.len()) };
        self.writer(name).setting(name, &value);
    }

    /// A line for a setting that the tool sets itself, with a value that it makes of others.
    pub(super) fn made(&mut self, name: &str, value: &Literal) {
        let writer = self.writer(value);
        writer.words(name);
        writer.value(value);
    }

    /// A line for a setting that something in the file stands for.
    pub(super) fn meant(&mut self, name: &str, value: &str, by: &Literal) {
        let writer = self.writer(by);
        writer.words(name);
        writer.words(" = ");
        writer.meant(value, by.whole());
        writer.words("\n");
    }

    /// Lines for a map of settings but for those that `skip` names. What is null, a list or a map is none.
    pub(super) fn map(&mut self, map: &Node, skip: impl Fn(&str, &Scalar) -> bool) {
        for (name, value) in map.entries() {
            let Some(value) = value.as_scalar() else { continue };
            if !name.known().is_some_and(|name| skip(name, value)) {
                self.setting(&name.text, &value.text);
            }
        }
    }

    /// Lines as they stand in a list.
    pub(super) fn rows<'a>(&mut self, rows: impl Iterator<Item = &'a Scalar>) {
        for row in rows {
            let writer = self.writer(&row.text);
            writer.text(&row.text);
            if !writer.is_at_line() {
                writer.words("\n");
            }
        }
    }

    /// Words as they stand, blanks between them, for a line.
    pub(super) fn words<'a>(&mut self, words: impl IntoIterator<Item = &'a Literal>) {
        let mut words = words.into_iter().peekable();
        let Some(first) = words.peek() else { return };
        let writer = self.writer(first);
        writer.list(words, " ", Writer::text);
        writer.words("\n");
    }

    /// The finished lines.
    pub(super) fn build(self) -> Option<Literal> {
        self.0.map(Writer::build)
    }

    /// Adds the finished lines as a text of a kind.
    pub(super) fn add(self, kind: Kind, found: &mut Found<'_>) {
        if let Some(text) = self.build() {
            found.add(kind, text);
        }
    }
}
