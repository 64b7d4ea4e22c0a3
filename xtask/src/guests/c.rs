//! Guests in C: clang and wasi-libc from the distribution, and rustup's linkers, which the SDK's plugin.mk finds.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

use super::bindings::{mark, wit_bindgen};
use super::{Guest, build_project};
use crate::run::{is_installed, root, run, say};
use crate::setup::is_root;

const SDK: &str = "plugins/sdk-c";

const PACKAGES: &[&str] = &["clang", "lld", "make", "wasi-libc"];

/// Builds a guest as its author would, with `make`.
pub(crate) fn build(_: &Guest, source: &Path, out: &Path) -> Result<()> {
    build_project(Command::new("make").args(["--silent", "--always-make"]), tools()?, source, out)
}

/// Folders for the front of the PATH: none, since the distribution's compiler is on it. Installs what is missing.
pub(crate) fn tools() -> Result<Vec<PathBuf>> {
    if has_compiler() {
        return Ok(Vec::new());
    }
    let packages = PACKAGES.join(", ");
    ensure!(is_installed("apt-get"), "plugins in C need {packages}, and apt-get is not here; install them by hand");
    say(&format!("installing {packages} with apt-get, to build plugins in C"));
    run(apt().args(["update", "-qq"]).stdout(Stdio::null()))?;
    run(apt().args(["install", "-y", "-qq", "--no-install-recommends"]).args(PACKAGES).stdout(Stdio::null()))?;
    ensure!(has_compiler(), "{packages} are installed, but clang does not find wasi-libc");
    Ok(Vec::new())
}

/// Whether clang is here and finds wasi-libc, and whether make is.
fn has_compiler() -> bool {
    // clang prints the bare name of a file that it does not find.
    let start = Command::new("clang").args(["--target=wasm32-wasi", "-print-file-name=crt1-reactor.o"]).output();
    let is_found = start.is_ok_and(|output| Path::new(String::from_utf8_lossy(&output.stdout).trim()).is_absolute());
    is_found && is_installed("make")
}

fn apt() -> Command {
    let mut command = Command::new(if is_root() { "apt-get" } else { "sudo" });
    if !is_root() {
        command.arg("apt-get");
    }
    command.env("DEBIAN_FRONTEND", "noninteractive");
    command
}

/// Writes the SDK's pgassay.c, pgassay.h and pgassay_component_type.o.
pub(super) fn write_bindings() -> Result<()> {
    // The full names of the interfaces would stand in front of every type.
    let renamed = ["types@0.1.0=pgassay", "host@0.1.0=host", "rules@0.1.0=rules"];
    let mut command = Command::new(wit_bindgen()?);
    command.current_dir(root()).args(["c", "plugins/wit", "--world", "plugin", "--rename-world", "pgassay"]);
    for name in renamed {
        command.args(["--rename", &format!("pgassay:plugin/{name}")]);
    }
    run(command.args(["--out-dir", SDK]))?;
    for name in ["pgassay.c", "pgassay.h"] {
        let path = root().join(SDK).join(name);
        let code = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let head = "// Made from plugins/wit/pgassay.wit by `cargo xtask guests --bindings`; edits are lost.";
        fs::write(&path, format!("{head}\n{}\n{code}", comment()?))?;
    }
    say(&format!("wrote {SDK}/pgassay.c, pgassay.h and pgassay_component_type.o"));
    Ok(())
}

/// Fails where the contract has changed since the bindings were made.
pub(super) fn check_bindings() -> Result<()> {
    let path = root().join(SDK).join("pgassay.h");
    let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let is_current = text.lines().nth(1) == Some(&comment()?);
    ensure!(is_current, "{} is not of the contract that is here; run `cargo xtask guests --bindings`", path.display());
    Ok(())
}

fn comment() -> Result<String> {
    Ok(mark()?.replacen("//!", "//", 1))
}
