//! Tries what users install: the source distribution and the wheel made of it, the hooks of pre-commit, the files of
//! workflows and images. Compilers run once, with the profile of development.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use crate::run::{root, say};
use crate::setup::setup;

mod action;
mod hooks;
mod krate;
mod lint;
mod tools;
mod wheel;

pub(crate) use krate::embed;

/// Tries everything, or the parts that are named.
pub(crate) fn package(parts: &[&str]) -> Result<()> {
    const PARTS: [&str; 5] = ["lint", "crate", "wheel", "action", "hooks"];
    if let Some(unknown) = parts.iter().find(|part| !PARTS.contains(part)) {
        anyhow::bail!("there is no part `{unknown}`; the parts are {}", PARTS.join(", "));
    }
    setup()?;
    let wanted = |part: &str| parts.is_empty() || parts.contains(&part);
    let tools = tools::install()?;
    if wanted("lint") {
        lint::lint(&tools)?;
    }
    if wanted("crate") {
        krate::check()?;
    }
    if wanted("wheel") {
        wheel::make(&tools)?;
    }
    if wanted("action") {
        action::run()?;
    }
    if wanted("hooks") {
        hooks::commit(&tools)?;
    }
    say("the packages are well");
    Ok(())
}

/// The folder in which it is all tried.
fn folder() -> PathBuf {
    root().join("target/package")
}

/// A folder of that name that is empty.
fn empty(path: &Path) -> Result<()> {
    if path.exists() {
        fs::remove_dir_all(path).with_context(|| format!("cannot empty {}", path.display()))?;
    }
    fs::create_dir_all(path).with_context(|| format!("cannot make {}", path.display()))
}

/// The version that Cargo.toml gives to all packages.
fn version() -> Result<String> {
    let manifest: toml::Table = fs::read_to_string(root().join("Cargo.toml"))?.parse()?;
    let version = manifest.get("workspace").and_then(|of| of.get("package")).and_then(|of| of.get("version"));
    Ok(version.and_then(toml::Value::as_str).context("Cargo.toml says no version")?.to_owned())
}

/// The only file in a folder that ends so.
fn only(folder: &Path, ending: &str) -> Result<PathBuf> {
    let entries = fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let paths = entries.flatten().map(|entry| entry.path());
    let mut found = paths.filter(|path| path.to_string_lossy().ends_with(ending)).collect::<Vec<_>>();
    ensure!(found.len() == 1, "{} holds {} files `*{ending}`", folder.display(), found.len());
    found.pop().context("there is one")
}
