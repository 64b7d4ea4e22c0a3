//! The script of the GitHub action, with the variables that a runner sets, and the wheel in place of the index.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::{empty, folder, only, version};
use crate::run::root;

/// What a run of the script left behind.
struct Run {
    code: Option<i32>,
    out: String,
    said: String,
}

pub(super) fn run() -> Result<()> {
    only(&folder().join("wheels"), ".whl").context("the action is tried with the wheel; make it before")?;
    let place = folder().join("action");
    empty(&place)?;
    let tree = place.join("tree");
    fs::create_dir_all(tree.join("a b"))?;
    fs::write(tree.join("a b/pg_hba.conf"), "host all all 0.0.0.0/0 trust\n")?;
    fs::write(tree.join("postgresql.conf"), "fsync = off\n")?;
    // A tree that is checked must not bring modules for Python.
    fs::write(tree.join("venv.py"), "raise SystemExit('the module of the tree was loaded')\n")?;
    fs::write(tree.join("pip.py"), "raise SystemExit('the module of the tree was loaded')\n")?;

    let sarif = place.join("temp/pgassay.sarif");
    let report = |run: &Run, code: &str| -> Result<String> {
        ensure!(run.code == Some(0), "the script failed: {}", run.said);
        let wanted = format!("sarif-file={}\nexit-code={code}\n", sarif.display());
        ensure!(run.out == wanted, "the outputs are {:?}", run.out);
        Ok(fs::read_to_string(&sarif)?)
    };
    let all = report(&script(&place, &[("PGASSAY_CATEGORY", "nightly")])?, "1")?;
    ensure!(all.contains("\"hba-trust-remote\"") && all.contains("fsync-off") && all.contains("nightly/"), "{all}");
    // One path a line, blanks and all; nothing is run that is passed.
    let named = report(&script(&place, &[("PGASSAY_PATHS", "a b/pg_hba.conf\n"), ("PGASSAY_FAIL_ON", "never")])?, "0")?;
    ensure!(
        named.contains("\"ruleId\":\"hba-trust-remote\"") && !named.contains("\"ruleId\":\"fsync-off\""),
        "{named}"
    );
    let hostile = script(&place, &[("PGASSAY_PATHS", "$(touch ran)\n--help"), ("PGASSAY_PROFILE", "`touch ran`")])?;
    ensure!(hostile.code == Some(0) && hostile.out.ends_with("exit-code=2\n"), "{}{}", hostile.out, hostile.said);
    ensure!(!tree.join("ran").exists(), "the script runs what is passed to it");
    let hostile = script(&place, &[("PGASSAY_VERSION", "0.1 --index-url=x")])?;
    ensure!(hostile.code == Some(2) && hostile.said.contains("is no version"), "{}", hostile.said);
    Ok(())
}

fn script(place: &Path, inputs: &[(&str, &str)]) -> Result<Run> {
    let (temp, out) = (place.join("temp"), place.join("output.txt"));
    fs::create_dir_all(&temp)?;
    fs::write(&out, "")?;
    let mut script = Command::new("bash");
    script.arg(root().join("packaging/action.sh")).current_dir(place.join("tree"));
    script.env("RUNNER_TEMP", &temp).env("GITHUB_OUTPUT", &out).env("PGASSAY_VERSION", version()?);
    script.env("PIP_NO_INDEX", "1").env("PIP_FIND_LINKS", folder().join("wheels")).env_remove("PGASSAY_CONFIG");
    let done = script.envs(inputs.iter().copied()).output()?;
    let said = String::from_utf8_lossy(&done.stdout).into_owned() + &String::from_utf8_lossy(&done.stderr);
    Ok(Run { code: done.status.code(), out: fs::read_to_string(out)?, said })
}
