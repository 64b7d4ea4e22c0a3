//! Facts about PostgreSQL, per major: settings, pg_hba.conf methods and options, connection keywords, SQL options.
//!
//! Data only; nothing here knows of files or findings.

pub mod conninfo;
mod extra;
mod generated;
pub mod hba;
mod majors;
mod removed;
pub mod settings;
pub mod sql_options;

pub use majors::{Majors, NEWEST, OLDEST};
pub use settings::{Def, Setting, setting};

/// The candidate nearest to `word`, if one is near enough to be what was meant.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let allowed = (word.len() / 3).clamp(1, 4);
    candidates
        .into_iter()
        .filter(|candidate| candidate.len().abs_diff(word.len()) <= allowed)
        .map(|candidate| (strsim::osa_distance(word, candidate), candidate))
        .filter(|&(distance, _)| distance <= allowed)
        .min()
        .map(|(_, candidate)| candidate)
}
