//! The relations and functions that every server brings, those of the extensions that people monitor with, and the
//! keywords. Types, operators and what users make are not here.
//!
//! `system/*.txt` come from real servers by `cargo xtask catalog`: one line per name, sorted by byte. They are searched
//! as they stand, so nothing is built at start-up.

mod former;

pub(crate) use former::{Former, former_column, former_function, former_relation, predecessors};

use super::{Majors, nearest};

/// `name [+extension] majors [@] column[:majors]...`; `@` marks a table, which has the columns of the system too.
const RELATIONS: &str = include_str!("system/relations.txt");
/// `name [+extension] majors:counts...`, where the counts are runs such as `0-2,4` or `1-`.
const FUNCTIONS: &str = include_str!("system/functions.txt");
/// `word category`, the letters being those of `pg_get_keywords()`.
const KEYWORDS: &str = include_str!("system/keywords.txt");

/// Columns that every table has (the documentation, section "System Columns").
const OF_TABLES: [&str; 6] = ["cmax", "cmin", "ctid", "tableoid", "xmax", "xmin"];

/// Functions that a standby refuses: they write, or tell of what a standby does not do (the documentation, sections
/// "System Administration Functions" and "Hot Standby").
#[rustfmt::skip]
const FAIL_ON_STANDBY: [(&str, Majors); 13] = [
    ("nextval", Majors::ALL),
    ("pg_create_restore_point", Majors::ALL),
    ("pg_current_wal_flush_lsn", Majors::ALL),
    ("pg_current_wal_insert_lsn", Majors::ALL),
    ("pg_current_wal_lsn", Majors::ALL),
    ("pg_current_xact_id", Majors::since(13)),
    ("pg_log_standby_snapshot", Majors::since(16)),
    ("pg_logical_emit_message", Majors::ALL),
    ("pg_switch_wal", Majors::ALL),
    ("pg_walfile_name", Majors::ALL),
    ("pg_walfile_name_offset", Majors::ALL),
    ("setval", Majors::ALL),
    ("txid_current", Majors::ALL),
];

/// Functions that a server refuses which is no standby (the documentation, section "Recovery Control Functions").
const FAIL_ON_PRIMARY: [(&str, Majors); 5] = [
    ("pg_get_wal_replay_pause_state", Majors::since(14)),
    ("pg_is_wal_replay_paused", Majors::ALL),
    ("pg_promote", Majors::since(12)),
    ("pg_wal_replay_pause", Majors::ALL),
    ("pg_wal_replay_resume", Majors::ALL),
];

/// The majors in which a function fails on a standby, or on a server that is none.
pub(crate) fn fails_on(name: &str, standby: bool) -> Majors {
    let table = if standby { &FAIL_ON_STANDBY[..] } else { &FAIL_ON_PRIMARY };
    table.iter().find(|(known, _)| *known == name).map_or(Majors::NONE, |(_, majors)| *majors)
}

/// A table or view of the server or of an extension.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Relation {
    pub(crate) name: &'static str,
    pub(crate) extension: Option<&'static str>,
    pub(crate) majors: Majors,
    table: bool,
    columns: &'static str,
}

/// A function of the server or of an extension.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Function {
    pub(crate) name: &'static str,
    pub(crate) extension: Option<&'static str>,
    calls: &'static str,
}

/// The relation of this name; those of `information_schema` have its name and a dot before theirs.
pub(crate) fn relation(name: &str) -> Option<Relation> {
    relation_of(find(RELATIONS, name)?)
}

fn relation_of(line: &'static str) -> Option<Relation> {
    let (name, extension, rest) = head(line)?;
    // A relation of which only the documentation tells may have no column that is known.
    let (majors, rest) = rest.split_once(' ').unwrap_or((rest, ""));
    let (table, columns) = rest.strip_prefix("@ ").map_or((false, rest), |rest| (true, rest));
    Some(Relation { name, extension, majors: majors_of(majors), table, columns })
}

/// The function of this name, whatever it takes.
pub(crate) fn function(name: &str) -> Option<Function> {
    let (name, extension, calls) = head(find(FUNCTIONS, name)?)?;
    Some(Function { name, extension, calls })
}

/// Whether a word is a keyword in some major.
pub(crate) fn is_keyword(word: &str) -> bool {
    find(KEYWORDS, word).is_some()
}

/// Whether a word cannot be the name of a table or of a column without quotes (`ColId` of the grammar).
pub(crate) fn is_reserved(word: &str) -> bool {
    find(KEYWORDS, word).is_some_and(|line| line.ends_with(" R") || line.ends_with(" T"))
}

/// Whether the relations or functions of an extension are known here.
pub(crate) fn has_extension(name: &str) -> bool {
    FUNCTIONS.lines().filter_map(head).any(|(_, extension, _)| extension == Some(name))
}

/// What some relation is called that this name may stand for.
pub(crate) fn near_relation(name: &str) -> Option<&'static str> {
    near(name, RELATIONS)
}

/// What some function is called that this name may stand for.
pub(crate) fn near_function(name: &str) -> Option<&'static str> {
    near(name, FUNCTIONS)
}

/// Names made by others begin with `pg_` too, so only a slip of the pen counts: up to two letters, or one word more.
fn near(name: &str, text: &'static str) -> Option<&'static str> {
    let names = || text.lines().filter_map(|line| Some(line.split_once(' ')?.0)).filter(|name| name.starts_with("pg_"));
    let mut best = (3, None);
    for known in names().filter(|known| known.len().abs_diff(name.len()) < 3) {
        let distance = strsim::osa_distance(name, known);
        if distance < best.0 {
            best = (distance, Some(known));
        }
    }
    best.1.or_else(|| {
        let words = |name: &'static str| name.split('_');
        let known = |word: &str| names().any(|name| words(name).any(|part| part == word));
        let one_more = |known: &&'static str| {
            let mut parts = words(known);
            let mut next = parts.next();
            let extra = name.split('_').filter(|part| {
                let same = next == Some(*part);
                if same {
                    next = parts.next();
                }
                !same
            });
            extra.count() == 1 && next.is_none()
        };
        name.split('_').all(known).then(|| names().filter(one_more).max_by_key(|known| known.len())).flatten()
    })
}

impl Relation {
    /// The majors in which it has this column; `None` if none has.
    pub(crate) fn column(&self, name: &str) -> Option<Majors> {
        if self.table && OF_TABLES.contains(&name) {
            return Some(self.majors);
        }
        self.columns().find(|(known, _)| *known == name).map(|(_, majors)| majors)
    }

    /// Its columns with the majors that have them.
    pub(crate) fn columns(&self) -> impl Iterator<Item = (&'static str, Majors)> {
        let all = self.majors;
        self.columns.split(' ').filter(|column| !column.is_empty()).map(move |column| match column.split_once(':') {
            Some((name, majors)) => (name, majors_of(majors)),
            None => (column, all),
        })
    }

    /// The column of some of these majors that may have been meant.
    pub(crate) fn near_column(&self, name: &str, majors: Majors) -> Option<&'static str> {
        nearest(name, self.columns().filter(|(_, has)| !(*has & majors).is_empty()).map(|(name, _)| name))
    }
}

impl Function {
    /// The majors that have it.
    pub(crate) fn majors(&self) -> Majors {
        self.forms().fold(Majors::NONE, |all, (majors, _)| all | majors)
    }

    /// The majors that take so many arguments.
    pub(crate) fn takes(&self, count: usize) -> Majors {
        let takes = |counts: &str| counts.split(',').any(|run| in_run(run, count));
        self.forms().filter(|(_, counts)| takes(counts)).fold(Majors::NONE, |all, (majors, _)| all | majors)
    }

    /// The numbers of arguments with the majors that take them, as runs.
    pub(crate) fn forms(&self) -> impl Iterator<Item = (Majors, &'static str)> {
        let form = |form: &'static str| form.split_once(':').map(|(majors, counts)| (majors_of(majors), counts));
        self.calls.split(' ').filter_map(form)
    }
}

/// The name at the start of a line, its extension, and what follows.
fn head(line: &'static str) -> Option<(&'static str, Option<&'static str>, &'static str)> {
    let (name, rest) = line.split_once(' ')?;
    match rest.strip_prefix('+') {
        Some(rest) => rest.split_once(' ').map(|(extension, rest)| (name, Some(extension), rest)),
        None => Some((name, None, rest)),
    }
}

/// The line that begins with this name and a blank, by bisection.
fn find(text: &'static str, name: &str) -> Option<&'static str> {
    let (mut low, mut high) = (0, text.len());
    while low < high {
        let middle = low.midpoint(high);
        let start = text.get(low..middle)?.rfind('\n').map_or(low, |end| low + end + 1);
        let line = text.get(start..high)?.split('\n').next()?;
        match line.split(' ').next()?.cmp(name) {
            std::cmp::Ordering::Equal => return Some(line),
            std::cmp::Ordering::Less => low = start + line.len() + 1,
            std::cmp::Ordering::Greater => high = start,
        }
    }
    None
}

/// `10-12,14` as a set.
fn majors_of(text: &str) -> Majors {
    (super::OLDEST..=super::NEWEST).filter(|&major| text.split(',').any(|run| in_run(run, major.into()))).collect()
}

/// Whether a number lies in a run: `3`, `0-2` or `2-`, which has no end.
fn in_run(run: &str, number: usize) -> bool {
    let (first, last) = run.split_once('-').unwrap_or((run, run));
    let least = first.parse().is_ok_and(|first: usize| first <= number);
    least && (last.is_empty() || last.parse().is_ok_and(|last: usize| number <= last))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_found_by_its_name() {
        for text in [RELATIONS, FUNCTIONS, KEYWORDS] {
            for line in text.lines() {
                assert_eq!(find(text, line.split(' ').next().unwrap_or_default()), Some(line));
            }
            for absent in ["", "0", "pg_", "pg_stat_activit", "pg_stat_activityx", "~"] {
                assert_eq!(find(text, absent), None, "{absent}");
            }
        }
    }

    #[test]
    fn relations_have_columns_per_major() {
        let bgwriter = relation("pg_stat_bgwriter").unwrap();
        assert_eq!((bgwriter.majors, bgwriter.extension), (Majors::ALL, None));
        assert_eq!(bgwriter.column("buffers_checkpoint"), Some(Majors::until(16)));
        assert_eq!(bgwriter.column("ctid"), None);
        let class = relation("pg_class").unwrap();
        assert_eq!((class.column("ctid"), class.column("oid")), (Some(Majors::ALL), Some(Majors::ALL)));
        let statements = relation("pg_stat_statements").unwrap();
        assert_eq!(statements.extension, Some("pg_stat_statements"));
        assert_eq!(statements.column("total_exec_time"), Some(Majors::since(13)));
        assert!(relation("information_schema.columns").is_some_and(|of| of.column("table_name").is_some()));
    }

    #[test]
    fn functions_take_numbers_of_arguments_per_major() {
        let stop = function("pg_stop_backup").unwrap();
        assert_eq!((stop.majors(), stop.takes(2), stop.takes(3)), (Majors::until(14), Majors::until(14), Majors::NONE));
        assert_eq!(function("pg_terminate_backend").unwrap().takes(2), Majors::since(14));
        assert_eq!(function("json_build_object").unwrap().takes(99), Majors::ALL);
        assert_eq!(function("pg_stat_statements_reset").unwrap().extension, Some("pg_stat_statements"));
    }

    #[test]
    fn near_names_are_slips_of_the_pen() {
        assert_eq!(near_relation("pg_stat_activty"), Some("pg_stat_activity"));
        assert_eq!(near_relation("pg_stat_subscription_rel"), Some("pg_stat_subscription"));
        assert_eq!(near_function("pg_curent_wal_lsn"), Some("pg_current_wal_lsn"));
        // Of other makers.
        for name in ["pg_stat_kcache", "pg_stat_monitor", "pg_qualstats", "pg_stat_statements_history"] {
            assert_eq!(near_relation(name), None, "{name}");
        }
        for name in ["pg_wait_sampling_get_current", "pg_partman_version", "pg_cron_job"] {
            assert_eq!(near_function(name), None, "{name}");
        }
    }
}
