//! The usual linters on workflows, the action, scripts and the image, none of which asks the network.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::tools::Tools;
use super::version;
use crate::run::{pgassay, root, run};

pub(super) fn lint(tools: &Tools) -> Result<()> {
    let workflows = files(".github/workflows")?;
    let lint = |program: &str| {
        let mut command = tools.command(program);
        command.current_dir(root());
        command
    };
    run(lint("zizmor").args(["--offline", "--quiet", "--persona", "pedantic", "action.yml"]).args(&workflows))?;
    for (schema, paths) in [
        ("github-workflows", workflows.as_slice()),
        ("github-actions", &["action.yml".into()]),
        ("gitlab-ci", &["docs/gitlab-ci.yml".into()]),
    ] {
        let schema = format!("vendor.{schema}");
        run(lint("check-jsonschema").args(["--quiet", "--builtin-schema", &schema]).args(paths))?;
    }
    let written = written()?;
    let file = |name: &str| written.join(name);
    run(lint("zizmor").args(["--offline", "--quiet", "--persona", "pedantic"]).arg(file(WORKFLOW)))?;
    for (schema, name) in [("github-workflows", WORKFLOW), ("gitlab-ci", ".gitlab-ci.yml")] {
        let schema = format!("vendor.{schema}");
        run(lint("check-jsonschema").args(["--quiet", "--builtin-schema", &schema]).arg(file(name)))?;
    }
    run(lint("hadolint").arg("Dockerfile"))?;
    run(lint("shellcheck").args(["packaging/action.sh", "packaging/archive.sh", ".ci/run"]))?;
    pinned(&workflows.into_iter().chain([file(WORKFLOW)]).collect::<Vec<_>>())?;
    versions()
}

/// The workflow that `pgassay init` writes.
const WORKFLOW: &str = ".github/workflows/pgassay.yml";

/// A folder with what `pgassay init` writes.
fn written() -> Result<PathBuf> {
    let folder = root().join("target/package/init");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(folder.join(".git"))?;
    let mut init = Command::new(pgassay());
    init.args(["init", "--quiet", "--ci", "github", "--ci", "gitlab"]).current_dir(&folder);
    run(&mut init)?;
    Ok(folder)
}

/// Actions of others are named by the hash of a commit.
fn pinned(workflows: &[PathBuf]) -> Result<()> {
    for path in workflows.iter().chain(&[PathBuf::from("action.yml")]) {
        let text = fs::read_to_string(root().join(path))?;
        for line in text.lines().filter_map(|line| line.trim_start_matches([' ', '-']).strip_prefix("uses: ")) {
            let hash = line.split(' ').next().and_then(|word| word.split_once('@')).map(|(_, hash)| hash);
            let is_hash = |hash: &str| hash.len() == 40 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
            ensure!(hash.is_some_and(is_hash) && line.contains(" # v"), "{}: `{line}` is not pinned", path.display());
        }
    }
    Ok(())
}

/// What names a version of pgassay names that of Cargo.toml.
fn versions() -> Result<()> {
    let version = version()?;
    let guide = fs::read_to_string(root().join("docs/ci.md"))?;
    let mut named = 0;
    for mark in ["pgassay==", "rev: v", "uses: OWNER/pgassay@v", "pgassay:v"] {
        for (at, _) in guide.match_indices(mark) {
            let rest = guide.get(at + mark.len()..).unwrap_or_default();
            ensure!(rest.starts_with(&version), "docs/ci.md names another version at `{mark}`: {rest:.20}");
            named += 1;
        }
    }
    ensure!(named >= 4, "docs/ci.md names a version {named} times");
    let project: toml::Table = fs::read_to_string(root().join("pyproject.toml"))?.parse()?;
    let dynamic =
        project.get("project").and_then(|project| project.get("dynamic")).context("a version that is said")?;
    ensure!(
        dynamic.as_array().is_some_and(|names| names.len() == 1),
        "pyproject.toml takes the version from Cargo.toml"
    );
    Ok(())
}

fn files(folder: &str) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(root().join(folder))?.flatten();
    let mut files = entries.map(|entry| PathBuf::from(folder).join(entry.file_name())).collect::<Vec<_>>();
    files.sort();
    ensure!(!files.is_empty(), "{folder} is empty");
    Ok(files)
}
