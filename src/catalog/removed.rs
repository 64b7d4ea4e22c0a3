//! Settings that PostgreSQL has dropped or renamed, and what takes their place.
//!
//! Also those that were gone before 10, because people still copy them. Settings that some known major still has are
//! here too: the catalogue says where they exist, this table says what to write instead.

/// What became of a setting.
#[derive(Debug, PartialEq, Eq)]
pub struct Removed {
    /// The old name.
    pub name: &'static str,
    /// The first release without it, such as `9.5` or `13`.
    pub since: &'static str,
    /// The setting to write instead, where one setting takes its place.
    pub successor: Option<&'static str>,
    /// How to go on, as a clause: lower case, no full stop.
    pub advice: &'static str,
}

const fn renamed(name: &'static str, since: &'static str, successor: &'static str, advice: &'static str) -> Removed {
    Removed { name, since, successor: Some(successor), advice }
}

const fn gone(name: &'static str, since: &'static str, advice: &'static str) -> Removed {
    Removed { name, since, successor: None, advice }
}

/// The newest first. The release notes meant are `https://www.postgresql.org/docs/release/<since>.0/`.
#[rustfmt::skip]
pub(super) static REMOVED: &[Removed] = &[
    // Release notes of 19, and its sources for `io_workers`.
    gone("escape_string_warning", "19", "backslashes in plain strings are always plain characters; remove the line"),
    renamed("io_workers", "19", "io_max_workers", "the server starts as many as are needed, up to this number"),
    // Release notes of 18.
    renamed("ssl_ecdh_curve", "18", "ssl_groups", "`ssl_groups` takes a list of curves separated by colons; the old name is still read"),
    // A patch of the packages of Debian and Ubuntu, which theirs of 18 no longer have.
    renamed("extension_destdir", "18", "extension_control_path", "`extension_control_path` lists the folders that extensions are looked for in"),
    // 17
    gone("db_user_namespace", "17", "there is no replacement; name roles without a database part"),
    gone("old_snapshot_threshold", "17", "there is no replacement; `idle_in_transaction_session_timeout` and `transaction_timeout` bound old snapshots"),
    gone("trace_recovery_messages", "17", "`log_min_messages` alone decides now"),
    // 16
    renamed("force_parallel_mode", "16", "debug_parallel_query", "the values are the same"),
    gone("lc_collate", "16", "it was never settable; it is a property of each database"),
    gone("lc_ctype", "16", "it was never settable; it is a property of each database"),
    gone("promote_trigger_file", "16", "promote with `pg_ctl promote` or `pg_promote()`"),
    gone("vacuum_defer_cleanup_age", "16", "use `hot_standby_feedback` or replication slots"),
    // 15
    gone("stats_temp_directory", "15", "statistics live in shared memory; remove the line"),
    // 14
    gone("operator_precedence_warning", "14", "it only warned about expressions written for 9.4; remove the line"),
    gone("vacuum_cleanup_index_scale_factor", "14", "it has had no effect since 13.3; remove the line"),
    // 13
    renamed("wal_keep_segments", "13", "wal_keep_size", "multiply the count by the segment size, 16MB unless initdb was told otherwise"),
    // 12
    gone("default_with_oids", "12", "tables have no OIDs any more; only `off` is still read"),
    gone("standby_mode", "12", "an empty file `standby.signal` in the data directory makes the server a standby"),
    gone("trigger_file", "12", "`promote_trigger_file` in 12 to 15; from 16 on promote with `pg_ctl promote` or `pg_promote()`"),
    // 11
    gone("replacement_sort_tuples", "11", "sorts no longer use replacement selection; remove the line"),
    // 10
    renamed("min_parallel_relation_size", "10", "min_parallel_table_scan_size", "indexes have `min_parallel_index_scan_size`"),
    gone("sql_inheritance", "10", "queries on a parent table always include its children; write `ONLY` to leave them out"),
    // 9.5
    renamed("checkpoint_segments", "9.5", "max_wal_size", "about three times the count times 16MB"),
    gone("ssl_renegotiation_limit", "9.5", "renegotiation is gone; only `0` is still read"),
    // 9.4
    gone("krb_srvname", "9.4", "Kerberos 5 authentication became GSSAPI; clients name the service with `krbsrvname`"),
    // 9.3
    renamed("replication_timeout", "9.3", "wal_sender_timeout", "the value is the same"),
    renamed("unix_socket_directory", "9.3", "unix_socket_directories", "it takes a list separated by commas"),
    // 9.2
    gone("custom_variable_classes", "9.2", "names with a dot need no declaration; remove the line"),
    gone("silent_mode", "9.2", "start the server with `pg_ctl start -l FILE`"),
    gone("wal_sender_delay", "9.2", "the WAL sender is woken when there is work; remove the line"),
    // 9.0
    gone("add_missing_from", "9.0", "every table must stand in FROM; remove the line"),
    gone("regex_flavor", "9.0", "regular expressions are advanced ones; prefix one with `(?e)` or `(?b)` for another flavour"),
    // 8.4
    gone("explain_pretty_print", "8.4", "EXPLAIN VERBOSE has another form now; remove the line"),
    gone("max_fsm_pages", "8.4", "the free space map sizes itself; remove the line"),
    gone("max_fsm_relations", "8.4", "the free space map sizes itself; remove the line"),
    // 8.3
    gone("bgwriter_all_maxpages", "8.3", "checkpoints are spread by `checkpoint_completion_target`"),
    gone("bgwriter_all_percent", "8.3", "checkpoints are spread by `checkpoint_completion_target`"),
    gone("bgwriter_lru_percent", "8.3", "see `bgwriter_lru_multiplier`"),
    renamed("redirect_stderr", "8.3", "logging_collector", "the value is the same"),
    renamed("stats_block_level", "8.3", "track_counts", "one setting for rows and blocks"),
    renamed("stats_command_string", "8.3", "track_activities", "the value is the same"),
    gone("stats_reset_on_server_start", "8.3", "call `pg_stat_reset()`"),
    renamed("stats_row_level", "8.3", "track_counts", "one setting for rows and blocks"),
    gone("stats_start_collector", "8.3", "statistics are always collected; see `track_counts`"),
    // 8.2
    gone("australian_timezones", "8.2", "see `timezone_abbreviations`, value `Australia`"),
    renamed("preload_libraries", "8.2", "shared_preload_libraries", "names of initialisation functions are left out"),
    // 8.0
    gone("log_pid", "8.0", "put `%p` into `log_line_prefix`"),
    gone("log_source_port", "8.0", "put `%r` into `log_line_prefix`"),
    gone("log_timestamp", "8.0", "put `%t` into `log_line_prefix`"),
    renamed("max_expr_depth", "8.0", "max_stack_depth", "it is a size of memory, not a count"),
    renamed("syslog", "8.0", "log_destination", "`2` is `syslog`, `1` is `stderr, syslog`, `0` is `stderr`"),
    renamed("tcpip_socket", "8.0", "listen_addresses", "`true` is `*`, `false` is the empty string"),
    renamed("virtual_host", "8.0", "listen_addresses", "the value is the same"),
];
