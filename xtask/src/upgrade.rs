//! `cargo xtask upgrade`: holds `pgassay upgrade --fix` against real servers.
//!
//! The cases in `fixtures/upgrade` are named `<from>-<to>-<what>`: the server of the old major takes the files, that of the
//! new one refuses them, and takes them once the edits are made. And for each pair of majors a postgresql.conf with every
//! setting of the old one is mended: the new one takes it, and no line is changed that it takes as it is.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

use crate::run::{pgassay, root, say};
use crate::servers::{Running, Server, majors, majors_of};
use crate::wire::Connection;

/// Settings that say where the server's files are: they differ from machine to machine.
const PLACES: [&str; 5] = ["config_file", "data_directory", "external_pid_file", "hba_file", "ident_file"];

pub(crate) fn upgrade(args: &[&str]) -> Result<()> {
    let majors = match args {
        [] | ["--all"] => majors().collect(),
        ["--majors", list] => majors_of(list)?,
        other => bail!("there is no option {}", other.join(" ")),
    };
    run(&majors.into_iter().map(Server::get).collect::<Result<Vec<_>>>()?)
}

/// A comparison on servers that are there, for the tests.
pub(crate) fn run(servers: &[Server]) -> Result<()> {
    let by_major = servers.iter().map(|server| (server.major, server)).collect::<BTreeMap<_, _>>();
    let mut wrong = Vec::new();
    let (mut played, mut left) = (0, 0);
    for case in cases()? {
        let (Some(from), Some(to)) = (by_major.get(&case.from), by_major.get(&case.to)) else {
            left += 1;
            continue;
        };
        played += 1;
        if let Err(error) = play(&case, from, to) {
            wrong.push(format!("{}: {error:#}", case.name));
        }
    }
    println!("upgrades: {played} cases played, {left} of other majors");
    for (index, from) in servers.iter().enumerate() {
        let lines = settings(from).with_context(|| format!("major {}", from.major))?;
        for to in &servers[index + 1..] {
            match every_setting(from, to, &lines) {
                Ok((refused, changed)) => println!(
                    "upgrades: {} to {}: {} settings, {refused} refused before, {changed} lines changed, taken after",
                    from.major,
                    to.major,
                    lines.len()
                ),
                Err(error) => wrong.push(format!("every setting of {} to {}: {error:#}", from.major, to.major)),
            }
        }
    }
    for what in &wrong {
        println!("{what}");
    }
    ensure!(wrong.is_empty(), "{} upgrades are not as they are claimed to be", wrong.len());
    Ok(())
}

/// A tree that one major takes and another refuses.
#[derive(Debug)]
struct Case {
    name: String,
    from: u8,
    to: u8,
    files: PathBuf,
}

fn cases() -> Result<Vec<Case>> {
    let folder = root().join("fixtures/upgrade");
    let mut cases = Vec::new();
    for entry in fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
        let wrong = || format!("fixtures/upgrade/{name} is not called FROM-TO-WHAT");
        let mut parts = name.splitn(3, '-');
        let mut major = || parts.next().and_then(|part| part.parse::<u8>().ok()).with_context(wrong);
        let (from, to) = (major()?, major()?);
        cases.push(Case { files: path.join("files"), name, from, to });
    }
    cases.sort_by(|a, b| a.name.cmp(&b.name));
    ensure!(!cases.is_empty(), "fixtures/upgrade is empty");
    Ok(cases)
}

/// What a server has against a tree; nothing if it takes it.
fn refusal(server: &Server, tree: &Path) -> Result<Option<String>> {
    let conf = tree.join("postgresql.conf");
    if conf.exists() {
        server.give(&conf, 0o644)?;
        let output = server.judge_file(&conf)?;
        if !output.status.success() {
            return Ok(Some(String::from_utf8_lossy(&output.stderr).trim().to_owned()));
        }
    }
    let hba = tree.join("pg_hba.conf");
    let scripts = scripts(tree)?;
    if !hba.exists() && scripts.is_empty() && !conf.exists() {
        bail!("{} holds nothing that a server reads", tree.display());
    }
    // What can be told without a start may still keep it from starting.
    let live = server.scratch.join("pg_hba.conf");
    fs::write(&live, "local all all trust\n")?;
    let mut options = vec![format!("hba_file={}", live.display())];
    if conf.exists() {
        options.push(format!("config_file={}", conf.display()));
    }
    let running = match server.start(&options) {
        Ok(running) => running,
        Err(error) => return Ok(Some(format!("{error:#}"))),
    };
    let mut session = running.connect()?;
    if hba.exists() {
        fs::copy(&hba, &live)?;
        let rows = session.query("select line_number, error from pg_hba_file_rules where type is null")?;
        if let Some(row) = rows.first() {
            return Ok(Some(format!("pg_hba.conf: {row:?}")));
        }
    }
    for script in scripts {
        if let Some(error) = statement(&running, &fs::read_to_string(&script)?)? {
            return Ok(Some(error));
        }
    }
    Ok(None)
}

/// Why a server refuses a script, which is taken back.
fn statement(running: &Running, text: &str) -> Result<Option<String>> {
    let mut session: Connection = running.connect()?;
    session.query("begin")?;
    let error = session.query(text).err().map(|error| format!("{error:#}"));
    session.query("rollback")?;
    Ok(error)
}

fn scripts(tree: &Path) -> Result<Vec<PathBuf>> {
    let mut scripts = Vec::new();
    for entry in fs::read_dir(tree)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "sql") {
            scripts.push(path);
        }
    }
    scripts.sort();
    Ok(scripts)
}

fn play(case: &Case, from: &Server, to: &Server) -> Result<()> {
    let folder = to.scratch.join("upgrade");
    fs::create_dir_all(&folder)?;
    let tree = folder.join("tree");
    fs::create_dir_all(&tree)?;
    for entry in fs::read_dir(&case.files)? {
        let path = entry?.path();
        fs::copy(&path, tree.join(path.file_name().unwrap_or_default()))?;
    }
    let result = judged(case, from, to, &tree);
    fs::remove_dir_all(&folder)?;
    result
}

fn judged(case: &Case, from: &Server, to: &Server, tree: &Path) -> Result<()> {
    if let Some(error) = refusal(from, tree)? {
        bail!("{} refuses the files before anything is done: {error}", case.from);
    }
    ensure!(refusal(to, tree)?.is_some(), "{} takes the files as they are", case.to);
    mend(tree, case.from, case.to)?;
    if let Some(error) = refusal(to, tree)? {
        bail!("{} refuses the files with the edits made: {error}", case.to);
    }
    // A second run finds nothing to do.
    let before = texts(tree)?;
    mend(tree, case.from, case.to)?;
    ensure!(texts(tree)? == before, "a second run changes the files again");
    Ok(())
}

fn texts(tree: &Path) -> Result<BTreeMap<PathBuf, Vec<u8>>> {
    fs::read_dir(tree)?
        .map(|entry| {
            let path = entry?.path();
            let text = fs::read(&path)?;
            Ok((path, text))
        })
        .collect()
}

/// Makes the safe edits.
fn mend(tree: &Path, from: u8, to: u8) -> Result<()> {
    let mut command = Command::new(pgassay());
    command.args([
        "upgrade",
        "--no-config",
        "--fix",
        "--exit-zero",
        "--from",
        &from.to_string(),
        "--to",
        &to.to_string(),
    ]);
    let output = command.arg(tree).output().context("cannot run pgassay (build it with `cargo build`)")?;
    ensure!(
        output.status.success(),
        "pgassay fails: {}{}",
        String::from_utf8_lossy(&output.stdout).trim(),
        String::from_utf8_lossy(&output.stderr).trim()
    );
    Ok(())
}

/// Every setting of a server with the value it has, as lines that it takes.
fn settings(server: &Server) -> Result<Vec<(String, String)>> {
    let running = server.start(&[])?;
    let rows = running.connect()?.query(
        "select name, setting from pg_settings where context <> 'internal' and name not like '%.%' order by name",
    )?;
    drop(running);
    let mut lines = Vec::new();
    for row in rows {
        let [Some(name), Some(value)] = row.as_slice() else { continue };
        if PLACES.contains(&name.as_str()) {
            continue;
        }
        // Some show what they do not take, such as `default` of what was never set.
        if server.judge(name, value)?.status.success() {
            lines.push((name.clone(), value.clone()));
        } else {
            say(&format!("PostgreSQL {} does not take its own `{name} = {value}`", server.major));
        }
    }
    Ok(lines)
}

/// Mends a file with every setting; gives how many lines were refused before, and how many were changed.
fn every_setting(from: &Server, to: &Server, lines: &[(String, String)]) -> Result<(usize, usize)> {
    let folder = to.scratch.join("every");
    fs::create_dir_all(&folder)?;
    let conf = folder.join("postgresql.conf");
    let shown =
        |(name, value): &(String, String)| format!("{name} = '{}'", value.replace('\\', "\\\\").replace('\'', "''"));
    let text = lines.iter().map(|line| shown(line) + "\n").collect::<String>();
    fs::write(&conf, &text)?;
    for (server, what) in [(from, "old"), (to, "new")] {
        server.give(&conf, 0o644)?;
        let output = server.judge_file(&conf)?;
        let error = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        if what == "old" {
            ensure!(output.status.success(), "{} refuses its own settings: {error}", server.major);
        }
    }
    mend(&folder, from.major, to.major)?;
    let after = fs::read_to_string(&conf)?;
    to.give(&conf, 0o644)?;
    let output = to.judge_file(&conf)?;
    ensure!(output.status.success(), "refused: {}", String::from_utf8_lossy(&output.stderr).trim());
    let after = after.lines().collect::<Vec<_>>();
    ensure!(after.len() == lines.len(), "{} lines became {}", lines.len(), after.len());
    let (mut refused, mut changed) = (0, 0);
    for (line, now) in lines.iter().zip(after) {
        let takes = to.judge(&line.0, &line.1)?.status.success();
        refused += usize::from(!takes);
        if shown(line) == now {
            continue;
        }
        changed += 1;
        let obsolete = now.starts_with("ssl_groups");
        ensure!(!takes || obsolete, "`{}` became `{now}`, and {} takes it as it is", shown(line), to.major);
    }
    fs::remove_dir_all(&folder)?;
    Ok((refused, changed))
}
