//! `cargo xtask corpus`: holds pgassay's refusals against what servers said of a folder of real files.
//!
//! The folder has a `verdicts-pgNN.tsv` for each major (see `table`), which names files below the folder. Nothing is
//! asked of a server. The binary is target/debug/pgassay, or what `PGASSAY_BINARY` names.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};

use crate::oracle::{Kind, ours};
use crate::run::pgassay;
use crate::servers::majors;

mod compare;
mod table;

use compare::{Compared, Disagreement, compare};
use table::{Table, Verdict};

/// The kinds of files in the tables. The verdicts on recovery.conf are those on the same text in postgresql.conf.
const KINDS: [(&str, Kind); 4] =
    [("postgresql", Kind::Conf), ("recovery", Kind::Conf), ("pg_hba", Kind::Hba), ("pg_ident", Kind::Ident)];

/// The figures of one kind on one major.
#[derive(Debug, Default)]
struct Figures {
    files: usize,
    agree: usize,
    refused: usize,
    templates: usize,
    machine: usize,
    missing: Vec<PathBuf>,
    set_aside: BTreeMap<&'static str, usize>,
    disagreements: Vec<(PathBuf, Disagreement)>,
}

pub(crate) fn corpus(folder: &Path) -> Result<()> {
    let scratch = std::env::temp_dir().join(format!("pgassay-corpus-{}", std::process::id()));
    let (mut files, mut disagreements) = (0, 0);
    for major in majors() {
        let path = folder.join(format!("verdicts-pg{major}.tsv"));
        if !path.exists() {
            println!("PostgreSQL {major}: no verdicts");
            continue;
        }
        let read = fs::read(&path).map_err(anyhow::Error::from).and_then(|bytes| table::read(&bytes));
        let table = read.with_context(|| format!("cannot read {}", path.display()))?;
        for (name, kind) in KINDS {
            let figures = measure(folder, &scratch, major, (name, kind), &table)?;
            files += figures.files;
            disagreements += figures.disagreements.len();
            print!("{}", report(name, major, &figures));
        }
        print!("{}", unknown_kinds(major, &table));
    }
    ensure!(files > 0, "no file of {} has a verdict to compare with", folder.display());
    if disagreements > 0 {
        bail!("{disagreements} disagreements");
    }
    Ok(())
}

/// Compares the files of one kind. Each is judged alone, in a folder of its own.
fn measure(folder: &Path, scratch: &Path, major: u8, (name, kind): (&str, Kind), table: &Table) -> Result<Figures> {
    let mut figures = Figures::default();
    let mut files: Vec<(&PathBuf, &Verdict, Vec<u8>)> = Vec::new();
    for ((_, path), verdict) in table.iter().filter(|((of, _), _)| of == name) {
        if verdict.skip.is_some() {
            figures.templates += 1;
            continue;
        }
        let Ok(bytes) = fs::read(folder.join(path)) else {
            figures.missing.push(path.clone());
            continue;
        };
        let place = scratch.join(files.len().to_string());
        fs::create_dir_all(&place).with_context(|| format!("cannot make {}", place.display()))?;
        fs::write(place.join(kind.file()), &bytes)?;
        files.push((path, verdict, bytes));
    }
    if files.is_empty() {
        return Ok(figures);
    }
    let ours = ours::refusals(&pgassay(), scratch, kind, major);
    fs::remove_dir_all(scratch)?;
    let ours = ours?;
    for (number, (path, verdict, bytes)) in files.into_iter().enumerate() {
        figures.files += 1;
        figures.refused += verdict.refused.len() + usize::from(verdict.start.is_some());
        figures.machine += verdict.machine.len();
        let compared = match ours.of(&number.to_string()) {
            Some(refusals) => compare(kind, major, &bytes, verdict, refusals),
            None => not_judged(verdict),
        };
        figures.agree += usize::from(compared.disagreements.is_empty());
        for (why, count) in compared.set_aside {
            *figures.set_aside.entry(why).or_default() += count;
        }
        figures.disagreements.extend(compared.disagreements.into_iter().map(|found| (path.clone(), found)));
    }
    Ok(figures)
}

/// A file that pgassay takes for one of another program. The servers have judged it, so it is not.
fn not_judged(verdict: &Verdict) -> Compared {
    let mut compared = Compared::default();
    let server = verdict.refused.values().next().cloned();
    let ours = Some("takes the file for one of another program".to_owned());
    compared.disagreements.push(Disagreement { line: 0, server, ours });
    compared
}

fn report(kind: &str, major: u8, figures: &Figures) -> String {
    let Figures { files, agree, refused, .. } = figures;
    if files + figures.templates + figures.missing.len() == 0 {
        return format!("PostgreSQL {major}, {kind}: no verdicts\n");
    }
    let percent = if *files == 0 { 100.0 } else { 100.0 * *agree as f64 / *files as f64 };
    let mut out = format!(
        "PostgreSQL {major}, {kind}: {agree} of {files} files agree ({percent:.1} %), {refused} lines are refused\n"
    );
    let aside = [(figures.templates, "templates"), (figures.machine, "lines that depend on the machine or build")];
    for (count, what) in aside.into_iter().filter(|(count, _)| *count > 0) {
        let _ = writeln!(out, "  not compared, {count}: {what}");
    }
    for (why, count) in &figures.set_aside {
        let _ = writeln!(out, "  not compared, {count}: {why}");
    }
    for path in &figures.missing {
        let _ = writeln!(out, "  not there: {}", path.display());
    }
    for (path, found) in &figures.disagreements {
        let side = |side: &Option<String>| side.clone().unwrap_or_else(|| "accepts it".to_owned());
        let _ = writeln!(out, "  {}:{}", path.display(), found.line);
        let _ = writeln!(out, "    server:  {}\n    pgassay: {}", side(&found.server), side(&found.ours));
    }
    out
}

/// Says which kinds of the table are not compared.
fn unknown_kinds(major: u8, table: &Table) -> String {
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    for (kind, _) in table.keys().filter(|(kind, _)| KINDS.iter().all(|(known, _)| known != kind)) {
        *kinds.entry(kind).or_default() += 1;
    }
    let line = |(kind, count)| format!("PostgreSQL {major}, {kind}: not compared, files: {count}\n");
    kinds.into_iter().map(line).collect()
}
