//! Runs every test of the workspace.

use anyhow::Result;

use crate::run::{cargo, run};
use crate::setup::setup;

pub(crate) fn test(args: &[&str]) -> Result<()> {
    setup()?;
    run(cargo().args(["test", "--workspace", "--locked"]).args(args))
}
