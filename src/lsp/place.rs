//! From spans to locations as the client knows them, and what may be shown of a project.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use camino::Utf8PathBuf;
use lsp_types::{Location, Range, Uri};

use crate::lsp::document::Document;
use crate::lsp::position::{Encoding, Lines};
use crate::lsp::project::Snapshot;
use crate::lsp::uri;
use crate::secret::Redactor;
use crate::source::{FileId, Span};

/// The places of a snapshot.
pub(super) struct Places<'a> {
    pub(super) snapshot: &'a Snapshot,
    documents: &'a BTreeMap<Utf8PathBuf, Document>,
    encoding: Encoding,
    lines: RefCell<HashMap<FileId, Rc<Lines<'a>>>>,
    pub(super) redactor: Redactor<'a>,
    /// The folder of the project as it begins paths in messages.
    folder: String,
}

impl<'a> Places<'a> {
    pub(super) fn new(
        snapshot: &'a Snapshot,
        documents: &'a BTreeMap<Utf8PathBuf, Document>,
        encoding: Encoding,
    ) -> Self {
        let redactor = Redactor::new(&snapshot.input.sources);
        let folder = snapshot.key.root.as_str().to_owned();
        Self { snapshot, documents, encoding, lines: RefCell::default(), redactor, folder }
    }

    /// The lines of a file; of a fragment, those of its host.
    pub(super) fn lines(&self, file: FileId) -> Rc<Lines<'a>> {
        let source = self.snapshot.input.sources.file(file);
        let make = || {
            let open = self.documents.contains_key(source.path());
            let lines = if open { Lines::new } else { Lines::of_file };
            Rc::new(lines(source.bytes(), self.encoding))
        };
        Rc::clone(self.lines.borrow_mut().entry(file).or_insert_with(make))
    }

    /// The range of a span in the file that the user knows.
    pub(super) fn range(&self, span: Span) -> Range {
        let span = self.snapshot.input.sources.to_host(span);
        self.lines(span.file).range(span.range())
    }

    /// The URI of a file: the client's own where it is open.
    pub(super) fn uri(&self, file: FileId) -> Option<Uri> {
        let path = self.snapshot.input.sources.file(file).path();
        self.documents.get(path).map(|document| document.uri.clone()).or_else(|| uri::of(path))
    }

    /// The version of an open text.
    pub(super) fn version(&self, file: FileId) -> Option<i32> {
        self.documents.get(self.snapshot.input.sources.file(file).path()).map(|document| document.version)
    }

    pub(super) fn location(&self, span: Span) -> Option<Location> {
        Some(Location { uri: self.uri(span.file)?, range: self.range(span) })
    }

    /// The path and line of a span, as text.
    pub(super) fn shown(&self, span: Span) -> String {
        let span = self.snapshot.input.sources.to_host(span);
        let path = self.snapshot.input.sources.file(span.file).path();
        let path = path.strip_prefix(&self.snapshot.key.root).unwrap_or(path);
        let line = self.lines(span.file).position(span.range().start).line + 1;
        self.text(&format!("{path}:{line}"))
    }

    /// A text as it may be shown: without secrets and control characters, with paths as `pgassay check` in the folder
    /// writes them.
    pub(super) fn text(&self, text: &str) -> String {
        let text = self.redactor.text(text);
        if !text.contains(&self.folder) {
            return text.into_owned();
        }
        text.replace(&format!("{}/", self.folder.trim_end_matches('/')), "")
            .replace(&format!("`{}`", self.folder), "`.`")
    }
}
