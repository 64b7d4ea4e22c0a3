//! What every renderer asks of the sources: shown paths, positions, redacted words.

use std::borrow::Cow;

use crate::finding::{FileChange, Finding, Fix};
use crate::secret::{Redactor, printable};
use crate::source::{FileId, Position, SourceMap, Span};

/// The sources as they may be shown.
#[derive(Debug)]
pub(super) struct View<'a> {
    pub(super) sources: &'a SourceMap,
    pub(super) redactor: Redactor<'a>,
}

/// The path of a file that comes or goes, and what a new one holds.
pub(super) type ShownFile<'f> = (String, Option<Cow<'f, str>>);

impl<'a> View<'a> {
    pub(super) fn new(sources: &'a SourceMap) -> Self {
        Self { sources, redactor: Redactor::new(sources) }
    }

    /// The path for a terminal; a file name may hold control characters.
    pub(super) fn path(&self, file: FileId) -> Cow<'a, str> {
        printable(self.sources.file(file).path().as_str())
    }

    pub(super) fn position(&self, file: FileId, offset: u32) -> Position {
        let file = self.sources.file(file);
        file.lines().position(offset, file.bytes())
    }

    pub(super) fn position_utf16(&self, file: FileId, offset: u32) -> Position {
        let file = self.sources.file(file);
        file.lines().position_utf16(offset, file.bytes())
    }

    pub(super) fn start(&self, span: Span) -> Position {
        self.position(span.file, span.start)
    }

    /// The line of its last byte: what ends with a line break does not reach into the next line.
    pub(super) fn last_line(&self, span: Span) -> u32 {
        self.position(span.file, span.start.max(span.end.saturating_sub(1))).line
    }

    pub(super) fn text<'t>(&self, text: &'t str) -> Cow<'t, str> {
        self.redactor.text(text)
    }

    pub(super) fn message<'f>(&self, finding: &'f Finding) -> Cow<'f, str> {
        self.text(&finding.message)
    }

    /// The edits with secrets hidden, and whether any was.
    pub(super) fn edits<'f>(&self, fix: &'f Fix) -> (Vec<(Span, Cow<'f, str>)>, bool) {
        let mut masked = false;
        let edits = fix.edits.iter().map(|(span, text)| {
            let hidden = self.redactor.hide(text);
            masked |= hidden != text.as_str();
            (*span, hidden)
        });
        (edits.collect(), masked)
    }

    /// The files that come, with what they hold, and those that go; and whether a secret was hidden.
    pub(super) fn files<'f>(&self, fix: &'f Fix) -> (Vec<ShownFile<'f>>, bool) {
        let mut masked = false;
        let files = fix.files.iter().map(|change| {
            let path = change.path(self.sources).into_string();
            let FileChange::Create { text, .. } = change else { return (path, None) };
            let hidden = self.redactor.hide(text);
            masked |= hidden != text.as_str();
            (path, Some(hidden))
        });
        (files.collect(), masked)
    }
}
