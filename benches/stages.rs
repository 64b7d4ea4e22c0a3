//! The stages of the pipeline on text that is made here: what a byte of each kind of file costs.

#![allow(clippy::expect_used, missing_docs, reason = "a benchmark stops at what it did not expect")]

use std::collections::BTreeMap;
use std::fmt::Write;
use std::hint::black_box;
use std::net::IpAddr;

use camino::Utf8PathBuf;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use pgassay::catalog::{Majors, settings};
use pgassay::discover::{Input, Kind};
use pgassay::finding::{Confidence, Severity};
use pgassay::load::Loaded;
use pgassay::model::{Cluster, value};
use pgassay::reach::{Engine, From, HostName, Kinds, Known, Question, Wanted};
use pgassay::report::{Format, Style};
use pgassay::rule::{Registry, Selection};
use pgassay::source::SourceMap;
use pgassay::syntax::{auth_file, postgresql_conf, sql};
use pgassay::triage::{Date, Triage};
use pgassay::{load, model, report, rule, triage};

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
    let dull = "INSERT INTO t VALUES (1, 'x');\n".repeat(2000);
    group.throughput(Throughput::Bytes(dull.len() as u64));
    group.bench_function("sql/no word of interest", |bench| {
        bench.iter(|| sql::read(file, black_box(dull.as_bytes()), sql::Wants::default(), None));
    });
    group.bench_function("sql/search for words", |bench| bench.iter(|| sql::words(black_box(dull.as_bytes()))));
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
    for (kind, text) in [("postgresql.conf", conf(2000)), ("pg_hba.conf", hba(2000)), ("sql", script(2000))] {
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_function(kind, |bench| {
            bench.iter(|| {
                let (loaded, cluster) = loaded(kind, &text);
                rule::check(&cluster, &loaded.sources, &selection).len()
            });
        });
    }
    group.finish();
}

fn loaded(kind: &str, text: &str) -> (Loaded, Cluster) {
    let input = Input { path: Utf8PathBuf::from(kind), kind: Some(kind.parse().expect("a kind's name")), named: true };
    let mut loaded = load::of_text(input, text.as_bytes().to_vec());
    let cluster = model::build(&mut loaded, &model::Options::default());
    (loaded, cluster)
}

/// The row that decides for a connection, which is the last of the file, or none.
fn access(criterion: &mut Criterion) {
    let (_, cluster) = loaded("pg_hba.conf", &hba(2000));
    let rows = cluster.nodes[0].hba.as_ref().expect("it was given");
    let known = Known::default();
    let engine = Engine::new(rows, 18, &known);
    let from = From::Ip(IpAddr::from([10, 7, 207, 9]));
    let mut group = criterion.benchmark_group("reach");
    for (name, user) in [("the last of 2,000 rows", "user666"), ("none of 2,000 rows", "nobody")] {
        let (database, user) = (Wanted::Name("db1999"), Wanted::Name(user));
        let question = Question { kinds: Kinds::TLS, from, host: HostName::Unknown, database, user };
        group.bench_function(name, |bench| bench.iter(|| engine.decide(black_box(&question))));
    }
    group.finish();
}

/// What comes after the rules: 1,000 findings are put in order and written.
fn reporting(criterion: &mut Criterion) {
    let selection = Selection::profile(&Registry::default(), "default").expect("it is built in");
    let rows = hba(1000).replace("scram-sha-256", "trust");
    let (loaded, cluster) = loaded("pg_hba.conf", &rows);
    let findings = rule::check(&cluster, &loaded.sources, &selection);
    assert!(findings.len() >= 1000, "a row is a finding");
    let severities = BTreeMap::new();
    let comments = triage::comments(&loaded.sources);
    let triage = Triage {
        sources: &loaded.sources,
        selection: &selection,
        target: cluster.targets(),
        severities: &severities,
        min_severity: Severity::Info,
        min_confidence: Confidence::Low,
        comments: &comments,
        baseline: None,
        today: Date::from_unix_days(20_000).expect("it is a day"),
    };
    criterion.bench_function("triage", |bench| bench.iter(|| triage.report(findings.clone(), Vec::new())));
    let report = triage.report(findings.clone(), Vec::new());
    let mut group = criterion.benchmark_group("report");
    for (name, format) in [("concise", Format::Concise), ("json", Format::Json), ("sarif", Format::Sarif)] {
        let write = |out: &mut Vec<u8>| report::write(format, &report, &loaded.sources, &Style::default(), out);
        let mut length = Vec::new();
        write(&mut length).expect("memory takes it");
        group.throughput(Throughput::Bytes(length.len() as u64));
        group.bench_function(name, |bench| {
            bench.iter(|| {
                let mut out = Vec::with_capacity(length.len());
                write(&mut out).expect("memory takes it");
                out
            });
        });
    }
    group.finish();
}

criterion_group!(benches, lexers, values, judging, access, reporting);
criterion_main!(benches);
