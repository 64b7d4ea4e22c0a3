//! Guests in Python: componentize-py, which puts CPython and the plugin's code into a component.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::{Guest, build_project};
use crate::run::{is_installed, root, run, say};

/// The version that the projects' README names too.
const VERSION: &str = "0.25.1";

/// Builds a guest as its author would, with `make`.
pub(crate) fn build(_: &Guest, source: &Path, out: &Path) -> Result<()> {
    build_project(Command::new("make").args(["--silent", "--always-make"]), tools()?, source, out)
}

/// Folders for the front of the PATH. Installs what is missing.
pub(crate) fn tools() -> Result<Vec<PathBuf>> {
    let home = root().join("target/guest-tools/python");
    let programs = home.join(if cfg!(windows) { "Scripts" } else { "bin" });
    let program = programs.join(format!("componentize-py{}", std::env::consts::EXE_SUFFIX));
    let version = format!("componentize-py {VERSION}");
    let is_right = |output: std::process::Output| String::from_utf8_lossy(&output.stdout).trim() == version;
    if !Command::new(&program).arg("--version").output().is_ok_and(is_right) {
        let python = ["python3", "python"].into_iter().find(|name| is_installed(name));
        let python = python.context("plugins in Python need Python 3 with venv; install them")?;
        say(&format!("installing {version} from PyPI below target/guest-tools"));
        run(Command::new(python).args(["-m", "venv", "--clear"]).arg(&home))?;
        let package = format!("componentize-py=={VERSION}");
        run(Command::new(programs.join("python")).args(["-m", "pip", "install", "--quiet", &package]))?;
    }
    ensure!(is_installed("make"), "plugins in Python are built with make; install it");
    Ok(vec![programs])
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn projects_use_the_version_that_is_tested() {
        for project in ["plugins/examples/slot-names-python", "plugins/templates/python"] {
            let text = fs::read_to_string(root().join(project).join("README.md")).unwrap();
            assert!(text.contains(&format!("componentize-py=={VERSION}")), "{project}");
        }
    }
}
