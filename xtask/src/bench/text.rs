//! Makes the texts of benchmarks: settings, access rules, migrations, dumps, and prose that is nobody's business.
//!
//! The same seed gives the same bytes on every machine. One file in seven is weak: it draws from all values, the others
//! draw only the first, which is sound.

use std::fmt::Write as _;
use std::io::{self, Write};

/// A linear congruential generator: no dependency, and the same numbers everywhere.
pub(crate) struct Numbers(u64);

impl Numbers {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit
    }

    /// A number from `low` to `high`, both included.
    pub(crate) fn between(&mut self, low: usize, high: usize) -> usize {
        low + self.below(high - low + 1)
    }

    pub(crate) fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }

    fn weak(&mut self) -> bool {
        self.below(7) == 0
    }

    /// So many words of prose.
    fn words(&mut self, count: usize) -> String {
        let mut text = String::new();
        for word in 0..count {
            text.push_str(if word > 0 { " " } else { "" });
            text.push_str(self.pick::<&str>(WORDS));
        }
        text
    }
}

const WORDS: &[&str] = &[
    "restart", "value", "server", "the", "of", "each", "limit", "default", "disk", "units", "when", "memory", "a",
    "reload", "page", "for", "is", "in", "seconds", "only", "written", "before", "zero", "turns", "off", "standby",
];

/// Settings of PostgreSQL 15: the sound value, then others.
const SETTINGS: &[(&str, &[&str])] = &[
    ("listen_addresses", &["'localhost'", "'*'", "'10.0.0.4,localhost'"]),
    ("max_connections", &["100", "400"]),
    ("superuser_reserved_connections", &["3"]),
    ("ssl", &["on", "off"]),
    ("ssl_min_protocol_version", &["'TLSv1.2'", "'TLSv1'"]),
    ("password_encryption", &["scram-sha-256", "md5"]),
    ("row_security", &["on", "off"]),
    ("shared_buffers", &["128MB", "4GB"]),
    ("huge_pages", &["try", "on"]),
    ("work_mem", &["4MB", "64MB"]),
    ("maintenance_work_mem", &["64MB", "1GB"]),
    ("autovacuum_work_mem", &["-1"]),
    ("temp_file_limit", &["-1", "20GB"]),
    ("max_stack_depth", &["2MB"]),
    ("vacuum_cost_limit", &["200"]),
    ("bgwriter_delay", &["200ms"]),
    ("effective_io_concurrency", &["1", "200"]),
    ("max_worker_processes", &["8", "16"]),
    ("max_parallel_workers", &["8"]),
    ("wal_level", &["replica", "logical", "minimal"]),
    ("fsync", &["on", "off"]),
    ("synchronous_commit", &["on", "off", "remote_apply"]),
    ("full_page_writes", &["on", "off"]),
    ("wal_compression", &["off", "on"]),
    ("wal_buffers", &["-1", "16MB"]),
    ("checkpoint_timeout", &["5min", "30s"]),
    ("checkpoint_completion_target", &["0.9", "0.5"]),
    ("max_wal_size", &["1GB", "16GB"]),
    ("min_wal_size", &["80MB"]),
    ("archive_mode", &["off", "on"]),
    ("archive_command", &["'test ! -f /archive/%f && cp %p /archive/%f'", "'cp %p /archive/%f'", "''"]),
    ("restore_command", &["''", "'cp /archive/%f %p'"]),
    ("max_wal_senders", &["10", "0"]),
    ("max_replication_slots", &["10"]),
    ("wal_keep_size", &["0", "1GB"]),
    ("max_slot_wal_keep_size", &["20GB", "-1"]),
    ("wal_sender_timeout", &["60s", "0"]),
    ("synchronous_standby_names", &["''", "'ANY 1 (s1, s2)'"]),
    ("primary_conninfo", &["''", "'host=10.0.0.1 user=copier password=hunter2 sslmode=prefer'"]),
    ("primary_slot_name", &["''", "'s1'"]),
    ("hot_standby", &["on"]),
    ("hot_standby_feedback", &["off", "on"]),
    ("max_standby_streaming_delay", &["30s", "-1"]),
    ("random_page_cost", &["4.0", "1.1"]),
    ("effective_cache_size", &["4GB", "12GB"]),
    ("default_statistics_target", &["100", "500"]),
    ("jit", &["on", "off"]),
    ("log_destination", &["'stderr'", "'csvlog'"]),
    ("logging_collector", &["on", "off"]),
    ("log_directory", &["'log'"]),
    ("log_file_mode", &["0600", "0644"]),
    ("log_min_duration_statement", &["250ms", "-1"]),
    ("log_connections", &["on", "off"]),
    ("log_disconnections", &["on", "off"]),
    ("log_line_prefix", &["'%m [%p] %q%u@%d '", "'%t '"]),
    ("log_statement", &["'ddl'", "'none'", "'all'"]),
    ("log_timezone", &["'UTC'"]),
    ("autovacuum", &["on", "off"]),
    ("autovacuum_max_workers", &["3", "6"]),
    ("autovacuum_naptime", &["1min"]),
    ("autovacuum_vacuum_scale_factor", &["0.2", "0.05"]),
    ("search_path", &["'\"$user\", public'"]),
    ("statement_timeout", &["0", "30s"]),
    ("idle_in_transaction_session_timeout", &["10min", "0"]),
    ("datestyle", &["'iso, mdy'"]),
    ("timezone", &["'UTC'"]),
    ("shared_preload_libraries", &["''", "'pg_stat_statements'"]),
    ("max_locks_per_transaction", &["64"]),
    ("restart_after_crash", &["on"]),
];

/// postgresql.conf of so many lines, written like a sample: most settings are comments.
pub(crate) fn conf(numbers: &mut Numbers, lines: usize) -> String {
    let mut text = String::from("# -----------------------------\n# PostgreSQL configuration file\n\n");
    let weak = numbers.weak();
    for _ in 3..lines {
        let (name, values) = numbers.pick(SETTINGS);
        let value = if weak { numbers.pick(values) } else { &values[0] };
        let _ = match numbers.below(20) {
            0..=2 => writeln!(text, "{name} = {value}"),
            3 => writeln!(text, "{name} = {value}\t\t\t# (change requires restart)"),
            4..=11 => {
                let count = numbers.between(2, 6);
                writeln!(text, "#{name} = {}\t\t\t# {}", values[0], numbers.words(count))
            }
            12..=16 => {
                let count = numbers.between(3, 7);
                writeln!(text, "\t\t\t\t\t# {}", numbers.words(count))
            }
            17 | 18 => writeln!(text),
            _ => writeln!(text, "# - {} -", numbers.words(2)),
        };
    }
    text
}

const DATABASES: &[&str] =
    &["all", "app", "billing", "replication", "\"Odd Name\"", "sameuser", "app,billing", "stats"];
const USERS: &[&str] = &["all", "app_rw", "app_ro", "copier", "+staff", "postgres", "\"Web User\"", "etl,batch"];
const WEAK_METHODS: &[&str] =
    &["scram-sha-256", "scram-sha-256", "md5", "password", "trust", "reject", "gss include_realm=0"];

/// Rows of pg_hba.conf, so many, with remarks between them.
pub(crate) fn hba(numbers: &mut Numbers, lines: usize, out: &mut dyn Write) -> io::Result<()> {
    let weak = numbers.weak();
    for _ in 0..lines {
        match numbers.below(25) {
            0..=2 => {
                let count = numbers.between(3, 9);
                writeln!(out, "# {}", numbers.words(count))?;
            }
            3 => writeln!(out)?,
            4 | 5 => {
                let methods: &[&str] =
                    if weak { &["peer", "scram-sha-256", "trust"] } else { &["peer", "scram-sha-256"] };
                let (database, user) = (numbers.pick(DATABASES), numbers.pick(USERS));
                writeln!(out, "local   {database:<15} {user:<15} {:<23} {}", "", numbers.pick(methods))?;
            }
            _ => row(numbers, weak, out)?,
        }
    }
    Ok(())
}

fn row(numbers: &mut Numbers, weak: bool, out: &mut dyn Write) -> io::Result<()> {
    let kinds: &[&str] = if weak { &["hostssl", "host", "hostnossl"] } else { &["hostssl"] };
    let sizes: &[u8] = if weak { &[8, 16, 24, 32, 0] } else { &[8, 16, 24, 32] };
    let address = match numbers.below(9) {
        0 => "samenet".to_owned(),
        1 => "::1/128".to_owned(),
        2 => ".example.net".to_owned(),
        _ => {
            let (first, size) = (numbers.pick(&[10, 172, 192]), numbers.pick(sizes));
            format!("{first}.{}.{}.0/{size}", numbers.below(256), numbers.below(256))
        }
    };
    let method = if weak { numbers.pick(WEAK_METHODS) } else { "scram-sha-256" };
    let (kind, database, user) = (numbers.pick(kinds), numbers.pick(DATABASES), numbers.pick(USERS));
    writeln!(out, "{kind:<7} {database:<15} {user:<15} {address:<23} {method}")
}

/// Rows of pg_hba.conf of which none is like another.
pub(crate) fn distinct(lines: usize, out: &mut dyn Write) -> io::Result<()> {
    for line in 0..lines {
        let (third, fourth) = (line / 256 % 256, line % 256);
        writeln!(out, "hostssl db{line} user{} 10.{}.{third}.{fourth}/32 scram-sha-256", line / 2, line / 65_536)?;
    }
    Ok(())
}

const COLUMNS: &[&str] =
    &["int", "bigint NOT NULL", "text", "varchar(64)", "timestamptz DEFAULT now()", "jsonb", "numeric(12,2)", "uuid"];

/// A script of so many statements, one in three of them of interest.
pub(crate) fn script(numbers: &mut Numbers, statements: usize) -> String {
    let weak = numbers.weak();
    let mut text = String::new();
    for _ in 0..statements {
        statement(numbers, weak, &mut text);
        text.push_str(";\n\n");
    }
    text
}

fn statement(numbers: &mut Numbers, weak: bool, text: &mut String) {
    let (i, j) = (numbers.between(1, 9999), numbers.between(1, 999));
    let _ = match numbers.below(18) {
        0 => {
            let mode = if weak { *numbers.pick(&["verify-full", "prefer password=s3cret"]) } else { "verify-full" };
            let options = numbers.pick(&["", " WITH (copy_data = false)", " WITH (binary = true, streaming = on)"]);
            write!(
                text,
                "CREATE SUBSCRIPTION sub_{i} CONNECTION 'host=10.0.{}.{} dbname=app user=copier sslmode={mode}' \
                 PUBLICATION pub_{j}{options}",
                j % 256,
                i % 256
            )
        }
        1 => match numbers.below(2) {
            0 => write!(text, "CREATE PUBLICATION pub_{j} FOR ALL TABLES"),
            _ => write!(text, "CREATE PUBLICATION pub_{j} FOR TABLE t_{i}, t_{j}"),
        },
        2 => write!(text, "ALTER SUBSCRIPTION sub_{i} {}", numbers.pick(&["ENABLE", "DISABLE", "REFRESH PUBLICATION"])),
        3 => {
            let whats: &[&str] = if weak { &["LOGIN", "SUPERUSER", "LOGIN REPLICATION"] } else { &["LOGIN"] };
            write!(text, "CREATE ROLE role_{i} {}", numbers.pick(whats))
        }
        4 => {
            let who: &[&str] = if weak { &["app_ro", "PUBLIC"] } else { &["app_ro", "app_rw"] };
            write!(text, "GRANT SELECT ON t_{j} TO {}", numbers.pick(who))
        }
        5 => write!(text, "ALTER SYSTEM SET {} TO '{i}'", numbers.pick(&["work_mem", "max_wal_senders"])),
        6 | 7 => {
            let _ = write!(text, "CREATE TABLE t_{i} (\n    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY");
            for column in 0..numbers.between(2, 12) {
                let _ = write!(text, ",\n    c{column} {}", numbers.pick(COLUMNS));
            }
            text.write_str("\n)")
        }
        8 | 9 => write!(text, "-- {}\nALTER TABLE t_{i} ADD COLUMN c_{j} {}", numbers.words(6), numbers.pick(COLUMNS)),
        10 | 11 => write!(text, "CREATE INDEX idx_{i} ON t_{j} USING btree (c1, c2 DESC) WHERE c1 IS NOT NULL"),
        12 | 13 => {
            write!(text, "INSERT INTO t_{j} (c1, c2) VALUES ({i}, 'it''s {}'), ({j}, E'a\\nb')", numbers.words(5))
        }
        14 | 15 => write!(
            text,
            "UPDATE t_{j} SET c2 = c2 || 'x' FROM u WHERE t_{j}.id = u.id AND u.n > {i} /* {} */",
            numbers.words(3)
        ),
        _ => write!(
            text,
            "CREATE FUNCTION f_{i}(a int) RETURNS int LANGUAGE plpgsql AS $fn$\nBEGIN\n  -- none: CREATE SUBSCRIPTION x\n  \
             IF a > {j} THEN\n    RETURN a; END IF;\n  RETURN {j};\nEND;\n$fn$"
        ),
    };
}

/// Prose of some lines.
pub(crate) fn prose(numbers: &mut Numbers) -> String {
    let mut text = String::new();
    for _ in 0..numbers.between(2, 60) {
        let count = numbers.between(4, 12);
        text.push_str(&numbers.words(count));
        text.push('\n');
    }
    text
}

/// How the rows of a dump are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dump {
    /// A statement for each row.
    Inserts,
    /// As pg_dump does it.
    Copy,
    /// One statement and one line for all rows.
    OneLine,
}

/// The statement that is hidden in the midst of a dump.
pub(crate) const PLANTED: &str =
    "CREATE SUBSCRIPTION mid CONNECTION 'host=h dbname=app user=copier password=secret sslmode=disable' PUBLICATION p;";

/// A dump of at least so many bytes, with [`PLANTED`] in its midst.
pub(crate) fn dump(form: Dump, bytes: usize, out: &mut dyn Write) -> io::Result<()> {
    let mut numbers = Numbers::new(3);
    let (mut written, mut planted) = (0, false);
    writeln!(
        out,
        "--\n-- PostgreSQL database dump\n--\n\nSET statement_timeout = 0;\nSET client_encoding = 'UTF8';\n"
    )?;
    for table in 1.. {
        writeln!(
            out,
            "CREATE TABLE public.t{table} (\n    id bigint NOT NULL,\n    k text,\n    note text,\n    v bigint\n);\n"
        )?;
        let head = match form {
            Dump::Copy => format!("COPY public.t{table} (id, k, note, v) FROM stdin;\n"),
            Dump::OneLine => format!("INSERT INTO public.t{table} VALUES (0, '', '', 0)"),
            Dump::Inserts => String::new(),
        };
        out.write_all(head.as_bytes())?;
        for row in 0..5000 {
            let (key, note, value) = (numbers.below(1 << 31), numbers.words(8), numbers.below(1_000_000_000));
            let line = match form {
                Dump::Copy => format!("{row}\t{key:016x}\t{note}\t{value}\n"),
                Dump::Inserts => {
                    format!("INSERT INTO public.t{table} VALUES ({row}, '{key:016x}', '{note}', {value});\n")
                }
                Dump::OneLine => format!(", ({row}, '{key:016x}', '{note}', {value})"),
            };
            out.write_all(line.as_bytes())?;
            written += line.len();
            if written >= bytes {
                break;
            }
        }
        out.write_all(match form {
            Dump::Copy => b"\\.\n\n",
            Dump::Inserts => b"\n",
            Dump::OneLine => b"; ",
        })?;
        if !planted && written > bytes / 2 {
            planted = true;
            let after = if form == Dump::OneLine { " " } else { "\n\n" };
            write!(out, "{PLANTED}{after}")?;
        }
        if written >= bytes {
            break;
        }
    }
    writeln!(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// FNV-1a, so that a change of a byte is a change of the sum.
    fn sum(bytes: &[u8]) -> u64 {
        bytes.iter().fold(0xcbf2_9ce4_8422_2325, |sum, &byte| (sum ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
    }

    #[test]
    fn texts_are_the_same_everywhere() {
        let mut all = conf(&mut Numbers::new(1), 200).into_bytes();
        hba(&mut Numbers::new(2), 200, &mut all).unwrap_or_default();
        all.extend(script(&mut Numbers::new(3), 200).into_bytes());
        all.extend(prose(&mut Numbers::new(4)).into_bytes());
        // The counts in benches/instructions.toml were taken on these bytes: count anew when they change.
        assert_eq!((all.len(), sum(&all)), (43_414, 2_149_966_685_812_196_383));
    }

    #[test]
    fn a_dump_has_the_planted_statement_once() {
        for form in [Dump::Inserts, Dump::Copy, Dump::OneLine] {
            let mut text = Vec::new();
            dump(form, 2_000_000, &mut text).unwrap_or_default();
            let text = String::from_utf8(text).unwrap_or_default();
            assert_eq!(text.matches(PLANTED).count(), 1, "{form:?}");
            assert!(text.len() > 2_000_000, "{form:?}");
        }
    }
}
