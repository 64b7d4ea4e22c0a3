//! What the test binaries share: one call that runs the pipeline on a folder.

#![allow(dead_code, reason = "each test binary uses a part of it")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;

use camino::{Utf8Path, Utf8PathBuf};
use pgassay::catalog::Majors;
use pgassay::discover::{self, Overrides};
use pgassay::finding::{Confidence, Finding, Severity};
use pgassay::rule::Selection;
use pgassay::source::SourceMap;
use pgassay::triage::{self, Date, Triage};
use pgassay::upgrade::{self, Options, Origins};
use pgassay::{load, model, report, rule};

pub(crate) mod fixes;

/// What a run found, in the order of the files.
pub(crate) struct Run {
    pub(crate) findings: Vec<Finding>,
    pub(crate) sources: SourceMap,
    root: Utf8PathBuf,
}

/// Runs the pipeline on a folder.
pub(crate) fn check(root: &Utf8Path, pg: Option<Majors>, selection: &Selection) -> Result<Run, String> {
    check_for(root, pg, selection, Confidence::Low)
}

/// The same with findings below a confidence left out.
pub(crate) fn check_for(
    root: &Utf8Path,
    pg: Option<Majors>,
    selection: &Selection,
    min_confidence: Confidence,
) -> Result<Run, String> {
    let paths = [root.to_owned()];
    let found = discover::discover(&paths, None, &Overrides::default());
    if let Some(unreadable) = found.unreadable.first() {
        return Err(format!("{} cannot be read: {}", unreadable.path, unreadable.reason));
    }
    let mut loaded = load::load(found.inputs, &paths, false);
    let cluster = model::build(&mut loaded, &model::Options { pg, nodes: Vec::new() });
    let findings = rule::check(&cluster, &loaded.sources, selection);
    let triage = Triage {
        sources: &loaded.sources,
        selection,
        target: cluster.targets(),
        severities: &BTreeMap::new(),
        min_severity: Severity::Info,
        min_confidence,
        comments: &triage::comments(&loaded.sources),
        baseline: None,
        today: Date::new(2026, 11, 21).ok_or("that day is in the calendar")?,
    };
    let findings = triage.report(findings, Vec::new()).open().cloned().collect();
    Ok(Run { findings, sources: loaded.sources, root: root.to_owned() })
}

/// Looks at the way of a folder from the majors of `pg`, or from those that it gives away, to another one.
pub(crate) fn upgrade(root: &Utf8Path, pg: Option<Majors>, to: u8, selection: &Selection) -> Result<Run, String> {
    let paths = [root.to_owned()];
    let found = discover::discover(&paths, None, &Overrides::default());
    let mut loaded = load::load(found.inputs, &paths, false);
    let options = Options { to, nodes: Vec::new() };
    let origins = Origins::read(&mut loaded, pg, &options);
    let findings = upgrade::look(&mut loaded, &origins, selection, &options).findings;
    let triage = Triage {
        sources: &loaded.sources,
        selection,
        target: Majors::only(to),
        severities: &BTreeMap::new(),
        min_severity: Severity::Info,
        min_confidence: Confidence::Low,
        comments: &triage::comments(&loaded.sources),
        baseline: None,
        today: Date::new(2026, 11, 21).ok_or("that day is in the calendar")?,
    };
    let findings = triage.report(findings, Vec::new()).open().cloned().collect();
    Ok(Run { findings, sources: loaded.sources, root: root.to_owned() })
}

impl Run {
    /// What was taken out of a host file, then the bytes of each finding in it.
    pub(crate) fn of_host(&self) -> String {
        let mut out = String::new();
        for (_, file) in self.sources.iter().filter(|(_, file)| file.is_fragment()) {
            let migration = if file.transaction().is_some() { ", in a transaction" } else { "" };
            let place = file.place().strip_prefix(&self.root).unwrap_or(file.place());
            let _ = writeln!(out, "{place}{migration}");
            for line in String::from_utf8_lossy(file.bytes()).lines() {
                let _ = writeln!(out, "  |{line}");
            }
        }
        for finding in &self.findings {
            let span = finding.primary.span;
            let text = String::from_utf8_lossy(self.sources.bytes(span)).replace('\n', "\\n");
            let _ = writeln!(
                out,
                "{}:{}..{} {}[{}] `{text}`: {} ({})",
                self.sources.file(span.file).path().file_name().unwrap_or_default(),
                span.start,
                span.end,
                format!("{:?}", finding.severity).to_lowercase(),
                finding.rule,
                finding.message,
                finding.majors
            );
        }
        out
    }

    /// A line for each finding: path, line and column, severity, rule, message, majors.
    pub(crate) fn concise(&self) -> String {
        report::expected(&self.findings, &self.sources, &self.root)
    }
}

/// Compares with a file, or writes it where PGASSAY_UPDATE is set.
pub(crate) fn matches(path: &Utf8Path, text: &str) -> Result<(), String> {
    if std::env::var_os("PGASSAY_UPDATE").is_some() {
        return fs::write(path, text).map_err(|error| error.to_string());
    }
    let expected = fs::read_to_string(path).map_err(|error| format!("{path}: {error}"))?;
    if expected == text { Ok(()) } else { Err(format!("{path} says\n{expected}\nbut the run says\n{text}")) }
}

/// A folder of the repository.
pub(crate) fn repository(path: &str) -> Utf8PathBuf {
    Utf8PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(path)
}
