//! Holds `refused` findings against the verdicts of real servers on real files.
//!
//! The environment variable PGASSAY_CORPUS names a folder with files and, for each major, `verdicts-pgNN.tsv`: a row
//! for each file and line with the columns file, kind, line, verdict (`ok`, `error`, `env`: depends on the machine,
//! `skip`: a template) and message. Without it there is nothing to compare, and the test says so.

#![allow(clippy::disallowed_methods, clippy::expect_used, clippy::print_stdout, reason = "a test binary of its own")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use camino::{Utf8Path, Utf8PathBuf};
use pgassay::catalog::Majors;
use pgassay::finding::Effect;
use pgassay::rule::{Registry, Selection};

mod support;

/// What the servers of one major say of a file.
#[derive(Debug, Default)]
struct Verdicts {
    kind: String,
    refused: BTreeSet<u32>,
    /// Lines whose verdict depends on the machine.
    machine: BTreeSet<u32>,
    /// The server was asked anew after each error that was mended, this often at the most; there may be more errors.
    cut: bool,
    skip: bool,
}

#[test]
fn refusals_are_those_of_the_servers() {
    let Some(root) = std::env::var_os("PGASSAY_CORPUS").and_then(|path| Utf8PathBuf::from_os_string(path).ok()) else {
        println!("PGASSAY_CORPUS is not set: no files of real servers' verdicts to compare with");
        return;
    };
    let mut disagreements = Vec::new();
    for major in Majors::ALL.iter() {
        let Ok(table) = fs::read_to_string(root.join(format!("verdicts-pg{major}.tsv"))) else { continue };
        let (mut files, mut agree) = (0, 0);
        for (name, verdicts) in read(&table) {
            let ours = refused(&root.join(&name), &verdicts.kind, major);
            if verdicts.skip {
                continue;
            }
            files += 1;
            let ours =
                ours.into_iter().filter(|(line, _)| !verdicts.machine.contains(line)).collect::<BTreeMap<_, _>>();
            let lines = ours.keys().copied().collect::<BTreeSet<_>>();
            if lines == verdicts.refused || verdicts.cut && verdicts.refused.is_subset(&lines) {
                agree += 1;
            } else {
                let missed = verdicts.refused.difference(&lines).collect::<Vec<_>>();
                let extra = ours.iter().filter(|(line, _)| !verdicts.refused.contains(line)).collect::<Vec<_>>();
                disagreements.push(format!("{major}: {name}: missed {missed:?}, extra {extra:?}"));
            }
        }
        println!("PostgreSQL {major}: {agree} of {files} files agree");
    }
    assert!(disagreements.is_empty(), "{} disagreements\n{}", disagreements.len(), disagreements.join("\n"));
}

fn read(table: &str) -> BTreeMap<String, Verdicts> {
    let mut files: BTreeMap<String, Verdicts> = BTreeMap::new();
    for row in table.lines().skip(1) {
        let columns = row.split('\t').collect::<Vec<_>>();
        let &[file, kind, line, verdict, message, ..] = columns.as_slice() else { continue };
        if !matches!(kind, "postgresql" | "recovery" | "pg_hba" | "pg_ident") {
            continue;
        }
        let entry = files.entry(file.to_owned()).or_default();
        entry.kind = kind.to_owned();
        entry.cut |= message.starts_with("[pass 11]");
        let line = line.parse().unwrap_or(0);
        match verdict {
            "skip" => entry.skip = true,
            "error" => drop(entry.refused.insert(line)),
            "env" => drop(entry.machine.insert(line)),
            _ => {}
        }
    }
    files
}

/// The lines that we say the major refuses, with what we say.
fn refused(path: &Utf8Path, kind: &str, major: u8) -> BTreeMap<u32, String> {
    // The verdicts on recovery files are those on the same text in postgresql.conf.
    let name = match kind {
        "pg_hba" => "pg_hba.conf",
        "pg_ident" => "pg_ident.conf",
        _ => "postgresql.conf",
    };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let root = Utf8Path::from_path(folder.path()).expect("its path is UTF-8");
    fs::copy(path, root.join(name)).expect("the file can be copied");
    let run = support::check(root, Some(Majors::only(major)), &Selection::all(&Registry::default()))
        .expect("the run succeeds");
    let refused = run.findings.iter().filter(|finding| finding.effect == Effect::Refused);
    refused
        .map(|finding| {
            let file = run.sources.file(finding.primary.span.file);
            let place = file.lines().position(finding.primary.span.start, file.bytes());
            // What is about the whole file has line 0 in the verdicts.
            let line = if finding.primary.is_absent() { 0 } else { place.line };
            (line, format!("{}: {}", finding.rule, finding.message))
        })
        .collect()
}
