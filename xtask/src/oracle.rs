//! `cargo xtask oracle`: generates files from a seed, asks real servers about them, and holds pgassay's refusals against
//! the answers, line by line.
//!
//! The binary is target/debug/pgassay, or what `PGASSAY_BINARY` names. Files are in a folder of each run, which is kept
//! if there are disagreements.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::thread;

use anyhow::{Context, Result, anyhow, bail, ensure};

use crate::run::{pgassay, root, say};
use crate::servers::{Server, majors, majors_of};

pub(crate) mod ask;
mod case;
mod compare;
mod conninfo;
pub(crate) mod dice;
mod generate;
mod grammar;
pub(crate) mod kind;
mod known;
pub(crate) mod lines;
mod minimise;
pub(crate) mod ours;
mod reload;
mod settings;
mod sql;
mod start;
mod values;
mod work;

use compare::Disagreement;
use generate::Materials;
pub(crate) use kind::Kind;
use work::Work;

/// What to compare.
#[derive(Debug, PartialEq, Eq)]
struct Plan {
    majors: Vec<u8>,
    kinds: Vec<Kind>,
    count: u64,
    seed: u64,
    /// Whether the servers are those that the system has, which are asked about access rules only.
    full: bool,
}

impl Plan {
    fn parse(args: &[&str]) -> Result<Self> {
        let mut plan = Self { majors: Vec::new(), kinds: Vec::new(), count: 500, seed: 1, full: false };
        let mut args = args.iter();
        while let Some(&arg) = args.next() {
            if arg == "--all" {
                plan.majors = majors().collect();
                continue;
            }
            if arg == "--full" {
                plan.full = true;
                continue;
            }
            let value = *args.next().with_context(|| format!("{arg} needs a value"))?;
            let wrong = || format!("{arg} cannot be `{value}`");
            match arg {
                "--majors" => plan.majors = majors_of(value)?,
                "--kind" => {
                    plan.kinds.push(Kind::ALL.into_iter().find(|kind| kind.word() == value).with_context(wrong)?);
                }
                "--count" => plan.count = value.parse().with_context(wrong)?,
                "--seed" => plan.seed = value.parse().with_context(wrong)?,
                _ => bail!("there is no option {arg}"),
            }
        }
        if plan.majors.is_empty() {
            plan.majors = if plan.full { majors().collect() } else { vec![10, 15, 18] };
        }
        if plan.full {
            ensure!(plan.kinds.iter().all(|&kind| kind == Kind::Hba), "--full is for --kind hba only");
            plan.kinds = vec![Kind::Hba];
        } else if plan.kinds.is_empty() {
            plan.kinds = Kind::ALL.to_vec();
        }
        Ok(plan)
    }

    fn servers(&self) -> Result<Vec<Server>> {
        if !self.full {
            return self.majors.iter().map(|&major| Server::get(major)).collect();
        }
        let installed = self.majors.iter().filter_map(|&major| Server::installed(major).transpose());
        let servers = installed.collect::<Result<Vec<Server>>>()?;
        ensure!(!servers.is_empty(), "none of these majors is installed in /usr/lib/postgresql");
        Ok(servers)
    }
}

/// The figures of one kind on one major.
#[derive(Debug, Default)]
struct Figures {
    files: usize,
    lines: usize,
    /// Lines that the server refuses.
    refused: usize,
    set_aside: BTreeMap<String, usize>,
    /// Disagreements that stay, by reason.
    known: BTreeMap<&'static str, usize>,
    disagreements: usize,
    /// One of each sort, by signature: how many there are, and the smallest file found.
    sorts: BTreeMap<String, (usize, Disagreement, Vec<u8>)>,
}

pub(crate) fn oracle(args: &[&str]) -> Result<()> {
    let plan = Plan::parse(args)?;
    run(&plan, &plan.servers()?)
}

/// A short comparison, for the tests.
#[derive(Debug)]
pub(crate) struct Short {
    plan: Plan,
    servers: Vec<Server>,
}

impl Short {
    /// Gets the servers. Where there are none it says so, and fails where `CI` is set.
    pub(crate) fn prepare() -> Result<Option<Self>> {
        let plan = Plan::parse(&["--count", "150"])?;
        match plan.servers() {
            Ok(servers) => Ok(Some(Self { plan, servers })),
            Err(why) if std::env::var_os("CI").is_some() => Err(why.context("there are no servers to compare with")),
            Err(why) => {
                say(&format!("NOT COMPARED WITH REAL SERVERS, since there are none: {why:#}"));
                Ok(None)
            }
        }
    }

    pub(crate) fn servers(&self) -> &[Server] {
        &self.servers
    }

    pub(crate) fn run(&self) -> Result<()> {
        run(&self.plan, &self.servers)
    }
}

fn run(plan: &Plan, servers: &[Server]) -> Result<()> {
    let binary = pgassay();
    let materials = Materials::read(&root().join("fixtures"), plan.full)?;
    let folder = std::env::temp_dir().join(format!("pgassay-oracle-{}", std::process::id()));
    let inputs = write(plan, &materials, &folder)?;
    let work = Work { binary: &binary, folder: &folder, inputs: &inputs };
    let mut found = 0;
    // All servers at once: each waits for its own files most of the time.
    let answers: Vec<(u8, Result<Answer>)> = thread::scope(|scope| {
        let asked: Vec<_> =
            servers.iter().map(|server| (server.major, scope.spawn(|| work.on(server, &plan.kinds)))).collect();
        let join = |thread: thread::ScopedJoinHandle<'_, _>| thread.join().unwrap_or_else(|_| Err(anyhow!("died")));
        asked.into_iter().map(|(major, answer)| (major, join(answer))).collect()
    });
    for (major, answer) in answers {
        for (kind, figures) in answer.with_context(|| format!("major {major}"))? {
            found += figures.disagreements;
            print!("{}", report(kind, major, &figures));
        }
    }
    if found == 0 {
        fs::remove_dir_all(&folder)?;
        return Ok(());
    }
    bail!("{found} disagreements (seed {}); the files are in {}", plan.seed, folder.display())
}

/// The inputs of each kind.
type Inputs = BTreeMap<Kind, Vec<Vec<u8>>>;

/// Makes the inputs, and writes the files of each in a folder of its own.
fn write(plan: &Plan, materials: &Materials, folder: &Path) -> Result<Inputs> {
    let mut inputs = Inputs::new();
    for &kind in &plan.kinds {
        for index in 0..kind.share(plan.count) {
            let bytes = materials.file(kind, plan.seed, index);
            for major in layouts(kind, &plan.majors) {
                case::write(&folder_of(folder, kind, major).join(format!("{index:06}")), kind, major, &bytes)?;
            }
            inputs.entry(kind).or_default().push(bytes);
        }
    }
    Ok(inputs)
}

/// One major for each way in which the files are laid out.
fn layouts(kind: Kind, majors: &[u8]) -> Vec<u8> {
    let mut seen = BTreeMap::new();
    for &major in majors {
        seen.entry(kind == Kind::Recovery && major < 12).or_insert(major);
    }
    seen.into_values().collect()
}

/// The folder of the inputs of a kind, in the layout of a major.
fn folder_of(folder: &Path, kind: Kind, major: u8) -> PathBuf {
    let old = kind == Kind::Recovery && major < 12;
    folder.join(format!("{}{}", kind.word(), if old { "-before-12" } else { "" }))
}

/// What one server's answers come to.
type Answer = Vec<(Kind, Figures)>;

fn report(kind: Kind, major: u8, figures: &Figures) -> String {
    let Figures { files, lines, refused, disagreements, .. } = figures;
    let mut out = format!(
        "PostgreSQL {major}, {}: {files} files, {lines} lines, {refused} of them refused, {disagreements} disagreements\n",
        kind.word()
    );
    for (why, count) in &figures.set_aside {
        let _ = writeln!(out, "  not compared, {count}: {why}");
    }
    for (why, count) in &figures.known {
        let _ = writeln!(out, "  known, {count}: {why}");
    }
    let mut sorts: Vec<_> = figures.sorts.values().collect();
    sorts.sort_by_key(|sort| std::cmp::Reverse(sort.0));
    for (count, found, bytes) in sorts {
        let side = |side: &Option<String>| side.clone().unwrap_or_else(|| "accepts it".to_owned());
        let _ = writeln!(out, "  {count} times, here on line {} of {}", found.line, escape(bytes));
        let _ = writeln!(out, "    server:  {}\n    pgassay: {}", side(&found.server), side(&found.ours));
    }
    out
}

/// Bytes as the tables of cases have them.
fn escape(bytes: &[u8]) -> String {
    let mut out = String::new();
    for &byte in bytes {
        match byte {
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            b'\\' => out.push_str("\\\\"),
            b' '..=b'~' => out.push(char::from(byte)),
            _ => {
                let _ = write!(out, "\\x{byte:02x}");
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_read() {
        let plan = Plan::parse(&["--majors", "10,18", "--kind", "hba", "--count", "7", "--seed", "9"]).unwrap();
        assert_eq!(plan, Plan { majors: vec![10, 18], kinds: vec![Kind::Hba], count: 7, seed: 9, full: false });
        assert_eq!(Plan::parse(&["--all"]).unwrap().majors.len(), 9);
        assert_eq!(Plan::parse(&[]).unwrap().majors, [10, 15, 18]);
        assert_eq!(Plan::parse(&["--full"]).unwrap().kinds, [Kind::Hba]);
        for wrong in
            [&["--full", "--kind", "sql"][..], &["--majors", "9"], &["--kind", "x"], &["--count"], &["--nope", "1"]]
        {
            assert!(Plan::parse(wrong).is_err());
        }
    }

    #[test]
    fn bytes_are_shown_as_in_the_tables() {
        assert_eq!(escape(b"a\t\\\n\xff"), "a\\t\\\\\\n\\xff");
    }
}
