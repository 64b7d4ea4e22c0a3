//! Holds the instructions of start-up and of small work against benches/instructions.toml.
//!
//! They are the same on every run, and nearly so on every machine: the compiler and the C library matter a little, which
//! is what the tolerance is for.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::bench::measure::{Call, Counts};
use crate::bench::text::Dump;
use crate::bench::workload::Workloads;
use crate::run::{root, say};
use crate::setup;

/// The file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    /// By how many percent a count may be off.
    tolerance: f64,
    counts: BTreeMap<String, u64>,
}

/// What is counted, on one thread.
fn calls(binary: &Path, workloads: &Workloads) -> Result<Vec<(&'static str, Call)>> {
    let check = |path: PathBuf| {
        Call::new(binary, &["check", "--no-config", "--exit-zero", "--format", "concise"]).threads(1).on([path])
    };
    Ok(vec![
        ("version", Call::new(binary, &["--version"]).threads(1)),
        ("empty-folder", check(workloads.empty()?)),
        ("small-tree", check(workloads.small()?)),
        ("monorepo-hundredth", check(workloads.mono(1)?)),
        ("hba-10000-lines", check(workloads.hba(10_000)?)),
        ("inserts-1-mb", check(workloads.dump(Dump::Inserts, 1)?)),
        ("copy-1-mb", check(workloads.dump(Dump::Copy, 1)?)),
    ])
}

fn path() -> PathBuf {
    root().join("benches/instructions.toml")
}

fn counted(binary: &Path, workloads: &Workloads) -> Result<BTreeMap<String, u64>> {
    setup::valgrind()?;
    let mut counts = Counts::default();
    calls(binary, workloads)?.iter().map(|(name, call)| Ok(((*name).to_owned(), counts.of(call)?))).collect()
}

/// Writes the counts of now. The tolerance stays.
pub(crate) fn write(binary: &Path, workloads: &Workloads) -> Result<()> {
    let kept = read()?;
    let mut text = String::from(
        "# Instructions in user space, on one thread, that `cargo xtask bench --counts` compares with.\n\
         # `cargo xtask bench --counts --write` writes this file.\n\n\
         # By how many percent a count may be off: the C library picks its routines by the processor.\n",
    );
    let _ = writeln!(text, "tolerance = {}\n\n[counts]", kept.tolerance);
    for (name, count) in counted(binary, workloads)? {
        let _ = writeln!(text, "{name} = {count}");
    }
    fs::write(path(), text).with_context(|| format!("cannot write {}", path().display()))
}

/// Fails where a count has grown, and where one has shrunk so far that the file is out of date.
pub(crate) fn compare(binary: &Path, workloads: &Workloads) -> Result<()> {
    let kept = read()?;
    let now = counted(binary, workloads)?;
    let mut off = 0;
    for (name, &count) in &now {
        let Some(&before) = kept.counts.get(name) else {
            println!("{name}: {count}, not kept");
            off += 1;
            continue;
        };
        let change = (count as f64 / before as f64 - 1.0) * 100.0;
        let is_off = change.abs() > kept.tolerance;
        println!("{name}: {count}, kept {before}, {change:+.2} %{}", if is_off { ", too far off" } else { "" });
        off += usize::from(is_off);
    }
    if off > 0 {
        bail!(
            "{off} counts are off by more than {} %; mend what has grown, or write the counts of now with `cargo xtask bench \
             --counts --write`",
            kept.tolerance
        );
    }
    say(&format!("{} counts of instructions are as they were", now.len()));
    Ok(())
}

fn read() -> Result<Kept> {
    let text = fs::read_to_string(path()).with_context(|| format!("cannot read {}", path().display()))?;
    toml::from_str(&text).with_context(|| format!("cannot read {}", path().display()))
}
