//! How much of what includes lead to is read: every file once, and some of them again.
//!
//! The server reads a file each time that a line includes it. Files that include others several times each are read a
//! number of times that grows with the power of their depth, so there is an end to it here.

use std::collections::HashSet;

use crate::source::FileId;

/// So often files are read again per node.
const TIMES: usize = 10_000;

/// So many bytes files that are read again have in all.
const BYTES: usize = 4 << 20;

/// The files that were read, and what may be read again.
#[derive(Debug)]
pub(crate) struct Reread {
    files: HashSet<FileId>,
    times: usize,
    bytes: usize,
}

/// Whether a file is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reading {
    /// For the first time.
    First,
    /// Not for the first time.
    Again,
    /// No: too much was read again.
    No,
}

impl Reread {
    pub(crate) fn new() -> Self {
        Self { files: HashSet::new(), times: TIMES, bytes: BYTES }
    }

    /// Decides on a file of so many bytes.
    pub(crate) fn read(&mut self, file: FileId, bytes: usize) -> Reading {
        if self.files.insert(file) {
            return Reading::First;
        }
        match (self.times.checked_sub(1), self.bytes.checked_sub(bytes)) {
            (Some(times), Some(bytes)) => {
                (self.times, self.bytes) = (times, bytes);
                Reading::Again
            }
            _ => {
                self.times = 0;
                Reading::No
            }
        }
    }

    /// Whether no file is read again any more.
    pub(crate) fn is_spent(&self) -> bool {
        self.times == 0
    }
}
