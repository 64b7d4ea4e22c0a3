//! `pgassay plugin verify`: whether the plugins of pgassay.toml are those that it pins. Nothing of them is run.

use std::io::{self, Write};

use anyhow::Result;

use crate::cli::args::GlobalArgs;
use crate::cli::configuration::specs;
use crate::cli::{CLEAN, ERROR, FINDINGS};
use crate::plugin;

pub(super) fn verify(global: &GlobalArgs) -> Result<u8> {
    let specs = specs(global)?;
    let mut out = io::stdout().lock();
    let mut worst = CLEAN;
    for spec in &specs {
        let (verdict, code) = match (plugin::read(&spec.path), &spec.sha256) {
            (Err(error), _) => (error.to_string(), ERROR),
            (Ok((_, found)), Some(wanted)) if found == *wanted => ("ok".to_owned(), CLEAN),
            (Ok((_, found)), Some(wanted)) => (format!("has the SHA-256 {found}, not {wanted}"), FINDINGS),
            (Ok((_, found)), None) => (format!("is not pinned: add `sha256 = \"{found}\"`"), FINDINGS),
        };
        writeln!(out, "{}: {verdict}", spec.path)?;
        worst = worst.max(code);
    }
    if specs.is_empty() {
        writeln!(out, "no plugins are configured")?;
    }
    Ok(worst)
}
