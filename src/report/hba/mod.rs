//! What the commands on pg_hba.conf print: answers of `reach`, for people and for programs.
//!
//! Rows are shown through the redactor, as everywhere.

use serde::Serialize;

use crate::model::hba::HbaRow;
use crate::secret::{Redactor, printable};
use crate::source::{SourceMap, Span};

pub(crate) mod diff;
pub(crate) mod expect;
pub(crate) mod page;
pub(crate) mod server;
pub(crate) mod show;
pub(crate) mod table;
pub(crate) mod trace;
pub(crate) mod words;

/// A row, as it is shown.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct ShownRow {
    pub(crate) path: String,
    pub(crate) line: u32,
    /// Its fields, with one blank between them.
    pub(crate) text: String,
    pub(crate) method: &'static str,
}

/// A longer row is cut after so many characters.
const LONGEST: usize = 120;

/// Shows parts of the sources.
#[derive(Debug)]
pub(crate) struct Shower<'s> {
    sources: &'s SourceMap,
    redactor: Redactor<'s>,
    /// What paths begin with that is shown otherwise, and how.
    renamed: Option<(String, String)>,
}

impl<'s> Shower<'s> {
    pub(crate) fn new(sources: &'s SourceMap) -> Self {
        Self { sources, redactor: Redactor::new(sources), renamed: None }
    }

    /// Shows what paths begin with as something else.
    pub(crate) fn in_place_of(self, start: String, shown: String) -> Self {
        Self { renamed: Some((start, shown)), ..self }
    }

    /// The name of a node or file.
    pub(crate) fn name(&self, path: &str) -> String {
        let renamed =
            self.renamed.as_ref().and_then(|(start, shown)| Some((path.strip_prefix(start.as_str())?, shown)));
        let path = renamed.map_or_else(|| path.to_owned(), |(rest, shown)| format!("{shown}{rest}"));
        printable(&path).into_owned()
    }

    /// The path and line of a place.
    pub(crate) fn place(&self, span: Span) -> (String, u32) {
        let span = self.sources.to_host(span);
        let file = self.sources.file(span.file);
        (self.name(file.path().as_str()), file.lines().position(span.start, file.bytes()).line)
    }

    pub(crate) fn row(&self, row: &HbaRow) -> ShownRow {
        let (path, line) = self.place(row.span);
        let shown = self.redactor.show(row.span);
        let mut text = one_blank(&self.redactor.text(shown.text()));
        if let Some((end, _)) = text.char_indices().nth(LONGEST) {
            text.truncate(end);
            text.push('…');
        }
        ShownRow { path, line, text, method: row.method.name() }
    }

    /// A text that says something of the sources, with what may be a secret masked.
    pub(crate) fn text(&self, text: &str) -> String {
        printable(&self.redactor.text(text)).into_owned()
    }
}

/// A line's blanks outside of quotes as one each.
fn one_blank(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let (mut quoted, mut blank) = (false, false);
    for char in text.chars() {
        quoted ^= char == '"';
        if char.is_whitespace() && !quoted {
            blank = true;
            continue;
        }
        if std::mem::take(&mut blank) && !out.is_empty() {
            out.push(' ');
        }
        out.push(char);
    }
    printable(&out).into_owned()
}
