//! The programs that do a part of the same work, where they are installed.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::bench::measure::Call;
use crate::run::{is_installed, root, say};

/// What is installed.
#[derive(Debug)]
pub(crate) struct Rivals {
    /// The program that has libpg_query split files.
    split: Option<PathBuf>,
    folder: PathBuf,
}

impl Rivals {
    pub(crate) fn find(folder: &Path) -> Result<Self> {
        for (program, hint) in [("rg", "ripgrep"), ("squawk", "squawk-cli of PyPI"), ("valgrind", "valgrind")] {
            if !is_installed(program) {
                say(&format!("without `{program}` ({hint}) the rows that need it are left out"));
            }
        }
        Ok(Self { split: split(folder)?, folder: folder.to_owned() })
    }

    pub(crate) fn ripgrep(&self, args: &[&str]) -> Option<Call> {
        // A user's own configuration would change what it does.
        is_installed("rg").then(|| Call::new("rg", &[&["--no-config"], args].concat()))
    }

    pub(crate) fn squawk(&self, files: &[PathBuf]) -> Option<Call> {
        is_installed("squawk").then(|| Call::new("squawk", &["--reporter", "gcc"]).on(files))
    }

    /// libpg_query, splitting the files.
    pub(crate) fn split(&self, name: &str, files: &[PathBuf]) -> Result<Option<Call>> {
        let Some(program) = &self.split else { return Ok(None) };
        let list = self.folder.join(format!("{name}.list"));
        let lines = files.iter().map(|file| format!("{}\n", file.display())).collect::<String>();
        fs::write(&list, lines).with_context(|| format!("cannot write {}", list.display()))?;
        Ok(Some(Call::new(program, &[]).reading(&list)))
    }
}

/// Builds `benches/split.c` with the libpg_query of the system.
fn split(folder: &Path) -> Result<Option<PathBuf>> {
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let program = folder.join("split");
    let source = root().join("benches/split.c");
    let mut command = Command::new("cc");
    command.args(["-O2", "-o"]).arg(&program).arg(source).arg("-lpg_query");
    let built = command.output().is_ok_and(|output| output.status.success());
    if !built {
        say("without libpg_query (Debian: libpg-query-dev) the rows that need it are left out");
    }
    Ok(built.then_some(program))
}
