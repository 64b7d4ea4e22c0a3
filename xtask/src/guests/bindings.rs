//! `cargo xtask guests --bindings`: makes the SDKs' bindings from the contract, and tells whether they are of it. Here
//! are those of Rust; the modules of the other languages have theirs.
//!
//! They are committed, so that building a plugin needs neither the generator nor its macro.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::Digest;
use crate::run::{cargo, root, run, say};

/// The generator's version; the SDK's dependency `wit-bindgen` is its other half and must have the same.
const VERSION: &str = "0.63.0";

const WIT: &str = "plugins/wit/pgassay.wit";
const BINDINGS: &str = "plugins/sdk/src/bindings.rs";

/// Types that have no natural default.
const NO_DEFAULT: &[&str] = &["severity", "confidence", "effect", "rule-info"];

/// Writes the bindings.
pub(crate) fn write() -> Result<()> {
    let folder = root().join("target/bindings");
    let mut command = Command::new(wit_bindgen()?);
    command.current_dir(root()).args(["rust", WIT, "--world", "plugin", "--format", "--pub-export-macro", "--out-dir"]);
    command.arg(&folder).args(["--additional-derive-attributes", "Default"]);
    for name in NO_DEFAULT {
        command.args(["--additional-derive-ignore", name]);
    }
    run(&mut command)?;
    let made = folder.join("plugin.rs");
    let code = fs::read_to_string(&made).with_context(|| format!("cannot read {}", made.display()))?;
    let text = format!(
        "//! What `{WIT}` says, in Rust. Made by `cargo xtask guests --bindings`; edits are lost.\n\
         //!\n\
         {}\n\n\
         #![allow(missing_docs, missing_debug_implementations, unreachable_pub, unsafe_code, unused_qualifications)]\n\
         #![allow(clippy::all, clippy::nursery, clippy::pedantic, clippy::restriction)]\n\n\
         {code}",
        mark()?
    );
    fs::write(root().join(BINDINGS), text).with_context(|| format!("cannot write {BINDINGS}"))?;
    say(&format!("wrote {BINDINGS}"));
    super::c::write_bindings()?;
    super::javascript::write_declarations()
}

/// Fails where the contract has changed since the bindings were made.
pub(super) fn check() -> Result<()> {
    let text = fs::read_to_string(root().join(BINDINGS)).with_context(|| format!("cannot read {BINDINGS}"))?;
    let mark = mark()?;
    ensure!(
        text.lines().any(|line| line == mark),
        "{BINDINGS} is not of the {WIT} that is here; run `cargo xtask guests --bindings`"
    );
    super::c::check_bindings()?;
    super::javascript::check_declarations()
}

/// The line by which bindings name their contract.
pub(super) fn mark() -> Result<String> {
    let wit = fs::read(root().join(WIT)).with_context(|| format!("cannot read {WIT}"))?;
    let mut digest = Digest::new();
    digest.add(&wit);
    Ok(format!("//! Of the contract with the digest {digest}, by wit-bindgen {VERSION}."))
}

/// The generator, installed below `target/` if it is not there yet. It writes Rust and C.
pub(super) fn wit_bindgen() -> Result<PathBuf> {
    let home = root().join("target/wit-bindgen");
    let program = home.join("bin").join(format!("wit-bindgen{}", std::env::consts::EXE_SUFFIX));
    let version = format!("wit-bindgen-cli {VERSION}");
    let is_right = |output: std::process::Output| String::from_utf8_lossy(&output.stdout).trim() == version;
    if !Command::new(&program).arg("--version").output().is_ok_and(is_right) {
        say(&format!("installing {version} below target/wit-bindgen"));
        // Unoptimised it is built in a third of the time, and it runs for a moment.
        run(cargo()
            .args(["install", "--debug", "--locked", "--no-default-features", "--features", "rust,c", "--root"])
            .arg(&home)
            .args(["--version", VERSION, "wit-bindgen-cli"]))?;
    }
    Ok(program)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_bindings_are_of_the_contract() {
        super::check().unwrap();
    }
}
