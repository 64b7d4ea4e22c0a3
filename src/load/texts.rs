//! What stands in place of files: what edits make of them, or what an editor has open.

use std::collections::BTreeMap;
use std::io;

use camino::{Utf8Path, Utf8PathBuf};

use crate::source;

/// What fixes make of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Text {
    /// It has these bytes now.
    Changed(Vec<u8>),
    /// It is new.
    Created {
        /// What it holds.
        bytes: Vec<u8>,
        /// The file whose owner and mode it gets.
        like: Utf8PathBuf,
    },
    /// It is gone.
    Removed,
}

/// What to take in place of files, by path.
pub type Texts = BTreeMap<Utf8PathBuf, Text>;

/// The bytes of a file, or what stands in their place.
pub(super) fn read(texts: &Texts, path: &Utf8Path) -> io::Result<Vec<u8>> {
    match texts.get(path) {
        Some(Text::Changed(bytes) | Text::Created { bytes, .. }) => Ok(bytes.clone()),
        Some(Text::Removed) => Err(io::ErrorKind::NotFound.into()),
        None => source::read(path),
    }
}
