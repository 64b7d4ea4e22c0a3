//! What a major changes of what older ones do, beyond what it takes away: defaults, and what values mean.
//!
//! That a default changes is told by the catalogue of settings itself; here is what it means to who relies on it. The
//! release notes meant are those of [`release_notes`].

/// The release notes of a major.
#[must_use]
pub fn release_notes(major: u8) -> String {
    format!("https://www.postgresql.org/docs/release/{major}.0/")
}

/// When a tree depends on a default.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Matters {
    /// Whenever it does not set it.
    Always,
    /// Where the server does TLS.
    Tls,
    /// Where roles get passwords or access rows ask for them.
    Passwords,
}

/// A default that is another one from a major on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DefaultChange {
    /// The setting.
    pub name: &'static str,
    /// The first major with the new default.
    pub since: u8,
    /// When it matters.
    pub matters: Matters,
    /// Whether something that works may stop working.
    pub breaks: bool,
    /// What happens, as a clause: lower case, no full stop.
    pub what: &'static str,
}

const fn default(name: &'static str, since: u8, matters: Matters, breaks: bool, what: &'static str) -> DefaultChange {
    DefaultChange { name, since, matters, breaks, what }
}

/// The newest first.
#[rustfmt::skip]
pub static DEFAULTS: &[DefaultChange] = {
    use Matters::{Always, Passwords, Tls};
    &[
        default("default_toast_compression", 19, Always, false, "large values that are written from then on are compressed with LZ4, where the build has it"),
        default("jit", 19, Always, false, "costly queries are no longer compiled"),
        default("log_lock_waits", 19, Always, false, "waits for locks that are longer than `deadlock_timeout` are logged"),
        default("max_locks_per_transaction", 19, Always, false, "a standby needs at least the value of its primary, where this is the default now, too"),
        default("effective_io_concurrency", 18, Always, false, "bitmap scans and VACUUM read further ahead"),
        default("maintenance_io_concurrency", 18, Always, false, "maintenance reads further ahead"),
        default("ssl_ecdh_curve", 18, Tls, false, "X25519 comes before the curve that was the only one"),
        default("vacuum_buffer_usage_limit", 17, Always, false, "VACUUM and ANALYZE may take more of the shared buffers, and are faster"),
        default("hash_mem_multiplier", 15, Always, false, "hash joins and aggregates may take twice `work_mem`, so that a server near the end of its memory needs a lower `work_mem`"),
        default("log_autovacuum_min_duration", 15, Always, false, "autovacuum runs of ten minutes and longer are logged"),
        default("log_checkpoints", 15, Always, false, "each checkpoint writes a line to the log"),
        default("shared_buffers", 15, Always, false, "initdb writes a line with what it found room for, so that only files made otherwise rely on it"),
        default("checkpoint_completion_target", 14, Always, false, "checkpoints are spread over more of the time between two of them"),
        default("password_encryption", 14, Passwords, true, "passwords that are set from then on are SCRAM verifiers, which clients older than libpq 10 cannot use; those that are stored as MD5 stay as they are"),
        default("vacuum_cost_page_miss", 14, Always, false, "vacuum that is slowed down reads more pages between its pauses"),
        default("ssl_min_protocol_version", 13, Tls, true, "clients that speak TLS 1.0 or 1.1 only are refused"),
        default("autovacuum_vacuum_cost_delay", 12, Always, false, "autovacuum works up to ten times as fast, and causes as much more I/O"),
        default("extra_float_digits", 12, Always, false, "floating-point numbers are shown as shortly as is exact, which may differ in the last digits from what was shown before"),
        default("jit", 12, Always, false, "costly queries are compiled where the build can do it; queries whose costs are estimated too high become slower"),
    ]
};

/// Settings whose default is written otherwise and means the same, or which no file sets.
#[rustfmt::skip]
static SAME: &[&str] = &[
    // `off` became the empty list.
    "log_connections",
    // It follows the build.
    "krb_server_keyfile",
    // It got a unit.
    "track_activity_query_size",
    // It was shown as `default` and is the level of `default_transaction_isolation` either way.
    "transaction_isolation",
];

/// What is known of a default that changes with a major; of one that nobody wrote about, that it does.
#[must_use]
pub fn default_change(name: &'static str, since: u8) -> Option<DefaultChange> {
    if SAME.contains(&name) {
        return None;
    }
    let known = DEFAULTS.iter().find(|change| change.name == name && change.since == since);
    Some(known.copied().unwrap_or(default(name, since, Matters::Always, false, "")))
}

/// What `effective_io_concurrency` of 12 and older is from 13 on, by the formula of the release notes of 13.
#[must_use]
pub fn io_concurrency(old: i64) -> i64 {
    let old = old.clamp(0, 1000);
    (1..=old).map(|n| old as f64 / n as f64).sum::<f64>().round() as i64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Majors;
    use crate::catalog::settings::{self, Context};
    use crate::model::value::Value;

    /// Every default that changes, with the majors, as the catalogue has it.
    fn changed() -> Vec<(&'static str, u8)> {
        let mut out = Vec::new();
        for setting in settings::all().filter(|setting| setting.library.is_none() && setting.build.is_none()) {
            for major in Majors::ALL.iter().skip(1) {
                let (Some(old), Some(new)) = (setting.on(major - 1), setting.on(major)) else { continue };
                let shown = |def, major| Value::default_of(def, major).show(setting, def, major);
                if new.context != Context::Internal && shown(old, major - 1) != shown(new, major) {
                    out.push((setting.name, major));
                }
            }
        }
        out
    }

    #[test]
    fn every_default_that_changes_is_explained() {
        let unknown = changed().into_iter().filter(|(name, since)| {
            !SAME.contains(name) && !DEFAULTS.iter().any(|change| change.name == *name && change.since == *since)
        });
        assert_eq!(unknown.collect::<Vec<_>>(), []);
    }

    #[test]
    fn what_is_explained_does_change() {
        let changed = changed();
        for change in DEFAULTS {
            assert!(changed.contains(&(change.name, change.since)), "{} in {}", change.name, change.since);
        }
    }

    /// What a server of 13 answers to the release notes' own query, `SELECT round(sum(10 / n::float)) FROM
    /// generate_series(1, 10) s(n)`.
    #[test]
    fn the_formula_of_the_release_notes() {
        for (old, new) in [(0, 0), (1, 1), (2, 3), (3, 6), (10, 29), (100, 519), (1000, 7485)] {
            assert_eq!(io_concurrency(old), new, "{old}");
        }
    }
}
