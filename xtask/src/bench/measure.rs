//! Measures whole processes: CPU time and memory as the system accounts them, instructions as cachegrind counts them.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use wait4::Wait4;

/// A command that can be run again and again.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Call {
    program: PathBuf,
    args: Vec<OsString>,
    /// The number of threads, where it is fixed.
    threads: Option<usize>,
    /// What it reads from standard input.
    input: Option<PathBuf>,
}

impl Call {
    pub(crate) fn new(program: impl Into<PathBuf>, args: &[&str]) -> Self {
        let args = args.iter().map(Into::into).collect();
        Self { program: program.into(), args, threads: None, input: None }
    }

    pub(crate) fn on<P: AsRef<Path>>(mut self, paths: impl IntoIterator<Item = P>) -> Self {
        self.args.extend(paths.into_iter().map(|path| path.as_ref().into()));
        self
    }

    pub(crate) fn threads(mut self, threads: usize) -> Self {
        self.threads = Some(threads);
        self
    }

    pub(crate) fn reading(mut self, path: &Path) -> Self {
        self.input = Some(path.to_owned());
        self
    }

    fn command(&self, program: &Path, before: &[&str]) -> Result<Command> {
        let mut command = Command::new(program);
        command.args(before);
        if program != self.program {
            command.arg(&self.program);
        }
        command.args(&self.args).stdin(Stdio::null());
        if let Some(threads) = self.threads {
            command.env("RAYON_NUM_THREADS", threads.to_string());
        }
        if let Some(path) = &self.input {
            command.stdin(File::open(path).with_context(|| format!("cannot read {}", path.display()))?);
        }
        Ok(command)
    }

    /// What it prints.
    pub(crate) fn output(&self) -> Result<Vec<u8>> {
        let output = self.command(&self.program, &[])?.output().with_context(|| format!("cannot start {self}"))?;
        self.accept(output.status.code())?;
        Ok(output.stdout)
    }

    /// Linters say 1 where they find something, ripgrep where it finds nothing.
    fn accept(&self, code: Option<i32>) -> Result<()> {
        match code {
            Some(0 | 1) => Ok(()),
            Some(code) => bail!("{self} ended with {code}"),
            None => bail!("{self} was killed"),
        }
    }
}

impl std::fmt::Display for Call {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.program.file_name().unwrap_or_default().display())?;
        // What it works on is told beside.
        for arg in self.args.iter().filter(|arg| !Path::new(arg).is_absolute()) {
            write!(f, " {}", arg.display())?;
        }
        Ok(())
    }
}

/// What one run took.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Usage {
    /// Seconds of all processors, user and system.
    pub(crate) cpu: f64,
    /// The most memory that it held, in bytes.
    pub(crate) peak: f64,
}

fn once(call: &Call) -> Result<Usage> {
    let mut command = call.command(&call.program, &[])?;
    let child =
        command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().with_context(|| format!("cannot start {call}"))?;
    let used = child.wait4().with_context(|| format!("cannot wait for {call}"))?;
    call.accept(used.status.code())?;
    let cpu = (used.rusage.utime + used.rusage.stime).as_secs_f64();
    Ok(Usage { cpu, peak: used.rusage.maxrss as f64 })
}

/// Runs the two in turn. The first run of each warms the caches and does not count.
pub(crate) fn pairs(ours: &Call, theirs: &Call, runs: usize) -> Result<Vec<(Usage, Usage)>> {
    let mut pairs = Vec::new();
    for run in 0..=runs {
        let pair = (once(ours)?, once(theirs)?);
        if run > 0 {
            pairs.push(pair);
        }
    }
    Ok(pairs)
}

/// Counts of instructions; a command is counted once.
#[derive(Debug, Default)]
pub(crate) struct Counts(BTreeMap<Call, u64>);

impl Counts {
    /// Instructions in user space, which do not depend on what else the machine does.
    pub(crate) fn of(&mut self, call: &Call) -> Result<u64> {
        if let Some(&known) = self.0.get(call) {
            return Ok(known);
        }
        let tool = ["--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"];
        let mut command = call.command(Path::new("valgrind"), &tool)?;
        let output = command.stdout(Stdio::null()).output().context("cannot start valgrind")?;
        call.accept(output.status.code())?;
        let text = String::from_utf8_lossy(&output.stderr);
        let line = text.lines().rev().find_map(|line| line.split_once("refs:")).context("valgrind counted nothing")?;
        let count = line.1.trim().replace(',', "").parse().context("valgrind's count is no number")?;
        self.0.insert(call.clone(), count);
        Ok(count)
    }
}

/// The smallest, the one in the middle, and the largest.
pub(crate) fn spread(mut values: Vec<f64>) -> (f64, f64, f64) {
    values.sort_by(f64::total_cmp);
    let at = |index: usize| values.get(index).copied().unwrap_or(f64::NAN);
    (at(0), at(values.len() / 2), at(values.len().saturating_sub(1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_of_an_even_number_is_the_upper_one() {
        assert_eq!(spread(vec![3.0, 1.0, 2.0, 4.0]), (1.0, 3.0, 4.0));
    }

    #[test]
    fn a_process_is_measured() {
        let call = Call::new("sh", &["-c", "i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done"]);
        let usage = once(&call).expect("there is a shell");
        assert!(usage.cpu > 0.0 && usage.peak > 100_000.0, "{usage:?}");
        assert!(once(&Call::new("sh", &["-c", "exit 3"])).is_err());
    }
}
