//! Fuzzing: fills the corpora from the repository's own files, and runs the targets of `fuzz/` one after the other.
//!
//! What libFuzzer finds goes to `fixtures/fuzz/<target>/`, from where the tests replay it.

mod seeds;

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::run::{root, run, say};

/// Seconds for each target where none are given.
const SECONDS: u32 = 60;

pub(crate) fn fuzz(args: &[&str]) -> Result<()> {
    let (names, seconds) = match args {
        [names @ .., "--seconds", seconds] => (names, seconds.parse().context("--seconds takes a number")?),
        names => (names, SECONDS),
    };
    let all = targets(&root().join("fuzz/targets"))?;
    if let Some(unknown) = names.iter().find(|name| !all.iter().any(|known| known == *name)) {
        bail!("there is no target `{unknown}`; the targets are {}", all.join(", "));
    }
    install()?;
    let count = seeds::write(&root().join("fuzz/corpus"))?;
    say(&format!("{count} seeds from fixtures/ and rules/"));
    let mut failed = Vec::new();
    for target in all.iter().filter(|target| names.is_empty() || names.contains(&target.as_str())) {
        say(&format!("{target}, {seconds} seconds"));
        if !one(target, seconds)? {
            failed.push(target.as_str());
        }
    }
    if !failed.is_empty() {
        bail!("{} found something; the inputs are in fixtures/fuzz", failed.join(", "));
    }
    Ok(())
}

fn targets(folder: &Path) -> Result<Vec<String>> {
    let entries = fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let mut names = Vec::new();
    for entry in entries {
        let path = entry?.path();
        names.extend(path.file_stem().and_then(|name| name.to_str()).map(str::to_owned));
    }
    names.sort();
    Ok(names)
}

/// Installs cargo-fuzz where it is missing.
fn install() -> Result<()> {
    let there = Command::new("cargo").args(["fuzz", "--version"]).stdout(Stdio::null()).stderr(Stdio::null()).status();
    if there.is_ok_and(|status| status.success()) {
        return Ok(());
    }
    say("missing: cargo-fuzz; installing it with cargo");
    run(Command::new("cargo").args(["install", "--locked", "cargo-fuzz"]))
}

/// cargo of the nightly toolchain, which has the flags that libFuzzer needs; else the one that is there, told to have them.
fn cargo() -> Command {
    let mut nightly = Command::new("rustup");
    nightly.args(["run", "nightly", "rustc", "--version"]).stdout(Stdio::null()).stderr(Stdio::null());
    let mut command = Command::new("cargo");
    if nightly.status().is_ok_and(|status| status.success()) {
        command.arg("+nightly");
    } else {
        command.env("RUSTC_BOOTSTRAP", "1");
    }
    // This task runs under a cargo that names its own toolchain.
    command.env_remove("RUSTUP_TOOLCHAIN").current_dir(root());
    command
}

/// Runs a target; whether it found nothing.
fn one(target: &str, seconds: u32) -> Result<bool> {
    let found = root().join("fixtures/fuzz").join(target);
    fs::create_dir_all(&found).with_context(|| format!("cannot make {}", found.display()))?;
    // pgassay has no unsafe code of its own, and what C code there is is not built with a sanitizer.
    let mut command = cargo();
    command.args(["fuzz", "run", "--sanitizer", "none", "--codegen-units", "16", target, "--"]);
    command.args(["-timeout=10", "-rss_limit_mb=3072", "-max_len=8192", "-print_final_stats=1"]);
    command.arg(format!("-max_total_time={seconds}"));
    command.arg(format!("-artifact_prefix={}/", found.display()));
    let status = command.status().with_context(|| format!("cannot start {command:?}"))?;
    // An empty folder says nothing.
    let _ = fs::remove_dir(&found);
    Ok(status.success())
}
