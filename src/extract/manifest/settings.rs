//! Lines of postgresql.conf out of names and values that stand in other forms.

use crate::discover::Kind;
use crate::extract::tree::{Node, Scalar};
use crate::extract::{Found, HOLE, Quoting};
use crate::syntax::literal::{Builder, Literal};

/// Lines that are being put together.
#[derive(Debug, Default)]
pub(super) struct Lines(Option<Builder>);

impl Lines {
    /// Starts with a line that is computed where `steered` says that any of the others may be conditional.
    pub(super) fn new(steered: bool, first: Option<&Scalar>) -> Self {
        let mut lines = Self::default();
        if let Some(scalar) = first.filter(|_| steered) {
            lines.unknown(&scalar.text);
        }
        lines
    }

    fn builder(&mut self, text: &Literal) -> &mut Builder {
        let at = text.whole().start as usize;
        self.0.get_or_insert_with(|| Literal::builder(text.file()).at(at))
    }

    /// A line that is known only at run time.
    pub(super) fn unknown(&mut self, text: &Literal) {
        let whole = text.whole();
        let builder = self.builder(text);
        builder.stand_in(HOLE, whole.start as usize, whole.end as usize);
        glue(builder, b"\n", whole.end as usize);
    }

    /// A line for the value of a setting.
    pub(super) fn setting(&mut self, name: &Literal, value: &Literal) {
        let part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-' | b'$');
        if name.is_dynamic() || name.text().is_empty() || !name.text().iter().all(part) {
            return self.unknown(name);
        }
        let builder = self.builder(name);
        builder.append(name, 0..name.text().len());
        glue(builder, b" = ", name.whole().end as usize);
        quoted(builder, value);
        glue(builder, b"\n", value.whole().end as usize);
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
            let text = &row.text;
            let end = text.whole().end as usize;
            let builder = self.builder(text);
            builder.append(text, 0..text.text().len());
            if builder.last() != Some(b'\n') {
                glue(builder, b"\n", end);
            }
        }
    }

    /// Words as they stand, blanks between them, for a line.
    pub(super) fn words<'a>(&mut self, words: impl Iterator<Item = &'a Literal>) {
        let mut end = None;
        for word in words {
            let builder = self.builder(word);
            if let Some(end) = end {
                glue(builder, b" ", end);
            }
            builder.append(word, 0..word.text().len());
            end = Some(word.whole().end as usize);
        }
        if let (Some(builder), Some(end)) = (&mut self.0, end) {
            glue(builder, b"\n", end);
        }
    }

    /// The finished lines.
    pub(super) fn build(self) -> Option<Literal> {
        self.0.map(Builder::build)
    }

    /// Adds the finished lines as a text of a kind.
    pub(super) fn add(self, kind: Kind, found: &mut Found<'_>) {
        if let Some(text) = self.build() {
            found.add(kind, text);
        }
    }
}

fn glue(builder: &mut Builder, text: &[u8], at: usize) {
    builder.push(text, at, at);
}

/// The value of a setting, in quotes if it needs them.
fn quoted(builder: &mut Builder, value: &Literal) {
    let text = value.text().strip_suffix(b"\n").unwrap_or(value.text());
    let whole = value.whole();
    if is_bare(text) && !value.is_dynamic() {
        return builder.append(value, 0..text.len());
    }
    glue(builder, b"'", whole.start as usize);
    // A line feed ends the line, whatever quotes there are; what the tool makes of it is not known.
    if text.contains(&b'\n') {
        builder.stand_in(HOLE, whole.start as usize, whole.end as usize);
    } else {
        let mut line = Literal::builder(value.file()).at(whole.start as usize);
        line.append(value, 0..text.len());
        Quoting::Conf.push(&line.build(), builder);
    }
    glue(builder, b"'", whole.end as usize);
}

/// Whether `guc-file.l` takes the text for one token: a number with a unit, or a word.
fn is_bare(text: &[u8]) -> bool {
    match text.first() {
        Some(byte) if byte.is_ascii_alphabetic() => {
            text.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'/'))
        }
        Some(b'0'..=b'9') => {
            let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
            text[digits..].iter().all(u8::is_ascii_alphabetic)
        }
        _ => false,
    }
}
