//! Generates trees of configuration and SQL for benchmarks: the same bytes for the same shape, on every machine.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// How many files of each kind, and how long they are.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shape {
    nodes: usize,
    conf_lines: usize,
    hba_lines: usize,
    migrations: usize,
    /// Files that are none of ours.
    others: usize,
}

/// What a pre-commit hook meets.
pub(crate) const SMALL: Shape = Shape { nodes: 4, conf_lines: 800, hba_lines: 90, migrations: 20, others: 0 };
/// What a CI job on a monorepo meets.
pub(crate) const BIG: Shape = Shape { nodes: 500, conf_lines: 400, hba_lines: 110, migrations: 1000, others: 12_000 };

const SETTINGS: &[(&str, &[&str])] = &[
    ("max_connections", &["100", "200", "500"]),
    ("shared_buffers", &["128MB", "4GB"]),
    ("work_mem", &["4MB", "64MB"]),
    ("wal_level", &["replica", "logical"]),
    ("max_wal_size", &["1GB", "16GB"]),
    ("checkpoint_timeout", &["5min", "15min"]),
    ("log_line_prefix", &["'%m [%p] '", "'%t %u@%d '"]),
    ("autovacuum_naptime", &["1min"]),
    ("random_page_cost", &["4.0", "1.1"]),
    ("search_path", &["'\"$user\", public'"]),
    ("password_encryption", &["scram-sha-256", "md5"]),
    ("fsync", &["on", "off"]),
    ("statement_timeout", &["0", "30s"]),
    ("archive_command", &["'test ! -f /archive/%f && cp %p /archive/%f'", "'cp %p /archive/%f'"]),
];

/// A linear congruential generator: no dependency, and the same numbers everywhere.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit
    }

    fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }
}

/// Writes the tree, unless it is there already.
pub(crate) fn write(folder: &Path, shape: Shape) -> Result<PathBuf> {
    let done = folder.join(".done");
    if done.exists() {
        return Ok(folder.to_owned());
    }
    let mut numbers = Numbers(42);
    for node in 0..shape.nodes {
        let place = folder.join(format!("sites/{:02}/db{node}", node % 50));
        save(&place.join("postgresql.conf"), &conf(&mut numbers, shape.conf_lines))?;
        save(&place.join("pg_hba.conf"), &hba(&mut numbers, shape.hba_lines))?;
    }
    for migration in 0..shape.migrations {
        let place = folder.join(format!("apps/{:02}/migrations/{migration:05}.sql", migration % 50));
        save(&place, &sql(&mut numbers, migration))?;
    }
    for other in 0..shape.others {
        let place = folder.join(format!("src/{:03}/module_{other}.rs", other % 300));
        save(&place, "pub fn answer() -> u32 {\n    42\n}\n")?;
    }
    save(&done, "")?;
    Ok(folder.to_owned())
}

fn save(path: &Path, text: &str) -> Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}

fn conf(numbers: &mut Numbers, lines: usize) -> String {
    let mut text = String::from("# PostgreSQL configuration file\n\n");
    // One file in seven draws the weaker values too.
    let weak = numbers.below(7) == 0;
    for _ in 0..lines {
        let (name, values) = numbers.pick(SETTINGS);
        let value = if weak { numbers.pick(values) } else { &values[0] };
        let _ = match numbers.below(10) {
            0 | 1 => writeln!(text, "{name} = {value}\t\t# (change requires restart)"),
            2..=6 => writeln!(text, "#{name} = {value}\t\t# the default"),
            7 | 8 => writeln!(text, "\t\t\t\t# a remark on the setting above"),
            _ => writeln!(text),
        };
    }
    text
}

fn hba(numbers: &mut Numbers, lines: usize) -> String {
    let mut text = String::from("# TYPE  DATABASE  USER  ADDRESS  METHOD\nlocal all postgres peer\n");
    let weak = numbers.below(7) == 0;
    for line in 0..lines {
        let (third, fourth) = (numbers.below(256), line % 256);
        let method = if weak && numbers.below(9) == 0 { "trust" } else { "scram-sha-256" };
        let _ = writeln!(text, "hostssl  app{line}  user{}  10.{}.{third}.{fourth}/32  {method}", line / 2, line / 256);
    }
    text
}

fn sql(numbers: &mut Numbers, migration: usize) -> String {
    let mut text = String::from("-- A migration.\nBEGIN;\n");
    for table in 0..=numbers.below(20) {
        let _ = writeln!(
            text,
            "CREATE TABLE t{migration}_{table} (\n    id bigint PRIMARY KEY,\n    name text NOT NULL DEFAULT 'none; yet',\n    \
             at timestamptz\n);\nINSERT INTO t{migration}_{table} VALUES (1, 'it''s', now());"
        );
    }
    text.push_str("COMMIT;\n");
    if numbers.below(20) == 0 {
        let _ = writeln!(
            text,
            "CREATE SUBSCRIPTION s{migration} CONNECTION 'host=hub dbname=app user=repl sslmode=verify-full' PUBLICATION p;"
        );
    }
    text
}
