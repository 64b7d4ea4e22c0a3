//! What the servers at hand cannot tell: settings of other builds, minor releases and modules; flags no view shows.
//!
//! Written by hand; every table names its source. What a server tells stands in `generated.rs`.

use super::majors::Majors;
use super::settings::short::*;
use super::settings::{EnumValue, Setting};

/// Settings that the servers behind `generated.rs` lack, sorted by name in lower case.
pub(super) static SETTINGS: &[Setting] = &[
    // guc_tables.c of 18, `#ifdef DEBUG_NODE_TESTS_ENABLED`, which builds with assertions define.
    only("assertions", "debug_copy_parse_plan_trees", &[(pg(18, 19), bool("off", SUPERUSER))]),
    // guc.c, `#ifdef LOCK_DEBUG`; likewise the trace_lock settings below.
    only("LOCK_DEBUG", "debug_deadlocks", &[(pg(10, 19), bool("off", SUPERUSER))]),
    only("assertions", "debug_raw_expression_coverage_test", &[(pg(18, 19), bool("off", SUPERUSER))]),
    only("assertions", "debug_write_read_parse_plan_trees", &[(pg(18, 19), bool("off", SUPERUSER))]),
    // A patch of the Debian and Ubuntu packages of 13 to 17; 18 has extension_control_path instead.
    only("the packages of Debian or Ubuntu", "extension_destdir", &[(pg(13, 17), string("", SUPERUSER))]),
    // guc.c, `#ifdef BTREE_BUILD_STATS`.
    only("BTREE_BUILD_STATS", "log_btree_build_stats", &[(pg(10, 19), bool("off", SUPERUSER))]),
    // guc.c, `#ifdef DEBUG_BOUNDED_SORT`.
    only("DEBUG_BOUNDED_SORT", "optimize_bounded_sort", &[(pg(10, 19), bool("on", USER))]),
    // Release notes of 14.24, 15.19, 16.15, 17.11 and 18.6 (CVE-2026-6471).
    set("output_plugin_libraries", &[(pg(14, 19), string("pgoutput, test_decoding", SUPERUSER))]),
    // pgaudit.c, _PG_init. Releases for older majors lack some of them, so none is refused for the major.
    of("pgaudit", "pgaudit.log", &[(pg(10, 19), string("none", SUPERUSER))]),
    of("pgaudit", "pgaudit.log_catalog", &[(pg(10, 19), bool("on", SUPERUSER))]),
    of("pgaudit", "pgaudit.log_client", &[(pg(10, 19), bool("off", SUPERUSER))]),
    of("pgaudit", "pgaudit.log_level", &[(pg(10, 19), one_of(PGAUDIT_LEVELS, "log", SUPERUSER))]),
    of("pgaudit", "pgaudit.log_parameter", &[(pg(10, 19), bool("off", SUPERUSER))]),
    of("pgaudit", "pgaudit.log_parameter_max_size", &[(pg(10, 19), int(0, (1 << 30) - 1, NONE, "0", SUPERUSER))]),
    of("pgaudit", "pgaudit.log_relation", &[(pg(10, 19), bool("off", SUPERUSER))]),
    of("pgaudit", "pgaudit.log_rows", &[(pg(10, 19), bool("off", SUPERUSER))]),
    of("pgaudit", "pgaudit.log_statement", &[(pg(10, 19), bool("on", SUPERUSER))]),
    of("pgaudit", "pgaudit.log_statement_once", &[(pg(10, 19), bool("off", SUPERUSER))]),
    of("pgaudit", "pgaudit.role", &[(pg(10, 19), string("", SUPERUSER))]),
    // src/pl/plperl/plperl.c, _PG_init.
    of("plperl", "plperl.on_init", &[(pg(10, 19), string("", SIGHUP))]),
    of("plperl", "plperl.on_plperl_init", &[(pg(10, 19), string("", SUPERUSER))]),
    of("plperl", "plperl.on_plperlu_init", &[(pg(10, 19), string("", SUPERUSER))]),
    of("plperl", "plperl.use_strict", &[(pg(10, 19), bool("off", USER))]),
    // contrib/sepgsql/hooks.c, _PG_init.
    of("sepgsql", "sepgsql.debug_audit", &[(pg(10, 19), bool("off", USER))]),
    of("sepgsql", "sepgsql.permissive", &[(pg(10, 19), bool("off", SIGHUP))]),
    only("LOCK_DEBUG", "trace_lock_oidmin", &[(pg(10, 19), int(0, i32::MAX, NONE, "16384", SUPERUSER))]),
    only("LOCK_DEBUG", "trace_lock_table", &[(pg(10, 19), int(0, i32::MAX, NONE, "0", SUPERUSER))]),
    only("LOCK_DEBUG", "trace_locks", &[(pg(10, 19), bool("off", SUPERUSER))]),
    only("LOCK_DEBUG", "trace_lwlocks", &[(pg(10, 19), bool("off", SUPERUSER))]),
    // guc.c, `#ifdef TRACE_SYNCSCAN`.
    only("TRACE_SYNCSCAN", "trace_syncscan", &[(pg(10, 19), bool("off", USER))]),
    only("LOCK_DEBUG", "trace_userlocks", &[(pg(10, 19), bool("off", SUPERUSER))]),
    // guc.c, `#ifdef WAL_DEBUG`.
    only("WAL_DEBUG", "wal_debug", &[(pg(10, 19), bool("off", SUPERUSER))]),
];

/// `check_pgaudit_log_level` of pgaudit.c.
const PGAUDIT_LEVELS: &[EnumValue] = &[
    hide("debug", "debug2"),
    word("debug5"),
    word("debug4"),
    word("debug3"),
    word("debug2"),
    word("debug1"),
    word("info"),
    word("notice"),
    word("warning"),
    word("log"),
];

/// Old names that the server resolves itself (`map_old_guc_names` in guc.c): alias, setting, majors that do so.
pub(super) const ALIASES: &[(&str, &str, Majors)] = &[
    ("sort_mem", "work_mem", Majors::ALL),
    ("vacuum_mem", "maintenance_work_mem", Majors::ALL),
    ("ssl_ecdh_curve", "ssl_groups", Majors::since(18)),
];

/// Settings added by a minor release, and the first release of each branch that has them. Branches that had the
/// setting from their first release on are left out. Source: the release notes of those releases.
pub(super) const MINORS: &[(&str, &[&str])] = &[
    ("allow_in_place_tablespaces", &["10.22", "11.17", "12.12", "13.8", "14.5"]),
    ("data_sync_retry", &["10.7", "11.2"]),
    ("file_extend_method", &["16.12", "17.8", "18.2"]),
    ("output_plugin_libraries", &["14.24", "15.19", "16.15", "17.11", "18.6"]),
    ("restrict_nonsystem_relation_kind", &["12.20", "13.16", "14.13", "15.8", "16.4"]),
];

/// Lists of values (GUC_LIST_INPUT in guc.c, guc_tables.c from 16).
pub(super) const LISTS: &[&str] = &[
    "createrole_self_grant",
    "DateStyle",
    "debug_io_direct",
    "listen_addresses",
    "local_preload_libraries",
    "log_connections",
    "log_destination",
    "oauth_validator_libraries",
    "output_plugin_libraries",
    "pgaudit.log",
    "restrict_nonsystem_relation_kind",
    "search_path",
    "session_preload_libraries",
    "shared_preload_libraries",
    "synchronized_standby_slots",
    "synchronous_standby_names",
    "temp_tablespaces",
    "unix_socket_directories",
    "wal_consistency_checking",
];

/// Lists of which each string in SQL is one item, commas and all (GUC_LIST_QUOTE in guc.c, guc_tables.c from 16), and the
/// majors that treat them so.
pub(super) const QUOTED_LISTS: &[(&str, Majors)] = &[
    ("local_preload_libraries", Majors::ALL),
    ("oauth_validator_libraries", Majors::since(18)),
    ("output_plugin_libraries", Majors::since(14)),
    ("search_path", Majors::ALL),
    ("session_preload_libraries", Majors::ALL),
    ("shared_preload_libraries", Majors::ALL),
    ("temp_tablespaces", Majors::ALL),
    ("unix_socket_directories", Majors::since(14)),
];

/// Identifiers (GUC_IS_NAME in guc.c).
pub(super) const NAMES: &[&str] = &[
    "application_name",
    "client_encoding",
    "cluster_name",
    "default_table_access_method",
    "default_tablespace",
    "role",
    "server_encoding",
    "session_authorization",
];

/// File modes (`show_data_directory_mode`, `show_log_file_mode`, `show_unix_socket_permissions` in guc.c).
pub(super) const OCTAL: &[&str] = &["data_directory_mode", "log_file_mode", "unix_socket_permissions"];

/// Prefixes of settings of modules outside PostgreSQL's own sources, and the library that defines them. Source:
/// the documentation of each project.
pub(super) const PREFIXES: &[(&str, &str)] = &[
    ("citus", "citus"),
    ("credcheck", "credcheck"),
    ("cron", "pg_cron"),
    ("hypopg", "hypopg"),
    ("orafce", "orafce"),
    ("pg_failover_slots", "pg_failover_slots"),
    ("pg_hint_plan", "pg_hint_plan"),
    ("pg_net", "pg_net"),
    ("pg_partman_bgw", "pg_partman_bgw"),
    ("pg_qualstats", "pg_qualstats"),
    ("pg_show_plans", "pg_show_plans"),
    ("pg_stat_kcache", "pg_stat_kcache"),
    ("pg_stat_monitor", "pg_stat_monitor"),
    ("pg_store_plans", "pg_store_plans"),
    ("pg_wait_sampling", "pg_wait_sampling"),
    ("pgaudit", "pgaudit"),
    ("pglogical", "pglogical"),
    ("pgtle", "pg_tle"),
    ("plprofiler", "plprofiler"),
    ("powa", "powa"),
    ("repmgr", "repmgr"),
    ("set_user", "set_user"),
    ("spock", "spock"),
    ("squeeze", "pg_squeeze"),
    ("supautils", "supautils"),
    ("timescaledb", "timescaledb"),
];
