//! The stages of the pipeline on text that is made here: what a byte of each kind of file costs.

#![allow(clippy::expect_used, missing_docs, reason = "a benchmark stops at what it did not expect")]

use std::fmt::Write;
use std::hint::black_box;

use camino::Utf8PathBuf;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use pgassay::catalog::{Majors, settings};
use pgassay::discover::{Input, Kind};
use pgassay::model::value;
use pgassay::rule::{Registry, Selection};
use pgassay::source::SourceMap;
use pgassay::syntax::{auth_file, postgresql_conf, sql};
use pgassay::{load, model, rule};

fn conf(lines: usize) -> String {
    let mut text = String::new();
    for line in 0..lines {
        let _ = match line % 4 {
            0 => writeln!(text, "work_mem = {}MB\t\t# min 64kB", 4 + line % 60),
            1 => writeln!(text, "#log_min_duration_statement = 250ms\t# a remark"),
            2 => writeln!(text, "search_path = '\"$user\", public'"),
            _ => writeln!(text),
        };
    }
    text
}

fn hba(lines: usize) -> String {
    (0..lines).fold(String::new(), |mut text, line| {
        let _ = writeln!(
            text,
            "hostssl db{line} user{} 10.{}.{}.0/24 scram-sha-256",
            line / 3,
            line / 256 % 256,
            line % 256
        );
        text
    })
}

fn script(statements: usize) -> String {
    (0..statements).fold(String::new(), |mut text, number| {
        let _ = match number % 8 {
            0 => writeln!(text, "GRANT SELECT ON t{number} TO reader;"),
            _ => writeln!(text, "INSERT INTO t{number} VALUES ({number}, 'it''s; text', $$body$$);"),
        };
        text
    })
}

fn lexers(criterion: &mut Criterion) {
    let mut sources = SourceMap::default();
    let mut group = criterion.benchmark_group("syntax");
    let text = conf(2000);
    let file = sources.add("a.conf".into(), Kind::PostgresqlConf, Vec::new()).expect("it is small");
    group.throughput(Throughput::Bytes(text.len() as u64));
    group.bench_function("postgresql.conf", |bench| {
        bench.iter(|| postgresql_conf::parse(file, black_box(text.as_bytes())));
    });
    let text = hba(2000);
    group.throughput(Throughput::Bytes(text.len() as u64));
    group.bench_function("pg_hba.conf", |bench| {
        bench.iter(|| auth_file::parse(file, black_box(text.as_bytes()), Majors::ALL).lines().len());
    });
    let text = script(2000);
    group.throughput(Throughput::Bytes(text.len() as u64));
    group.bench_function("sql", |bench| {
        bench.iter(|| sql::read(file, black_box(text.as_bytes()), sql::Wants::default(), None));
    });
    group.bench_function("sql/no word of interest", |bench| {
        let dull = "INSERT INTO t VALUES (1, 'x');\n".repeat(2000);
        bench.iter(|| sql::read(file, black_box(dull.as_bytes()), sql::Wants::default(), None));
    });
    group.finish();
}

fn values(criterion: &mut Criterion) {
    let setting = settings::setting("shared_buffers").expect("every major has it");
    criterion.bench_function("value/128MB", |bench| bench.iter(|| value::judge(setting, black_box(b"128MB"), 18)));
}

/// Loading is left out: it reads files.
fn judging(criterion: &mut Criterion) {
    let selection = Selection::profile(&Registry::default(), "default").expect("it is built in");
    let mut group = criterion.benchmark_group("model and rules");
    for (name, kind, text) in [
        ("postgresql.conf", "postgresql.conf", conf(2000)),
        ("pg_hba.conf", "pg_hba.conf", hba(2000)),
        ("migration.sql", "sql", script(2000)),
    ] {
        let kind = kind.parse().expect("a kind's name");
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_function(name, |bench| {
            bench.iter(|| {
                let input = Input { path: Utf8PathBuf::from(name), kind: Some(kind), named: true };
                let mut loaded = load::of_text(input, text.clone().into_bytes());
                let cluster = model::build(&mut loaded, &model::Options::default());
                rule::check(&cluster, &loaded.sources, &selection).len()
            });
        });
    }
    group.finish();
}

criterion_group!(benches, lexers, values, judging);
criterion_main!(benches);
