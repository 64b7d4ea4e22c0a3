//! What the test binaries share: one call that runs the pipeline on a folder.

#![allow(dead_code, reason = "each test binary uses a part of it")]

use std::fs;

use camino::{Utf8Path, Utf8PathBuf};
use pgassay::catalog::Majors;
use pgassay::discover::{self, Overrides};
use pgassay::rule::Selection;
use pgassay::source::SourceMap;
use pgassay::triage::{self, Report};
use pgassay::{load, model, report, rule};

/// Runs the pipeline on a folder; paths in the report are relative to it.
pub fn check(root: &Utf8Path, pg: Option<Majors>, selection: &Selection) -> Result<(Report, SourceMap), String> {
    let paths = [root.to_owned()];
    let found = discover::discover(&paths, None, &Overrides::default()).map_err(|error| error.to_string())?;
    let mut loaded = load::load(found.inputs, &paths, false);
    loaded.sources.strip_prefix(root);
    let findings = {
        let cluster = model::build(&mut loaded, &model::Options { pg, nodes: Vec::new() });
        rule::check(&cluster, &loaded.sources, selection)
    };
    let report = triage::triage(findings, &loaded, &triage::Options { selection, ..triage::Options::default() });
    Ok((report, loaded.sources))
}

/// The report in the concise format.
pub fn concise(findings: &Report, sources: &SourceMap) -> Result<String, String> {
    let mut out = Vec::new();
    report::write(report::Format::Concise, findings, sources, report::Style::default(), &mut out).map_err(|error| error.to_string())?;
    String::from_utf8(out).map_err(|error| error.to_string())
}

/// Compares with a file, or writes it where PGASSAY_UPDATE is set.
pub fn matches(path: &Utf8Path, text: &str) -> Result<(), String> {
    if std::env::var_os("PGASSAY_UPDATE").is_some() {
        return fs::write(path, text).map_err(|error| error.to_string());
    }
    let expected = fs::read_to_string(path).map_err(|error| format!("{path}: {error}"))?;
    if expected == text { Ok(()) } else { Err(format!("{path} says\n{expected}\nbut the run says\n{text}")) }
}

/// A folder of the repository.
pub fn repository(path: &str) -> Utf8PathBuf {
    Utf8PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(path)
}
