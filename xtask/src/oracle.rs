//! `cargo xtask oracle`: generates files from a seed, asks real servers about them, and holds pgassay's refusals against
//! the answers, line by line.
//!
//! The binary is target/debug/pgassay, or what `PGASSAY_BINARY` names. Files are in a folder of each run, which is kept
//! if there are disagreements.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::thread;

use anyhow::{Context, Result, anyhow, bail, ensure};

use crate::run::{pgassay, root};
use crate::servers::{Server, majors};

pub(crate) mod ask;
mod compare;
mod dice;
mod generate;
mod grammar;
pub(crate) mod lines;
mod minimise;
pub(crate) mod ours;
mod reload;
mod settings;

use ask::Oracle;
use compare::{Disagreement, compare};
use generate::Materials;

/// How many disagreements of one kind and major are minimised and shown; all are counted.
const SHOWN: usize = 25;

/// A kind of file that is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Hba,
    Ident,
    Conf,
}

impl Kind {
    const ALL: [Self; 3] = [Self::Hba, Self::Ident, Self::Conf];

    /// The word on the command line.
    fn word(self) -> &'static str {
        match self {
            Self::Hba => "hba",
            Self::Ident => "ident",
            Self::Conf => "conf",
        }
    }

    /// The file's name, which tells pgassay its kind.
    pub(crate) fn file(self) -> &'static str {
        match self {
            Self::Hba => "pg_hba.conf",
            Self::Ident => "pg_ident.conf",
            Self::Conf => "postgresql.conf",
        }
    }

    /// The table of cases in fixtures/oracle.
    fn table(self) -> &'static str {
        match self {
            Self::Hba => "pg_hba.tsv",
            Self::Ident => "pg_ident.tsv",
            Self::Conf => "postgresql.conf.tsv",
        }
    }
}

/// What to compare.
#[derive(Debug, PartialEq, Eq)]
struct Plan {
    majors: Vec<u8>,
    kinds: Vec<Kind>,
    count: u64,
    seed: u64,
}

impl Plan {
    fn parse(args: &[&str]) -> Result<Self> {
        let mut plan = Self { majors: vec![10, 15, 18], kinds: Vec::new(), count: 500, seed: 1 };
        let mut args = args.iter();
        while let Some(&arg) = args.next() {
            if arg == "--all" {
                plan.majors = majors().collect();
                continue;
            }
            let value = *args.next().with_context(|| format!("{arg} needs a value"))?;
            let wrong = || format!("{arg} cannot be `{value}`");
            match arg {
                "--majors" => {
                    plan.majors =
                        value.split(',').map(|major| major.parse().with_context(wrong)).collect::<Result<_>>()?;
                    ensure!(plan.majors.iter().all(|&major| majors().any(|known| known == major)), wrong());
                }
                "--kind" => {
                    plan.kinds.push(Kind::ALL.into_iter().find(|kind| kind.word() == value).with_context(wrong)?);
                }
                "--count" => plan.count = value.parse().with_context(wrong)?,
                "--seed" => plan.seed = value.parse().with_context(wrong)?,
                _ => bail!("there is no option {arg}"),
            }
        }
        if plan.kinds.is_empty() {
            plan.kinds = Kind::ALL.to_vec();
        }
        Ok(plan)
    }
}

/// The figures of one kind on one major.
#[derive(Debug, Default)]
struct Figures {
    files: usize,
    lines: usize,
    set_aside: BTreeMap<String, usize>,
    disagreements: usize,
    /// One of each sort, by signature: how many there are, and the smallest file found.
    sorts: BTreeMap<String, (usize, Disagreement, Vec<u8>)>,
}

pub(crate) fn oracle(args: &[&str]) -> Result<()> {
    let plan = Plan::parse(args)?;
    let binary = pgassay();
    let materials = Materials::read(&root().join("fixtures"))?;
    let folder = std::env::temp_dir().join(format!("pgassay-oracle-{}", std::process::id()));
    let files = write_files(&plan, &materials, &folder)?;
    let servers: Vec<Server> = plan.majors.iter().map(|&major| Server::get(major)).collect::<Result<_>>()?;
    let work = Work { binary: &binary, folder: &folder, files: &files };
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

/// Writes each file in a folder of its own.
fn write_files(plan: &Plan, materials: &Materials, folder: &Path) -> Result<BTreeMap<Kind, Vec<Vec<u8>>>> {
    let mut files: BTreeMap<Kind, Vec<Vec<u8>>> = BTreeMap::new();
    for &kind in &plan.kinds {
        for index in 0..plan.count {
            let bytes = materials.file(kind, plan.seed, index);
            let place = folder.join(kind.word()).join(format!("{index:06}"));
            fs::create_dir_all(&place).with_context(|| format!("cannot make {}", place.display()))?;
            fs::write(place.join(kind.file()), &bytes)?;
            files.entry(kind).or_default().push(bytes);
        }
    }
    Ok(files)
}

/// What one server's answers come to.
type Answer = Vec<(Kind, Figures)>;

/// What all servers are asked.
#[derive(Debug, Clone, Copy)]
struct Work<'w> {
    binary: &'w Path,
    folder: &'w Path,
    files: &'w BTreeMap<Kind, Vec<Vec<u8>>>,
}

impl Work<'_> {
    fn on(&self, server: &Server, kinds: &[Kind]) -> Result<Answer> {
        let mut oracle = Oracle::start(server)?;
        kinds.iter().map(|&kind| Ok((kind, self.kind(&mut oracle, kind)?))).collect()
    }

    fn kind(&self, oracle: &mut Oracle<'_>, kind: Kind) -> Result<Figures> {
        let major = oracle.server.major;
        let ours = ours::refusals(self.binary, &self.folder.join(kind.word()), kind, major)?;
        let mut figures = Figures::default();
        for (index, bytes) in self.files.get(&kind).into_iter().flatten().enumerate() {
            let case = format!("{index:06}");
            let Some(refusals) = ours.of(&case) else {
                *figures
                    .set_aside
                    .entry("files that pgassay takes for those of another program".to_owned())
                    .or_default() += 1;
                continue;
            };
            let server = oracle.verdict(kind, bytes).with_context(|| format!("{} {case} of the seed", kind.word()))?;
            let server = match server {
                Ok(server) => server,
                Err(why) => {
                    *figures.set_aside.entry(why.to_owned()).or_default() += 1;
                    if why == ask::CRASH {
                        println!("PostgreSQL {major} crashes on {} {}", kind.file(), escape(bytes));
                    }
                    continue;
                }
            };
            let mut compared = compare(kind, major, bytes, &server, refusals);
            if kind == Kind::Conf {
                settings::settle(oracle, bytes, refusals, &mut compared)?;
            }
            figures.files += 1;
            figures.lines += compared.lines;
            for (why, count) in compared.set_aside {
                *figures.set_aside.entry(why).or_default() += count;
            }
            figures.disagreements += compared.disagreements.len();
            for disagreement in compared.disagreements {
                let sort = figures.sorts.entry(disagreement.signature());
                let sort = sort.or_insert_with(|| (0, disagreement.clone(), bytes.clone()));
                sort.0 += 1;
                if bytes.len() < sort.2.len() {
                    (sort.1, sort.2) = (disagreement, bytes.clone());
                }
            }
        }
        for (signature, sort) in figures.sorts.iter_mut().take(SHOWN) {
            self.minimise(oracle, kind, signature, sort)?;
        }
        Ok(figures)
    }

    /// Makes the file of a sort small.
    fn minimise(
        &self,
        oracle: &mut Oracle<'_>,
        kind: Kind,
        signature: &str,
        sort: &mut (usize, Disagreement, Vec<u8>),
    ) -> Result<()> {
        let folder = oracle.server.scratch.join("small");
        let place = folder.join("case");
        fs::create_dir_all(&place)?;
        let mut ask = |bytes: &[u8]| -> Result<Option<Disagreement>> {
            fs::write(place.join(kind.file()), bytes)?;
            let ours = ours::refusals(self.binary, &folder, kind, oracle.server.major)?;
            let Some(refusals) = ours.of("case") else { return Ok(None) };
            let Ok(server) = oracle.verdict(kind, bytes)? else { return Ok(None) };
            let mut compared = compare(kind, oracle.server.major, bytes, &server, refusals);
            if kind == Kind::Conf {
                settings::settle(oracle, bytes, refusals, &mut compared)?;
            }
            Ok(compared.disagreements.into_iter().find(|found| found.signature() == signature))
        };
        let small = minimise::minimise(&sort.2, &mut |bytes| matches!(ask(bytes), Ok(Some(_))));
        if let Some(disagreement) = ask(&small)? {
            (sort.1, sort.2) = (disagreement, small);
        }
        fs::remove_dir_all(&folder)?;
        Ok(())
    }
}

fn report(kind: Kind, major: u8, figures: &Figures) -> String {
    let Figures { files, lines, disagreements, .. } = figures;
    let mut out =
        format!("PostgreSQL {major}, {}: {files} files, {lines} lines, {disagreements} disagreements\n", kind.file());
    for (why, count) in &figures.set_aside {
        let _ = writeln!(out, "  not compared, {count}: {why}");
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
        assert_eq!(plan, Plan { majors: vec![10, 18], kinds: vec![Kind::Hba], count: 7, seed: 9 });
        assert_eq!(Plan::parse(&["--all"]).unwrap().majors.len(), 9);
        for wrong in [&["--majors", "9"][..], &["--kind", "x"], &["--count"], &["--nope", "1"]] {
            assert!(Plan::parse(wrong).is_err());
        }
    }

    #[test]
    fn bytes_are_shown_as_in_the_tables() {
        assert_eq!(escape(b"a\t\\\n\xff"), "a\\t\\\\\\n\\xff");
    }
}
