//! What pgassay says of a tree: its findings, by rule and files.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use super::case::{Case, Tree, write};

/// How the ids of rules begin that look at both ends of a replication.
const BOTH_ENDS: &str = "cluster-";

/// A finding: its rule, and the paths of its places.
#[derive(Debug)]
struct Found {
    rule: String,
    paths: Vec<String>,
}

/// Holds what pgassay says of both trees of a case against its claim.
pub(super) fn compare(binary: &Path, case: &Case, major: u8, folder: &Path) -> Result<()> {
    let rule = &case.claim.finding;
    let broken = findings(binary, rule, &case.broken, major, &folder.join("broken"))?;
    let Some(found) = broken.iter().find(|found| found.rule == *rule) else {
        bail!("pgassay does not raise `{rule}` on the broken tree");
    };
    if rule.starts_with(BOTH_ENDS) && !case.claim.one_node {
        let first = found.paths.first().map(|path| node(path));
        let both = broken.iter().filter(|found| found.rule == *rule).any(|found| {
            found.paths.first().is_some_and(|first| found.paths.iter().any(|path| node(path) != node(first)))
        });
        ensure!(both, "`{rule}` names one node only: {first:?}");
    }
    let mended = findings(binary, rule, &case.mended, major, &folder.join("mended"))?;
    match mended.iter().find(|found| found.rule == *rule || found.rule.starts_with(BOTH_ENDS)) {
        Some(Found { rule, paths }) => bail!("pgassay raises `{rule}` on the mended tree, which works: {paths:?}"),
        None => Ok(()),
    }
}

/// The node of a path: its first folder.
fn node(path: &str) -> &str {
    path.split('/').next().unwrap_or(path)
}

/// The findings of the default profile on a tree, and those of a rule.
fn findings(binary: &Path, rule: &str, tree: &Tree, major: u8, folder: &Path) -> Result<Vec<Found>> {
    write(tree, folder)?;
    let mut command = Command::new(binary);
    command.args(["check", "--exit-zero", "--format", "json", "--extend-select", rule]);
    // Nodes of majors of their own say so themselves.
    if !tree.contains_key("pgassay.toml") {
        command.args(["--pg", &major.to_string()]);
    }
    let output = command
        .arg(".")
        .current_dir(folder)
        .output()
        .with_context(|| format!("cannot run {} (build it with `cargo build`)", binary.display()))?;
    ensure!(output.status.success(), "pgassay fails: {}", String::from_utf8_lossy(&output.stderr).trim());
    let report: Value = serde_json::from_slice(&output.stdout)?;
    let found = report["findings"].as_array().into_iter().flatten().filter_map(|finding| {
        let related = finding["related"].as_array().into_iter().flatten();
        let places = std::iter::once(finding).chain(related);
        let paths = places.filter_map(|place| Some(place["path"].as_str()?.to_owned())).collect();
        (finding["outcome"] == "open").then_some(Found { rule: finding["rule"].as_str()?.to_owned(), paths })
    });
    Ok(found.collect())
}
