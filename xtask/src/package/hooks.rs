//! The hooks of pre-commit, from their installation to a commit that is kept back and one that is let through.
//!
//! The hooks' file is the repository's. The package that pre-commit installs beside it is a small one that asks for the
//! wheel, as that of a mirror does, since a build of the repository itself is what the wheel comes of.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use anyhow::{Context, Result, ensure};

use super::tools::Tools;
use super::{empty, folder, only, version};
use crate::run::{root, run, say};

const HOOKS: &str = ".pre-commit-hooks.yaml";

pub(super) fn commit(tools: &Tools) -> Result<()> {
    let wheel = only(&folder().join("wheels"), ".whl");
    let wheel = wheel.context("the hooks are tried with the wheel; run `cargo xtask package wheel` before")?;
    // pip is kept from the index, which has another pgassay or none; for the mirror's package it wants setuptools.
    let index = folder().join("index");
    empty(&index)?;
    fs::copy(&wheel, index.join(wheel.file_name().context("a wheel has a name")?))?;
    let mut pip = tools.command("python");
    pip.args(["-m", "pip", "download", "--quiet", "--no-deps", "--dest"]).arg(&index).arg("setuptools");
    run(&mut pip)?;
    run(tools.command("pre-commit").arg("validate-manifest").arg(HOOKS).current_dir(root()))?;
    let hooks = mirror()?;
    let work = Work::new(tools, &hooks, &index)?;
    work.write("db/postgresql.conf", "ssl = on\nlisten_addresses = '*'\n")?;
    work.write("db/pg_hba.conf", "local all all peer\nhostssl all all 10.0.0.0/8 scram-sha-256\n")?;
    say("installing the hooks");
    work.passes("a sound tree", &[])?;

    work.write("db/pg_hba.conf", "local all all peer\nhost all all 0.0.0.0/0 trust\n")?;
    work.is_blocked("a row that lets everybody in", &["hba-trust-remote", "db/pg_hba.conf"], &[])?;
    work.write("db/pg_hba.conf", "local all all peer\nhostssl all all 10.1.0.0/16 scram-sha-256\n")?;
    work.passes("the row mended", &[])?;

    // A fault between two files is told whichever of them is committed.
    work.write("db/postgresql.conf", "ssl = off\nlisten_addresses = '*'\n")?;
    let only_named = [("SKIP", "pgassay-all")];
    work.is_blocked("settings that break a row elsewhere", &["hba-hostssl-no-ssl"], &only_named)?;
    work.run(&["commit", "--quiet", "--no-verify", "-m", "past the hooks"], &[])?;

    // What others left behind is the whole tree's business.
    work.write("other/postgresql.conf", "work_mem = 8MB\n")?;
    work.write("main.c", "int main(void) { return 0; }\n")?;
    work.is_blocked("a fault in the tree", &["hba-hostssl-no-ssl"], &[])?;
    work.passes("a fault in files that are not committed", &only_named)?;
    work.write("main.c", "int main(void) { return 1; }\n")?;
    let said = work.passes("a file that is none of pgassay's", &only_named)?;
    ensure!(said.contains("(no files to check)Skipped"), "the hook was started for main.c: {said}");
    // A mended file lets the next commit through both hooks.
    work.write("db/postgresql.conf", "ssl = on\nlisten_addresses = '*'\n")?;
    work.passes("the settings mended", &[])?;
    local(&work, tools)
}

/// The hook that docs/ci.md shows for a published version.
fn local(work: &Work, tools: &Tools) -> Result<()> {
    let guide = fs::read_to_string(root().join("docs/ci.md"))?;
    let blocks = guide.split("```yaml\n").filter_map(|text| text.split("```").next());
    let block = blocks.into_iter().find(|block| block.contains("repo: local"));
    work.write("local.yaml", block.context("docs/ci.md shows a local hook")?)?;
    work.write("db/pg_hba.conf", "host all all 0.0.0.0/0 trust\n")?;
    work.run(&["add", "--all"], &[])?;
    let mut hook = tools.command("pre-commit");
    hook.args(["run", "--all-files", "--config", "local.yaml"]).current_dir(&work.path);
    let output = hook.envs(work.environment.iter().map(|(name, value)| (name, value))).output()?;
    let said = said(&output);
    ensure!(output.status.code() == Some(1) && said.contains("hba-trust-remote"), "the local hook says {said}");
    Ok(())
}

/// A repository with the hooks.
fn mirror() -> Result<PathBuf> {
    let mirror = folder().join("mirror");
    empty(&mirror)?;
    fs::copy(root().join(HOOKS), mirror.join(HOOKS))?;
    let package = format!(
        "[build-system]\nrequires = [\"setuptools\"]\nbuild-backend = \"setuptools.build_meta\"\n\n[project]\nname = \
         \"pgassay-hooks\"\nversion = \"0\"\ndependencies = [\"pgassay=={}\"]\n\n[tool.setuptools]\npy-modules = []\n",
        version()?
    );
    fs::write(mirror.join("pyproject.toml"), package)?;
    for args in [&["init", "--quiet"][..], &["add", "."], &["commit", "--quiet", "-m", "the hooks"]] {
        run(git(&mirror).args(args))?;
    }
    Ok(mirror)
}

/// A repository that uses the hooks.
struct Work {
    path: PathBuf,
    /// What commits run with: where programs are found, and where pip looks.
    environment: Vec<(String, std::ffi::OsString)>,
}

impl Work {
    fn new(tools: &Tools, hooks: &Path, index: &Path) -> Result<Self> {
        let path = folder().join("work");
        empty(&path)?;
        let home = folder().join("pre-commit");
        empty(&home)?;
        let search = tools
            .command("pre-commit")
            .get_envs()
            .find_map(|(name, value)| (name == "PATH").then_some(value))
            .flatten()
            .map(ToOwned::to_owned);
        let environment = [
            ("PATH", search.context("the tools have a PATH")?),
            ("PRE_COMMIT_HOME", home.into()),
            ("PRE_COMMIT_COLOR", "never".into()),
            ("PIP_NO_INDEX", "1".into()),
            ("PIP_FIND_LINKS", index.into()),
        ];
        let environment = environment.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        let work = Self { path, environment };
        let revision = git(hooks).args(["rev-parse", "HEAD"]).output()?;
        let revision = String::from_utf8(revision.stdout)?;
        let config = format!(
            "repos:\n  - repo: {}\n    rev: {}\n    hooks:\n      - id: pgassay\n      - id: pgassay-all\n",
            hooks.display(),
            revision.trim()
        );
        work.write(".pre-commit-config.yaml", &config)?;
        work.run(&["init", "--quiet"], &[])?;
        let mut install = tools.command("pre-commit");
        run(install
            .arg("install")
            .current_dir(&work.path)
            .envs(work.environment.iter().map(|(name, value)| (name, value))))?;
        Ok(work)
    }

    fn write(&self, name: &str, text: &str) -> Result<()> {
        let path = self.path.join(name);
        fs::create_dir_all(path.parent().context("a file lies in a folder")?)?;
        Ok(fs::write(path, text)?)
    }

    fn git(&self, args: &[&str], more: &[(&str, &str)]) -> Result<Output> {
        let mut git = git(&self.path);
        git.args(args).envs(self.environment.iter().map(|(name, value)| (name, value))).envs(more.iter().copied());
        git.output().with_context(|| format!("cannot start {git:?}"))
    }

    fn run(&self, args: &[&str], more: &[(&str, &str)]) -> Result<()> {
        let output = self.git(args, more)?;
        ensure!(output.status.success(), "git {args:?}: {}", said(&output));
        Ok(())
    }

    /// Commits all, and gives whether that was let through, and what was said.
    fn commit(&self, message: &str, more: &[(&str, &str)]) -> Result<(bool, String)> {
        self.run(&["add", "--all"], &[])?;
        let before = self.git(&["rev-parse", "--verify", "--quiet", "HEAD"], &[])?.stdout;
        let output = self.git(&["commit", "-m", message], more)?;
        let after = self.git(&["rev-parse", "--verify", "--quiet", "HEAD"], &[])?.stdout;
        ensure!(output.status.success() == (before != after), "git and its history disagree: {}", said(&output));
        Ok((output.status.success(), said(&output)))
    }

    fn passes(&self, what: &str, more: &[(&str, &str)]) -> Result<String> {
        let (passed, said) = self.commit(what, more)?;
        ensure!(passed, "{what} was kept back: {said}");
        Ok(said)
    }

    fn is_blocked(&self, what: &str, words: &[&str], more: &[(&str, &str)]) -> Result<()> {
        let (passed, said) = self.commit(what, more)?;
        ensure!(!passed, "{what} was let through: {said}");
        for word in words {
            ensure!(said.contains(word), "{what} was kept back without a word of {word}: {said}");
        }
        Ok(())
    }
}

/// Git in a folder, with nobody's own configuration.
fn git(folder: &Path) -> Command {
    let mut git = Command::new("git");
    git.current_dir(folder);
    for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"] {
        git.env_remove(name);
    }
    git.env("GIT_CONFIG_GLOBAL", if cfg!(windows) { "NUL" } else { "/dev/null" }).env("GIT_CONFIG_NOSYSTEM", "1");
    for role in ["AUTHOR", "COMMITTER"] {
        git.env(format!("GIT_{role}_NAME"), "a tester").env(format!("GIT_{role}_EMAIL"), "tester@example.org");
    }
    git
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}
