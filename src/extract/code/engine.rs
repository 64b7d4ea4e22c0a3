//! Whether a program speaks of another database engine and never of PostgreSQL: `CREATE USER` and `GRANT` are everyone's.

use std::sync::OnceLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind};

/// Names of PostgreSQL, of its clients and of its catalog.
const OURS: &[&str] =
    &["postgres", "psycopg", "npgsql", "pgx", "libpq", "psql", "lib/pq", "pg_", "supabase", "require \"pg\""];

/// Names of other engines and of their drivers.
const OTHERS: &[&str] = &[
    "mysql",
    "mariadb",
    "sqlserver",
    "sqlclient",
    "mssql",
    "sqlite",
    "oracledb",
    "oracle.jdbc",
    "cx_oracle",
    "clickhouse",
    "snowflake",
    "cassandra",
    "scylla",
    "influx",
    "teradata",
    "identified by",
];

/// Whether it is for another engine, as far as names tell.
pub(super) fn is_other(program: &[u8]) -> bool {
    static NAMES: OnceLock<Option<AhoCorasick>> = OnceLock::new();
    let names = NAMES.get_or_init(|| {
        let mut builder = AhoCorasick::builder();
        builder.ascii_case_insensitive(true).kind(Some(AhoCorasickKind::DFA)).build(OURS.iter().chain(OTHERS)).ok()
    });
    let Some(names) = names else { return false };
    let mut other = false;
    for found in names.find_iter(program) {
        if found.pattern().as_usize() < OURS.len() {
            return false;
        }
        other = true;
    }
    other
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_the_engine() {
        for (program, other) in [
            ("import pymysql", true),
            ("using Microsoft.Data.SqlClient;", true),
            ("import sqlite3\nimport psycopg", false),
            ("conn.execute('GRANT x TO y')", false),
        ] {
            assert_eq!(is_other(program.as_bytes()), other, "{program}");
        }
    }
}
