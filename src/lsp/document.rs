//! The texts that are open in the editor, which stand in place of those on disk.

use camino::Utf8Path;
use lsp_types::{TextDocumentContentChangeEvent, Uri};

use crate::discover::Kind;
use crate::load::Text;
use crate::lsp::position::{Encoding, Lines};
use crate::lsp::project::Key;

/// An open text.
#[derive(Debug)]
pub(super) struct Document {
    /// As the client wrote it.
    pub(super) uri: Uri,
    pub(super) version: i32,
    pub(super) text: String,
    /// What the client's name of the language says of its kind, where the path says nothing.
    pub(super) kind: Option<Kind>,
    /// Whose findings are told of it.
    pub(super) project: Key,
}

impl Document {
    /// What stands in place of the file.
    pub(super) fn bytes(&self) -> Text {
        Text::Changed(self.text.clone().into_bytes())
    }

    /// Makes the client's edits, each on what the one before left.
    pub(super) fn change(&mut self, changes: Vec<TextDocumentContentChangeEvent>, encoding: Encoding) {
        for change in changes {
            match change.range {
                None => self.text = change.text,
                Some(range) => {
                    let bytes = Lines::new(self.text.as_bytes(), encoding).bytes(range);
                    self.text.replace_range(bytes, &change.text);
                }
            }
        }
    }
}

/// The kind that the client's name of a language tells of a file whose path tells nothing.
pub(super) fn kind(language: &str, path: &Utf8Path) -> Option<Kind> {
    let said = crate::discover::by_path(path);
    said.or_else(|| language.parse().ok().filter(|kind: &Kind| kind.is_own()))
}
