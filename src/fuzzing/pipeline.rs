//! A file from its bytes to every format, comments that suppress, and what plugins answer.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use clap::ValueEnum;

use super::{FILE, choice, inside};
use crate::catalog::Majors;
use crate::discover::{Input, Kind};
use crate::finding::{Confidence, Finding, Label, Severity, Subject};
use crate::load;
use crate::model;
use crate::plugin::fuzzing;
use crate::report::{Format, Style, write};
use crate::rule::{self, Chosen, Registry, Selection, id};
use crate::source::{SourceMap, Span};
use crate::triage::{self, Date, Note, Report, Triage};

pub(super) const WORDS: &[&str] = &[
    "\x01",
    "password=\x01",
    "PASSWORD '\x01'",
    "ldapbindpasswd=\x01",
    ":\x01@",
    "\n",
    "'",
    " ",
    "=",
    "\"",
    "host all all 0.0.0.0/0 trust\n",
    "primary_conninfo = 'host=a password=\x01'\n",
    "# pgassay: ignore[fsync-off]",
    "fsync = off\n",
    "a:5432:*:u:\x01\n",
    "[databases]\na = password=\x01\n",
    "\"u\" \"\x01\"\n",
    "include x\n",
    "create role a password '\x01';\n",
    "create subscription s connection 'password=\x01' publication p;\n",
    "alter system set primary_conninfo = 'password=\x01';\n",
    "do $$ begin ",
    " end $$;\n",
    "é",
    "\u{1f600}",
    "{{ x }}",
    "create user mapping for u server s options (password '\x01');\n",
];
pub(super) const SUPPRESSION: &[&str] = &[
    "pgassay:",
    " ignore",
    "-file",
    "[",
    "]",
    "fsync-off",
    ",",
    " until ",
    "2027-01-31",
    "2027-02-30",
    " -- ",
    "why",
    "\n",
    "#",
    "/*",
    "*/",
    "-->",
    "é",
    " ",
    "x",
    ";",
    "# pgassay: ignore[fsync-off]",
    "-- pgassay: ignore[fsync-off]",
];
pub(super) const ANSWER: &[&str] =
    &["p/r", "p", "security", "0.1", "****", "\x01", "\x02", "\x03", "\0", "é", "default", "https://", "cwe", "{}"];

/// Kinds of files, by the first byte of the input.
const KINDS: [Kind; 10] = [
    Kind::PostgresqlConf,
    Kind::PgHba,
    Kind::PgIdent,
    Kind::Sql,
    Kind::Service,
    Kind::Passfile,
    Kind::PgbouncerIni,
    Kind::Userlist,
    Kind::RecoveryConf,
    Kind::AutoConf,
];

/// What stands for a byte 1 of the input: a word that no rule says by itself.
const SECRET: &str = "Zq9xKw2Lp7";

/// What is found lies in the file and between characters; no format shows what is marked as a secret, and those for
/// programs can be read.
pub fn pipeline(bytes: &[u8]) {
    let (kind, text) = choice(bytes);
    run(KINDS[kind % KINDS.len()], text);
}

/// The whole way of a file of a kind.
pub(super) fn run(kind: Kind, text: &[u8]) {
    let text = text.split(|&byte| byte == 1).collect::<Vec<_>>().join(SECRET.as_bytes());
    let mut loaded = load::of_text(Input { path: "a/file".into(), kind: Some(kind), named: true }, text.clone());
    let cluster = model::build(&mut loaded, &model::Options::default());
    // The places in a fragment are those of its own text.
    if kind.is_own() {
        inside(&cluster, &text);
    }
    let findings = rule::check(&cluster, &loaded.sources, selection());
    let mut report = report(&loaded.sources, findings, std::mem::take(&mut loaded.notes), cluster.targets());
    // SARIF has the pages of all rules that ran, which takes most of the time.
    report.selection = found(&report);
    placed(&report, &text);
    let shown = hidden(&loaded.sources, &text);
    let style = Style { verbose: true, suppressed: true, context: 1, unicode: true, ..Style::default() };
    for &format in Format::value_variants() {
        let mut out = Vec::new();
        assert!(write(format, &report, &loaded.sources, &style, &mut out).is_ok());
        let out = String::from_utf8_lossy(&out);
        assert!(!shown || !out.contains(SECRET), "{format:?} shows a secret: {out}");
        if matches!(format, Format::Json | Format::Sarif) {
            assert!(serde_json::from_str::<serde_json::Value>(&out).is_ok(), "{format:?} is no JSON: {out}");
        }
    }
}

/// The rules that found something.
fn found(report: &Report) -> Selection {
    let names = report.findings.iter().map(|(finding, _)| finding.rule.name().to_owned());
    let mut names = names.chain(["fsync-off".to_owned()]).collect::<Vec<_>>();
    names.sort();
    names.dedup();
    Selection::new(&Registry::default(), Chosen::default(), &names, &[], &[]).expect("rules have names")
}

/// Whether the secret stands in the text, and nowhere but where it is marked.
fn hidden(sources: &SourceMap, text: &[u8]) -> bool {
    let marked = sources.iter().next().map(|(file, _)| sources.secrets(file)).unwrap_or_default();
    let mut places = memchr::memmem::find_iter(text, SECRET).peekable();
    places.peek().is_some()
        && places.all(|at| marked.iter().any(|span| span.contains(Span::new(FILE, at, at + SECRET.len()))))
}

/// The report of every rule there is.
fn report(sources: &SourceMap, findings: Vec<Finding>, notes: Vec<Note>, target: Majors) -> Report {
    Triage {
        sources,
        selection: selection(),
        target,
        severities: &BTreeMap::new(),
        min_severity: Severity::Info,
        min_confidence: Confidence::Low,
        comments: &triage::comments(sources),
        baseline: None,
        today: Date::parse("2026-12-01").expect("it is a day"),
    }
    .report(findings, notes)
}

fn selection() -> &'static Selection {
    static ALL: OnceLock<Selection> = OnceLock::new();
    ALL.get_or_init(|| Selection::all(&Registry::default()))
}

/// Whether what is found lies in the file, between characters where it has some.
fn placed(report: &Report, bytes: &[u8]) {
    let text = std::str::from_utf8(bytes).ok();
    for (finding, _) in &report.findings {
        let edits = finding.fix.iter().flat_map(|fix| &fix.edits).map(|(span, _)| *span);
        let related = finding.related.iter().map(|label| label.span);
        for span in related.chain(edits).chain([finding.primary.span]) {
            assert!(bytes.get(span.range()).is_some(), "{} leaves the file: {span:?}", finding.rule);
            let cut = text.is_some_and(|text| text.get(span.range()).is_none());
            assert!(!cut, "{} cuts a character: {span:?}", finding.rule);
        }
    }
}

/// Comments that suppress lie in the file, as does what is said about them; a finding for every line is tried on them.
pub fn suppression(bytes: &[u8]) {
    let (kind, text) = choice(bytes);
    let mut sources = SourceMap::default();
    let Some(file) = sources.add("a".into(), KINDS[kind % KINDS.len()], text.to_vec()) else { return };
    let mut findings = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive(|&byte| byte == b'\n') {
        let label = Label::new(Span::new(file, at, at + line.len()), "here");
        findings.push(Finding::new(id::FSYNC_OFF, Subject::File, Majors::ALL, label, "a message"));
        at += line.len();
    }
    let (lines, report) = (findings.len(), report(&sources, findings, Vec::new(), Majors::ALL));
    assert!(report.findings.len() >= lines);
    placed(&report, text);
}

/// What a plugin answers is taken over or refused.
pub fn plugin_answer(bytes: &[u8]) {
    fuzzing::answer(bytes);
}
