//! Builds pgassay and runs its main job on a fixture tree.

use anyhow::{Context, Result, bail};

use crate::run::{cargo, root, run, say};
use crate::setup::setup;

const TREE: &str = "fixtures/clusters/logical-hub";

pub(crate) fn demo() -> Result<()> {
    setup()?;
    run(cargo().args(["build", "--release", "--locked", "--package", "pgassay"]))?;
    let binary = root().join("target/release/pgassay");
    let mut command = std::process::Command::new(binary);
    command.current_dir(root()).args(["check", TREE]);
    say(&format!("pgassay check {TREE}"));
    let status = command.status().context("cannot start the binary that was built")?;
    // The tree is full of faults, so 1 (findings) is what a working pgassay answers.
    match status.code() {
        Some(1) => Ok(()),
        _ => bail!("expected findings (exit code 1), got {status}"),
    }
}
