//! What a run is at, for whoever watches it: a few counters, and the file that was begun last.
//!
//! Nothing is shown here, and while nobody watches nothing is kept but counts.

use std::sync::atomic::{AtomicBool, AtomicU8, AtomicUsize, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};

use camino::{Utf8Path, Utf8PathBuf};

/// What a run does, one after the other; edits do it again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Walking folders.
    Looking,
    /// Reading and parsing files.
    Reading,
    /// Running checks.
    Checking,
}

static WATCHED: AtomicBool = AtomicBool::new(false);
static STAGE: AtomicU8 = AtomicU8::new(0);
static DONE: AtomicUsize = AtomicUsize::new(0);
static TOTAL: AtomicUsize = AtomicUsize::new(0);
static PATH: Mutex<Option<Utf8PathBuf>> = Mutex::new(None);

/// What a run is at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Now {
    pub(crate) stage: Stage,
    /// How many of `total` were begun; both are 0 where nobody counts.
    pub(crate) done: usize,
    pub(crate) total: usize,
    /// The file that was begun last.
    pub(crate) path: Option<Utf8PathBuf>,
}

/// Says that the paths of files are to be kept from now on.
pub(crate) fn watch(on: bool) {
    WATCHED.store(on, Relaxed);
}

/// A stage begins, of `total` steps. Reading nothing is no stage.
pub(crate) fn begin(stage: Stage, total: usize) {
    if stage == Stage::Reading && total == 0 {
        return;
    }
    STAGE.store(stage as u8, Relaxed);
    DONE.store(0, Relaxed);
    TOTAL.store(total, Relaxed);
    if WATCHED.load(Relaxed) {
        *PATH.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

/// A step begins, on a file.
pub(crate) fn step(path: &Utf8Path) {
    advance();
    if WATCHED.load(Relaxed) {
        *PATH.lock().unwrap_or_else(PoisonError::into_inner) = Some(path.to_owned());
    }
}

/// A step begins.
pub(crate) fn advance() {
    DONE.fetch_add(1, Relaxed);
}

/// What the run is at.
pub(crate) fn now() -> Now {
    let stage = match STAGE.load(Relaxed) {
        1 => Stage::Reading,
        2 => Stage::Checking,
        _ => Stage::Looking,
    };
    let (done, total) = (DONE.load(Relaxed), TOTAL.load(Relaxed));
    Now { stage, done, total, path: PATH.lock().unwrap_or_else(PoisonError::into_inner).clone() }
}
