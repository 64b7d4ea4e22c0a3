//! Names that system relations, columns and functions once had, and what takes their place.
//!
//! Those that were gone before 10 no server can tell any more. The release notes meant are
//! `https://www.postgresql.org/docs/release/<since>.0/`.

/// A name that is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Former {
    /// The relation whose column it was; `None` of a function or relation.
    pub(crate) relation: Option<&'static str>,
    pub(crate) name: &'static str,
    /// The first release without it, such as `9.6` or `17`.
    pub(crate) since: &'static str,
    /// The name to write instead: of a function or relation, or `relation.column`.
    pub(crate) now: Option<&'static str>,
    /// More to say, as a clause.
    pub(crate) advice: &'static str,
}

const fn column(
    relation: &'static str,
    name: &'static str,
    since: &'static str,
    now: Option<&'static str>,
    advice: &'static str,
) -> Former {
    Former { relation: Some(relation), name, since, now, advice }
}

const fn object(name: &'static str, since: &'static str, now: Option<&'static str>, advice: &'static str) -> Former {
    Former { relation: None, name, since, now, advice }
}

#[rustfmt::skip]
static FUNCTIONS: &[Former] = &[
    // 15
    object("pg_start_backup", "15", Some("pg_backup_start"), "the exclusive mode is gone, and with it the third argument"),
    object("pg_stop_backup", "15", Some("pg_backup_stop"), "it takes `wait_for_archive` alone, in the session that started the backup"),
    object("pg_backup_start_time", "15", None, "the exclusive mode is gone; `pg_stat_progress_basebackup` shows running base backups"),
    object("pg_is_in_backup", "15", None, "the exclusive mode is gone; `pg_stat_progress_basebackup` shows running base backups"),
    // 17
    object("pg_stat_get_bgwriter_buf_written_checkpoints", "17", Some("pg_stat_get_checkpointer_buffers_written"), ""),
    object("pg_stat_get_bgwriter_requested_checkpoints", "17", Some("pg_stat_get_checkpointer_num_requested"), ""),
    object("pg_stat_get_bgwriter_timed_checkpoints", "17", Some("pg_stat_get_checkpointer_num_timed"), ""),
    object("pg_stat_get_checkpoint_sync_time", "17", Some("pg_stat_get_checkpointer_sync_time"), ""),
    object("pg_stat_get_checkpoint_write_time", "17", Some("pg_stat_get_checkpointer_write_time"), ""),
    // 10: "xlog" became "wal", "location" became "lsn".
    object("pg_current_xlog_flush_location", "10", Some("pg_current_wal_flush_lsn"), ""),
    object("pg_current_xlog_insert_location", "10", Some("pg_current_wal_insert_lsn"), ""),
    object("pg_current_xlog_location", "10", Some("pg_current_wal_lsn"), ""),
    object("pg_is_xlog_replay_paused", "10", Some("pg_is_wal_replay_paused"), ""),
    object("pg_last_xlog_receive_location", "10", Some("pg_last_wal_receive_lsn"), ""),
    object("pg_last_xlog_replay_location", "10", Some("pg_last_wal_replay_lsn"), ""),
    object("pg_switch_xlog", "10", Some("pg_switch_wal"), ""),
    object("pg_xlog_location_diff", "10", Some("pg_wal_lsn_diff"), ""),
    object("pg_xlog_replay_pause", "10", Some("pg_wal_replay_pause"), ""),
    object("pg_xlog_replay_resume", "10", Some("pg_wal_replay_resume"), ""),
    object("pg_xlogfile_name", "10", Some("pg_walfile_name"), ""),
    object("pg_xlogfile_name_offset", "10", Some("pg_walfile_name_offset"), ""),
];

#[rustfmt::skip]
static RELATIONS: &[Former] = &[
    object("pg_pltemplate", "13", None, "the extension of a language tells now whether it is trusted"),
    object("pg_listener", "9.0", Some("pg_listening_channels"), "it is a function, and tells of the own session alone"),
    object("pg_autovacuum", "8.4", None, "storage parameters of tables (`pg_class.reloptions`) take its place"),
];

#[rustfmt::skip]
static COLUMNS: &[Former] = &[
    // 18
    column("pg_stat_wal", "wal_sync", "18", Some("pg_stat_io.fsyncs"), "where `object` is `wal`"),
    column("pg_stat_wal", "wal_sync_time", "18", Some("pg_stat_io.fsync_time"), "where `object` is `wal`"),
    column("pg_stat_wal", "wal_write", "18", Some("pg_stat_io.writes"), "where `object` is `wal`"),
    column("pg_stat_wal", "wal_write_time", "18", Some("pg_stat_io.write_time"), "where `object` is `wal`"),
    column("pg_stat_io", "op_bytes", "18", None, "`read_bytes`, `write_bytes` and `extend_bytes` count bytes"),
    column("pg_backend_memory_contexts", "parent", "18", Some("pg_backend_memory_contexts.path"), ""),
    // 17
    column("pg_stat_bgwriter", "buffers_backend", "17", Some("pg_stat_io.writes"), "where `backend_type` is `client backend`"),
    column("pg_stat_bgwriter", "buffers_backend_fsync", "17", Some("pg_stat_io.fsyncs"), "where `backend_type` is `client backend`"),
    column("pg_stat_bgwriter", "buffers_checkpoint", "17", Some("pg_stat_checkpointer.buffers_written"), ""),
    column("pg_stat_bgwriter", "checkpoint_sync_time", "17", Some("pg_stat_checkpointer.sync_time"), ""),
    column("pg_stat_bgwriter", "checkpoint_write_time", "17", Some("pg_stat_checkpointer.write_time"), ""),
    column("pg_stat_bgwriter", "checkpoints_req", "17", Some("pg_stat_checkpointer.num_requested"), ""),
    column("pg_stat_bgwriter", "checkpoints_timed", "17", Some("pg_stat_checkpointer.num_timed"), ""),
    column("pg_stat_progress_vacuum", "max_dead_tuples", "17", Some("pg_stat_progress_vacuum.max_dead_tuple_bytes"), "it is a size in bytes"),
    column("pg_stat_progress_vacuum", "num_dead_tuples", "17", Some("pg_stat_progress_vacuum.num_dead_item_ids"), ""),
    column("pg_stat_statements", "blk_read_time", "17", Some("pg_stat_statements.shared_blk_read_time"), ""),
    column("pg_stat_statements", "blk_write_time", "17", Some("pg_stat_statements.shared_blk_write_time"), ""),
    column("pg_collation", "colliculocale", "17", Some("pg_collation.colllocale"), ""),
    column("pg_database", "daticulocale", "17", Some("pg_database.datlocale"), ""),
    // 15
    column("pg_database", "datlastsysoid", "15", None, "OIDs of the system are below 16384"),
    // 14
    column("pg_stat_ssl", "compression", "14", None, "compression of TLS is no longer supported"),
    // 13
    column("pg_stat_statements", "max_time", "13", Some("pg_stat_statements.max_exec_time"), ""),
    column("pg_stat_statements", "mean_time", "13", Some("pg_stat_statements.mean_exec_time"), ""),
    column("pg_stat_statements", "min_time", "13", Some("pg_stat_statements.min_exec_time"), ""),
    column("pg_stat_statements", "stddev_time", "13", Some("pg_stat_statements.stddev_exec_time"), ""),
    column("pg_stat_statements", "total_time", "13", Some("pg_stat_statements.total_exec_time"), ""),
    column("pg_stat_wal_receiver", "received_lsn", "13", Some("pg_stat_wal_receiver.flushed_lsn"), ""),
    // 12
    column("pg_attrdef", "adsrc", "12", None, "call `pg_get_expr(adbin, adrelid)`"),
    column("pg_class", "relhasoids", "12", None, "tables have no OIDs any more"),
    column("pg_constraint", "consrc", "12", None, "call `pg_get_constraintdef(oid)`"),
    column("pg_proc", "protransform", "12", Some("pg_proc.prosupport"), ""),
    column("pg_stat_ssl", "clientdn", "12", Some("pg_stat_ssl.client_dn"), ""),
    // 11
    column("pg_class", "relhaspkey", "11", None, "look for a row of `pg_index` with `indisprimary`"),
    column("pg_proc", "proisagg", "11", Some("pg_proc.prokind"), "`a` is an aggregate"),
    column("pg_proc", "proiswindow", "11", Some("pg_proc.prokind"), "`w` is a window function"),
    // 10
    column("pg_stat_replication", "flush_location", "10", Some("pg_stat_replication.flush_lsn"), ""),
    column("pg_stat_replication", "replay_location", "10", Some("pg_stat_replication.replay_lsn"), ""),
    column("pg_stat_replication", "sent_location", "10", Some("pg_stat_replication.sent_lsn"), ""),
    column("pg_stat_replication", "write_location", "10", Some("pg_stat_replication.write_lsn"), ""),
    // 9.6
    column("pg_stat_activity", "waiting", "9.6", Some("pg_stat_activity.wait_event_type"), "it is null where nothing is waited for"),
    // 9.5
    column("pg_authid", "rolcatupdate", "9.5", None, "superusers alone change system catalogs"),
    column("pg_shadow", "usecatupd", "9.5", None, "superusers alone change system catalogs"),
    column("pg_user", "usecatupd", "9.5", None, "superusers alone change system catalogs"),
    // 9.2
    column("pg_stat_activity", "current_query", "9.2", Some("pg_stat_activity.query"), "`state` tells whether it runs"),
    column("pg_stat_activity", "procpid", "9.2", Some("pg_stat_activity.pid"), ""),
    column("pg_stat_replication", "procpid", "9.2", Some("pg_stat_replication.pid"), ""),
    column("pg_tablespace", "spclocation", "9.2", None, "call `pg_tablespace_location(oid)`"),
];

/// The function that once had this name.
pub(crate) fn former_function(name: &str) -> Option<&'static Former> {
    FUNCTIONS.iter().find(|former| former.name == name)
}

/// The relation that once had this name.
pub(crate) fn former_relation(name: &str) -> Option<&'static Former> {
    RELATIONS.iter().find(|former| former.name == name)
}

/// The column of the relation that once had this name.
pub(crate) fn former_column(relation: &str, name: &str) -> Option<&'static Former> {
    COLUMNS.iter().find(|former| former.name == name && former.relation == Some(relation))
}

/// The names in whose place this came: of a function, a relation, or a column of the relation.
pub(crate) fn predecessors<'a>(relation: Option<&'a str>, name: &'a str) -> impl Iterator<Item = &'static Former> + 'a {
    all().filter(move |former| match (former.now.and_then(|now| now.split_once('.')), relation) {
        (Some((of, column)), Some(relation)) => of == relation && column == name,
        (Some((of, _)), None) => of == name && former.relation != Some(name),
        (None, None) => former.now == Some(name),
        (None, Some(_)) => false,
    })
}

fn all() -> impl Iterator<Item = &'static Former> {
    FUNCTIONS.iter().chain(RELATIONS).chain(COLUMNS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::system::{function, relation};
    use crate::catalog::{Majors, OLDEST};

    #[test]
    fn what_takes_the_place_of_a_name_exists_where_that_is_gone() {
        let object = |name: &str| function(name).map(|of| of.majors()).or(relation(name).map(|of| of.majors));
        let column = |of: &str, name: &str| relation(of).and_then(|of| of.column(name));
        for former in all() {
            let gone = former.relation.map_or_else(|| object(former.name), |of| column(of, former.name));
            let since = former.since.parse().unwrap_or(OLDEST);
            assert!((gone.unwrap_or_default() & Majors::since(since)).is_empty(), "{former:?}");
            assert!(gone.is_some() || former.since.parse::<f32>().unwrap() <= 10.0, "{former:?}");
            let Some(now) = former.now else { continue };
            let has = now.split_once('.').map_or_else(|| object(now), |(of, name)| column(of, name));
            assert!(has.is_some_and(|has| has.contains(since.max(OLDEST))), "{former:?}");
        }
    }

    #[test]
    fn predecessors_are_of_functions_relations_and_columns() {
        let names = |of, name| predecessors(of, name).map(|former| former.name).collect::<Vec<_>>();
        assert_eq!(names(None, "pg_backup_start"), ["pg_start_backup"]);
        assert_eq!(names(Some("pg_stat_statements"), "total_exec_time"), ["total_time"]);
        assert!(names(None, "pg_stat_checkpointer").contains(&"buffers_checkpoint"));
        assert_eq!(names(None, "pg_stat_statements"), [""; 0]);
    }
}
