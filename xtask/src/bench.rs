//! Times the release binary as a whole process on trees that it generates: start-up, a small tree, a big one.
//!
//! Where ripgrep is installed, the same work is given to it, in turn, and the ratio is printed: it walks and reads the
//! same files. Where valgrind is installed, instructions are counted too; they do not depend on the machine's load.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::run::{cargo, is_installed, root, run};
use crate::setup::setup;
use crate::tree;

/// A command of ours and, if ripgrep is here, what is compared with it.
struct Work {
    name: &'static str,
    ours: Vec<String>,
    theirs: Vec<String>,
    runs: usize,
}

pub(crate) fn bench() -> Result<()> {
    setup()?;
    run(cargo().args(["build", "--release", "--locked", "--package", "pgassay"]))?;
    let binary = root().join("target/release/pgassay");
    let folder = root().join("target/bench");
    let small = tree::write(&folder.join("small"), tree::SMALL)?;
    let big = tree::write(&folder.join("big"), tree::BIG)?;
    let empty = folder.join("empty");
    std::fs::create_dir_all(&empty).with_context(|| format!("cannot make {}", empty.display()))?;
    let check = |path: &Path| words(&["check", "--no-config", "--exit-zero", "--format", "concise"], path);
    let search = |path: &Path| words(&["-j1", "-c", "trust"], path);
    let works = [
        Work {
            name: "start-up (--version)",
            ours: vec!["--version".into()],
            theirs: vec!["--version".into()],
            runs: 40,
        },
        Work { name: "an empty folder", ours: check(&empty), theirs: search(&empty), runs: 40 },
        Work { name: "a small tree", ours: check(&small), theirs: search(&small), runs: 20 },
        Work { name: "a big tree", ours: check(&big), theirs: search(&big), runs: 5 },
    ];
    for work in &works {
        work.measure(&binary)?;
    }
    Ok(())
}

fn words(words: &[&str], path: &Path) -> Vec<String> {
    words.iter().map(|&word| word.to_owned()).chain([path.display().to_string()]).collect()
}

impl Work {
    fn measure(&self, binary: &Path) -> Result<()> {
        let rival = is_installed("rg").then(|| PathBuf::from("rg"));
        let (mut ours, mut ratios) = (Vec::new(), Vec::new());
        // One run of each warms the caches and does not count.
        for round in 0..=self.runs {
            let own = time(binary, &self.ours)?;
            let other = rival.as_deref().map(|rival| time(rival, &self.theirs)).transpose()?;
            if round > 0 {
                ours.push(own.as_secs_f64());
                ratios.extend(other.map(|other| own.as_secs_f64() / other.as_secs_f64()));
            }
        }
        let mut line = format!("{}: {:.1} ms", self.name, median(&mut ours) * 1000.0);
        if !ratios.is_empty() {
            line += &format!(", {:.2} x `rg {}`", median(&mut ratios), self.theirs.join(" "));
        }
        if is_installed("valgrind") {
            let own = instructions(binary, &self.ours)?;
            line += &format!(", {:.2} M instructions", own as f64 / 1e6);
            if let Some(rival) = &rival {
                line += &format!(" ({:.2} x)", own as f64 / instructions(rival, &self.theirs)? as f64);
            }
        }
        println!("{line}");
        Ok(())
    }
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

fn time(program: &Path, args: &[String]) -> Result<Duration> {
    let start = Instant::now();
    let status = Command::new(program).args(args).stdout(Stdio::null()).stderr(Stdio::null()).status();
    let status = status.with_context(|| format!("cannot start {}", program.display()))?;
    // ripgrep says 1 where it finds nothing.
    if status.code().is_none_or(|code| code > 1) {
        bail!("{} {} ended with {status}", program.display(), args.join(" "));
    }
    Ok(start.elapsed())
}

/// Instructions in user space, as cachegrind counts them.
fn instructions(program: &Path, args: &[String]) -> Result<u64> {
    let output = Command::new("valgrind")
        .args(["--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"])
        .arg(program)
        .args(args)
        .stdout(Stdio::null())
        .output()
        .context("cannot start valgrind")?;
    let text = String::from_utf8_lossy(&output.stderr);
    let line = text.lines().find_map(|line| line.split_once("refs:")).context("valgrind counted nothing")?;
    line.1.trim().replace(',', "").parse().context("valgrind's count is no number")
}
