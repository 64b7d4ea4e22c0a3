//! Facts about PostgreSQL, per major: settings, pg_hba.conf methods and options, connection keywords, SQL options,
//! system relations and functions.
//!
//! Data only; nothing here knows of files or findings.

pub mod changes;
pub mod conninfo;
mod extra;
mod generated;
pub mod hba;
mod majors;
pub mod pgbouncer;
mod removed;
pub mod settings;
pub mod sql_options;
pub mod successor;
pub(crate) mod system;

pub use majors::{Majors, NEWEST, NEWEST_HELD, OLDEST};
pub use settings::{Def, Setting, setting};

/// Whether the facts of a major were read off a server; else they are those of its documentation.
#[must_use]
pub const fn held(major: u8) -> bool {
    Majors::HELD.contains(major)
}

/// What is to be said of a run that judges for majors of which no server was asked.
#[must_use]
pub fn caveat(majors: Majors) -> Option<String> {
    let unheld = majors.unheld();
    (!unheld.is_empty())
        .then(|| format!("PostgreSQL {unheld} is judged by its documentation; no server of it has been asked"))
}

/// A longer word is no slip of the pen, and comparing it would take long.
const LONGEST_WORD: usize = 200;

/// So many candidates are compared; the lists of the catalogue are shorter, those of files may be of any length.
const MOST_CANDIDATES: usize = 1000;

/// The candidate nearest to `word`, if one is near enough to be what was meant.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if word.len() > LONGEST_WORD {
        return None;
    }
    let allowed = (word.len() / 3).clamp(1, 4);
    candidates
        .into_iter()
        .take(MOST_CANDIDATES)
        .filter(|candidate| candidate.len().abs_diff(word.len()) <= allowed)
        .map(|candidate| (strsim::osa_distance(word, candidate), candidate))
        .filter(|&(distance, _)| distance <= allowed)
        .min()
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod documented_tests;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearest_compares_a_bounded_number_of_bounded_words() {
        assert_eq!(nearest("fsinc", ["port", "fsync"]), Some("fsync"));
        let long = "x".repeat(LONGEST_WORD + 1);
        assert_eq!(nearest(&long, [long.as_str()]), None);
        let compared = std::cell::Cell::new(0);
        let many = std::iter::repeat_n("zzzz", 1_000_000).inspect(|_| compared.set(compared.get() + 1));
        assert_eq!(nearest("fsync", many), None);
        assert_eq!(compared.get(), MOST_CANDIDATES);
    }

    #[test]
    fn the_lists_of_the_catalogue_are_compared_whole() {
        assert!(settings::all().count() <= MOST_CANDIDATES);
    }
}
