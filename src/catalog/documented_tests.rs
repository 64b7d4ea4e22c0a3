//! Facts of majors that no server was asked for, each with what states it. They stand here a second time, so that a
//! change of the data, or a server that says otherwise, is seen.

use super::conninfo::{Keyword, Kind as ConninfoKind};
use super::hba::{Method, option};
use super::settings::{Context, Kind, removed, setting_on};
use super::sql_options::{Command, SubscriptionOption};
use super::{Majors, held, setting, system};
use crate::model::value;

/// A setting, its default in 18 and in 19 (`-` where it is not there), and the source.
const DEFAULTS: &[(&str, &str, &str, &str)] = &[
    ("jit", "on", "off", "release notes of 19, Migration"),
    ("max_locks_per_transaction", "64", "128", "release notes of 19, Migration"),
    ("log_lock_waits", "off", "on", "release notes of 19, Monitoring"),
    ("default_toast_compression", "pglz", "lz4", "release notes of 19, General Performance"),
    ("password_expiration_warning_threshold", "-", "604800", "release notes of 19, Migration: seven days"),
    ("wal_sender_shutdown_timeout", "-", "-1", "release notes of 19, Streaming Replication: wait forever"),
    ("effective_wal_level", "-", "replica", "release notes of 19, Logical Replication"),
    ("escape_string_warning", "on", "-", "release notes of 19, Migration"),
    ("io_workers", "3", "-", "guc_parameters.dat, commit 011bbdb4273f"),
    ("io_max_workers", "-", "8", "release notes of 19, General Performance"),
    ("log_autoanalyze_min_duration", "-", "600000", "release notes of 19, Monitoring"),
    ("max_repack_replication_slots", "-", "5", "release notes of 19, Utility Commands"),
    ("standard_conforming_strings", "on", "on", "release notes of 19, Migration"),
    ("work_mem", "4096", "4096", "not in the release notes of 19"),
];

#[test]
fn settings_of_19() {
    assert!(!held(19) && held(18) && held(10));
    for &(name, before, now, source) in DEFAULTS {
        let default = |major| setting_on(name, major).map_or("-", |(_, def)| def.default);
        assert_eq!((default(18), default(19)), (before, now), "{name}: {source}");
    }
    let on = |name: &str, major: u8| *setting_on(name, major).unwrap().1;
    // Release notes of 19, Monitoring: levels by kind of process.
    assert!(matches!(on("log_min_messages", 18).kind, Kind::Enum(_)));
    assert_eq!(on("log_min_messages", 19).kind, Kind::String);
    // Release notes of 19, Streaming Replication: set by subscription and user.
    assert_eq!(
        (on("wal_receiver_timeout", 18).context, on("wal_receiver_timeout", 19).context),
        (Context::Sighup, Context::User)
    );
    assert_eq!(on("effective_wal_level", 19).context, Context::Internal);
    assert_eq!(removed("io_workers").and_then(|entry| entry.successor), Some("io_max_workers"));
}

#[test]
fn values_that_19_takes() {
    for (name, text, major, taken, source) in [
        ("standard_conforming_strings", "off", 18, true, "servers"),
        ("standard_conforming_strings", "off", 19, false, "release notes of 19, Migration"),
        ("standard_conforming_strings", "on", 19, true, "release notes of 19, Migration"),
        ("log_min_messages", "warning", 19, true, "release notes of 19, Monitoring"),
        ("log_min_messages", "checkpointer:debug2, warning", 18, false, "servers"),
        ("log_min_messages", "checkpointer:debug2, warning", 19, true, "release notes of 19, Monitoring"),
        ("log_min_messages", "loud", 19, false, "release notes of 19, Monitoring"),
    ] {
        let said = value::judge(setting(name).unwrap(), text.as_bytes(), major);
        assert_eq!(!matches!(said, Some(Err(_))), taken, "{name} = {text} on {major}: {source}");
    }
}

#[test]
fn access_and_connections_of_19() {
    // Release notes of 19, Migration: no RADIUS.
    assert_eq!(Method::Radius.majors(), Majors::until(18));
    for name in ["radiusservers", "radiussecrets", "radiusports", "radiusidentifiers"] {
        assert_eq!(option(name.as_bytes()).unwrap().majors, Majors::until(18), "{name}");
    }
    // Release notes of 19, Libpq.
    for name in ["servicefile", "oauth_ca_file"] {
        let keyword = Keyword::find(name).unwrap();
        assert_eq!((keyword.majors, keyword.kind()), (Majors::only(19), ConninfoKind::File), "{name}");
    }
    // CREATE SUBSCRIPTION and ALTER SUBSCRIPTION of 19.
    for name in ["retain_dead_tuples", "max_retention_duration", "wal_receiver_timeout"] {
        let option = SubscriptionOption::find(name).unwrap();
        for command in [Command::Create, Command::Set] {
            assert_eq!(option.majors(command), Majors::only(19), "{name}");
        }
        assert_eq!(option.majors(Command::Refresh), Majors::NONE, "{name}");
    }
}

#[test]
fn system_objects_of_19() {
    // Release notes of 19, Migration and System Views.
    let stats = system::relation("pg_stat_subscription_stats").unwrap();
    assert_eq!(stats.column("sync_error_count"), Some(Majors::range(15, 18)));
    assert_eq!(stats.column("sync_table_error_count"), Some(Majors::only(19)));
    for name in ["pg_stat_lock", "pg_stat_recovery", "pg_stat_autovacuum_scores", "pg_dsm_registry_allocations"] {
        assert_eq!(system::relation(name).unwrap().majors, Majors::only(19), "{name}");
    }
    // The pages of 19 on statistics views.
    for (name, columns) in [
        ("pg_stat_lock", &["locktype", "waits", "wait_time", "fastpath_exceeded", "stats_reset"][..]),
        ("pg_stat_autovacuum_scores", &["relid", "score", "vacuum_insert_score", "do_vacuum", "for_wraparound"]),
        ("pg_stat_recovery", &["promote_triggered", "last_replayed_end_lsn", "pause_state"]),
    ] {
        let relation = system::relation(name).unwrap();
        assert!(columns.iter().all(|column| relation.column(column) == Some(Majors::only(19))), "{name}");
    }
    assert_eq!(system::function("pg_replication_origin_session_setup").unwrap().takes(2), Majors::only(19));
    assert!(setting("escape_string_warning").is_some_and(|of| of.majors() == Majors::until(18)));
}

/// A rule that ends at 18 was most likely written before 19 was known.
#[test]
fn rules_hold_up_to_the_newest_major() {
    // `FOR ALL SEQUENCES` came with 19.
    const RIGHTLY: [&str; 1] = ["publication-sequences"];
    let ends = |rule: &crate::rule::RuleId| rule.meta().majors.last() == Some(super::NEWEST_HELD);
    let found: Vec<&str> = crate::rule::RuleId::all().filter(ends).map(crate::rule::RuleId::name).collect();
    assert_eq!(found, RIGHTLY);
}
