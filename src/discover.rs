//! From paths to inputs: the only code that walks folders, and the one that tells what kind a file is.

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// postgresql.conf and what it includes.
    PostgresqlConf,
    /// postgresql.auto.conf, which `ALTER SYSTEM` writes.
    AutoConf,
    /// recovery.conf of 10 and 11.
    RecoveryConf,
    /// recovery.done: a recovery.conf that was used up.
    RecoveryDone,
    /// standby.signal.
    StandbySignal,
    /// recovery.signal.
    RecoverySignal,
    /// pg_hba.conf and what it includes.
    PgHba,
    /// pg_ident.conf and what it includes.
    PgIdent,
    /// A list that an `@file` of pg_hba.conf or pg_ident.conf names.
    NameList,
    /// pg_service.conf.
    Service,
    /// .pgpass.
    Passfile,
    /// pgbouncer.ini.
    PgbouncerIni,
    /// PgBouncer's userlist.txt.
    Userlist,
    /// SQL, for psql or a migration tool.
    Sql,
    /// pgassay.toml.
    Settings,
}
