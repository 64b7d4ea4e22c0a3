//! The crate: which files it holds, and the folder that brings what cargo leaves out.

use std::fs;
use std::path::Path;

use anyhow::{Result, ensure};

use super::empty;
use crate::run::{cargo, root};

/// The folders of plugins/ that the build script puts into the binary. cargo leaves them out of a crate, since some hold
/// packages of their own.
const PARTS: [&str; 6] = ["sdk", "sdk-c", "sdk-js", "sdk-python", "templates", "wit"];

/// Copies them to where a crate may hold them; the build script takes them from there when there is no plugins/.
pub(crate) fn embed() -> Result<()> {
    let embedded = root().join("embedded");
    empty(&embedded)?;
    for part in PARTS {
        copy(&root().join("plugins").join(part), &embedded.join(part))?;
    }
    Ok(())
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let name = entry.file_name();
        // What builds leave behind.
        if ["target", "node_modules", "build", "__pycache__", "Cargo.lock"].iter().any(|left| name == *left) {
            continue;
        }
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &to.join(name))?;
        } else {
            // A folder with a Cargo.toml would be another package's.
            let name = if name == "Cargo.toml" { "Cargo.toml.embedded".into() } else { name };
            fs::copy(entry.path(), to.join(name))?;
        }
    }
    Ok(())
}

/// What is in the crate, and what is not.
pub(super) fn check() -> Result<()> {
    embed()?;
    let list = cargo().args(["package", "--list", "--allow-dirty", "--locked", "--package", "pgassay"]).output()?;
    fs::remove_dir_all(root().join("embedded"))?;
    ensure!(list.status.success(), "cargo package: {}", String::from_utf8_lossy(&list.stderr));
    let list = String::from_utf8(list.stdout)?;
    let names = list.lines().collect::<Vec<_>>();
    for name in [
        "Cargo.lock",
        "Cargo.toml",
        "LICENSE-APACHE",
        "LICENSE-MIT",
        "README.md",
        "build.rs",
        "embedded/sdk/Cargo.toml.embedded",
        "embedded/templates/rust/Cargo.toml.embedded",
        "embedded/wit/pgassay.wit",
        "rules/hba/hba-trust-remote.md",
        "rules/profiles/cis-17.toml",
        "src/main.rs",
    ] {
        ensure!(names.contains(&name), "the crate lacks {name}");
    }
    for left in ["fixtures/", "tests/", "fuzz/", "plugins/", "xtask/", ".github/", "packaging/"] {
        let strange = names.iter().find(|name| name.starts_with(left));
        ensure!(strange.is_none(), "the crate holds {strange:?}");
    }
    Ok(())
}
