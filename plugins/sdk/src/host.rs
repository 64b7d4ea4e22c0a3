//! What a plugin can ask of pgassay.
//!
//! There is no host outside of a component: in native tests `log` writes to the standard error, and the others have
//! nothing to give.

#[cfg(target_arch = "wasm32")]
use crate::bindings::pgassay::plugin::host as real;
use crate::types::{Effective, Place, Severity};

pub use crate::bindings::pgassay::plugin::host::Extent;

/// Says something to who runs pgassay with `--verbose`; the last lines are shown with a crash. At most 64 KiB are kept.
pub fn log(level: Severity, message: &str) {
    real::log(level, message);
}

/// The whole text of a file, by its number, with secrets masked and control characters but line ends and tabs shown as
/// symbols. Bytes that are no UTF-8 are U+FFFD. None if there is no such file.
#[must_use]
pub fn file_text(file: u32) -> Option<String> {
    real::file_text(file)
}

/// The place of a part of what [`file_text`] gives, from `start` up to `end`, both in bytes of that text. None if they
/// do not lie in it, in order and between characters. A part of a masked secret is the place of the whole secret. At most
/// 100,000 places are looked up.
#[must_use]
pub fn locate(file: u32, start: usize, end: usize) -> Option<Place> {
    real::locate(file, u32::try_from(start).ok()?, u32::try_from(end).ok()?)
}

/// Where a place lies in what [`file_text`] gives. None if the plugin was shown no such place.
///
/// [`crate::text`] finds with it what stands beside a place.
#[must_use]
pub fn text_range(place: Place) -> Option<Extent> {
    real::text_range(place)
}

/// The text of a statement, by its number, as [`file_text`] gives it.
#[must_use]
pub fn statement_text(statement: u32) -> Option<String> {
    real::statement_text(statement)
}

/// The parse tree of a statement, by its number, as JSON in the form of libpg_query 18, with secrets masked.
///
/// # Errors
///
/// Says why there is none.
pub fn parse_tree(statement: u32) -> Result<String, String> {
    real::parse_tree(statement)
}

/// The value of a setting on the majors of a node, by its number, whether a file defines it or not. Empty if there is no
/// such node or no major knows the setting.
///
/// [`Node::effective`](crate::types::Node::effective) asks only where the model does not say it.
#[must_use]
pub fn effective_setting(node: u32, setting: &str) -> Vec<Effective> {
    real::effective_setting(node, setting)
}

#[cfg(not(target_arch = "wasm32"))]
mod real {
    use super::{Effective, Extent, Place, Severity};

    pub(super) fn log(level: Severity, message: &str) {
        eprintln!("{level:?}: {message}");
    }

    pub(super) fn file_text(_: u32) -> Option<String> {
        None
    }

    pub(super) fn locate(_: u32, _: u32, _: u32) -> Option<Place> {
        None
    }

    pub(super) fn text_range(_: Place) -> Option<Extent> {
        None
    }

    pub(super) fn statement_text(_: u32) -> Option<String> {
        None
    }

    pub(super) fn parse_tree(_: u32) -> Result<String, String> {
        Err("there is no host".to_owned())
    }

    pub(super) fn effective_setting(_: u32, _: &str) -> Vec<Effective> {
        Vec::new()
    }
}
