//! `cargo xtask pairs`: plays the cases of `fixtures/pairs` on pairs of real servers. The broken tree of each must fail
//! as the case says, with the server's own words, and its mended tree must bring a row over; pgassay must raise the
//! rule on the first, and none of both ends on the second.
//!
//! The binary is target/debug/pgassay, or what `PGASSAY_BINARY` names.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};

use crate::run::{pgassay, root, say};
use crate::servers::{Server, majors_of};

mod case;
mod node;
mod ours;
mod play;
mod statements;

use case::{Case, Fails};
use play::{Ending, Scene, Stock};

/// How many cases are played at once. They mostly wait.
const AT_ONCE: usize = 4;
/// How long a statement may take, and one that is said to hang.
const STATEMENT: Duration = Duration::from_secs(30);
const HANGING: Duration = Duration::from_secs(5);
/// How long a row may take, and one of which no log will tell that it does not come.
const ROW: Duration = Duration::from_secs(30);
const SILENT: Duration = Duration::from_secs(4);

/// What to play.
#[derive(Debug, Default, PartialEq, Eq)]
struct Plan {
    majors: Vec<u8>,
    /// Parts of names; all cases if there are none.
    cases: Vec<String>,
    /// Whether pgassay is left out.
    servers_only: bool,
    /// Where to write the trees, instead of playing them.
    write: Option<PathBuf>,
}

impl Plan {
    fn parse(args: &[&str]) -> Result<Self> {
        let mut plan = Self { majors: vec![15, 18], ..Self::default() };
        let mut args = args.iter();
        while let Some(&arg) = args.next() {
            match arg {
                "--servers-only" => plan.servers_only = true,
                "--majors" => {
                    let list = args.next().context("--majors needs a value")?;
                    plan.majors = majors_of(list)?;
                }
                "--write" => plan.write = Some(args.next().context("--write needs a folder")?.into()),
                _ if arg.starts_with('-') => bail!("there is no option {arg}"),
                _ => plan.cases.push(arg.to_owned()),
            }
        }
        Ok(plan)
    }

    fn cases(&self) -> Result<Vec<Case>> {
        let mut cases = Case::all(&root().join("fixtures/pairs"))?;
        cases.retain(|case| self.cases.is_empty() || self.cases.iter().any(|part| case.name.contains(part)));
        ensure!(!cases.is_empty(), "there is no such case");
        Ok(cases)
    }
}

pub(crate) fn pairs(args: &[&str]) -> Result<()> {
    let plan = Plan::parse(args)?;
    let cases = plan.cases()?;
    if let Some(folder) = &plan.write {
        for case in &cases {
            case::write(&case.broken, &folder.join(&case.name).join("broken"))?;
            case::write(&case.mended, &folder.join(&case.name).join("mended"))?;
        }
        return Ok(());
    }
    play(&plan, &cases)
}

/// Plays all cases on the usual majors, for the tests. Where there are no servers it says so, and fails where `CI` is
/// set.
pub(crate) fn test() -> Result<()> {
    let plan = Plan::parse(&[])?;
    match plan.majors.iter().try_for_each(|&major| Server::get(major).map(drop)) {
        Ok(()) => play(&plan, &plan.cases()?),
        Err(why) if std::env::var_os("CI").is_some() => Err(why.context("there are no servers to play pairs on")),
        Err(why) => {
            say(&format!("PAIRS OF REAL SERVERS NOT PLAYED, since there are none: {why:#}"));
            Ok(())
        }
    }
}

/// The servers of a run, each with a data directory to copy.
#[derive(Debug)]
struct Stage {
    folder: PathBuf,
    servers: Vec<(Server, PathBuf)>,
}

impl Stage {
    fn new(majors: impl Iterator<Item = u8>) -> Result<Self> {
        let folder = ground().join(format!("pgassay-pairs-{}", std::process::id()));
        fs::create_dir_all(&folder)?;
        let mut stage = Self { folder, servers: Vec::new() };
        for major in majors {
            if stage.stock(major).is_err() {
                let server = Server::get(major)?;
                let folder = stage.folder.join(major.to_string());
                server.make(&folder)?;
                let template = folder.join("template");
                server.init_small(&template)?;
                stage.servers.push((server, template));
            }
        }
        Ok(stage)
    }

    fn stock(&self, major: u8) -> Result<Stock<'_>> {
        let found = self.servers.iter().find(|(server, _)| server.major == major);
        found.map(|(server, template)| Stock { server, template }).with_context(|| format!("no server of {major}"))
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// Where data directories are made: in memory if there is room, since a disk takes several times as long for the many
/// files.
fn ground() -> PathBuf {
    const ROOM: u64 = 2 << 30;
    let memory = Path::new("/dev/shm");
    let free = Command::new("df").args(["--block-size=1", "--output=avail"]).arg(memory).output().ok();
    let free = free.and_then(|free| String::from_utf8(free.stdout).ok()?.lines().nth(1)?.trim().parse::<u64>().ok());
    if free.is_some_and(|free| free >= ROOM) { memory.to_owned() } else { std::env::temp_dir() }
}

fn play(plan: &Plan, cases: &[Case]) -> Result<()> {
    let pinned = cases.iter().flat_map(|case| case.claim.pinned.values().copied());
    let stage = Stage::new(plan.majors.iter().copied().chain(pinned))?;
    let mut jobs: Vec<(&Case, u8)> = Vec::new();
    for case in cases {
        jobs.extend(plan.majors.iter().filter(|&&major| case.claim.holds_on(major)).map(|&major| (case, major)));
    }
    let next = AtomicUsize::new(0);
    let wrong = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some(&(case, major)) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let verdict = judge(plan, &stage, case, major);
                    let told = verdict.map_err(|error| format!("{}, PostgreSQL {major}: {error:#}", case.name));
                    if let (Err(told), Ok(mut wrong)) = (told, wrong.lock()) {
                        println!("{told}");
                        wrong.push(told);
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().unwrap_or_default();
    ensure!(wrong.is_empty(), "{} of {} pairs of servers do not do what is said of them", wrong.len(), jobs.len());
    println!("{} cases on pairs of servers, {} runs: all as said", cases.len(), 2 * jobs.len());
    Ok(())
}

fn judge(plan: &Plan, stage: &Stage, case: &Case, major: u8) -> Result<()> {
    let folder = stage.folder.join(major.to_string()).join(&case.name);
    stage.stock(major)?.server.make(&folder)?;
    fails(stage, case, major, &folder.join("b")).context("the broken tree")?;
    works(stage, case, major, &folder.join("m")).context("the mended tree")?;
    if !plan.servers_only {
        ours::compare(&pgassay(), case, major, &stage.folder.join(format!("{}-{major}", case.name)))?;
    }
    Ok(fs::remove_dir_all(&folder)?)
}

/// Plays the broken tree, which must fail as is said.
fn fails(stage: &Stage, case: &Case, major: u8, folder: &Path) -> Result<()> {
    let claim = &case.claim;
    let limit = if claim.fails == Fails::Hang { HANGING } else { STATEMENT };
    let (mut scene, mut ending) = open(stage, case, major, folder, limit, true)?;
    if ending.is_none() {
        let patience = if claim.fails == Fails::Replication && claim.says.is_empty() { SILENT } else { ROW };
        ending = Some(scene.probe(&case.probe(), patience, &|logs| claim.is_told_by(logs))?);
    }
    if let (Some(Ending::Works), Some(query)) = (&ending, &claim.promoted) {
        ending = Some(scene.promote(query)?);
    }
    let Some(Ending::Fails(point, answer)) = ending else { bail!("works, so the claim is false") };
    let logs = scene.logs();
    ensure!(claim.fails.is_at(point), "fails otherwise than said ({point:?}): {answer}\n{logs}");
    let told = claim.says.is_empty() || claim.is_told_by(&answer) || claim.is_told_by(&logs);
    ensure!(told, "fails with other words: {answer}\n{logs}");
    if let Some(query) = &claim.shows {
        ensure!(scene.shows(query), "fails, and `{}` shows nothing\n{logs}", query.sql);
    }
    Ok(())
}

/// Plays the mended tree: the row must arrive, and nothing may say what the broken one says.
fn works(stage: &Stage, case: &Case, major: u8, folder: &Path) -> Result<()> {
    let claim = &case.claim;
    let (mut scene, mut ending) = open(stage, case, major, folder, STATEMENT, false)?;
    if ending.is_none() {
        ending = Some(scene.probe(&case.probe(), ROW, &|_| false)?);
    }
    if let (Some(Ending::Works), Some(query)) = (&ending, &claim.promoted) {
        ending = Some(scene.promote(query)?);
    }
    let logs = scene.logs();
    if let Some(Ending::Fails(point, answer)) = ending {
        bail!("does not work ({point:?}): {answer}\n{logs}");
    }
    ensure!(!claim.is_told_by(&logs), "works, and says what the broken one says\n{logs}");
    Ok(())
}

fn open<'a>(
    stage: &'a Stage,
    case: &Case,
    major: u8,
    folder: &Path,
    limit: Duration,
    broken: bool,
) -> Result<(Scene<'a>, Option<Ending>)> {
    let tree = if broken { &case.broken } else { &case.mended };
    stage.stock(major)?.server.make(folder)?;
    let stock = |node: &str| stage.stock(case.claim.pinned.get(node).copied().unwrap_or(major));
    Scene::open(tree, &stock, folder, limit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_read() {
        let plan = Plan::parse(&["hba", "--majors", "16,17", "--servers-only"]).unwrap();
        assert_eq!((plan.majors, plan.cases, plan.servers_only), (vec![16, 17], vec!["hba".to_owned()], true));
        assert_eq!(Plan::parse(&[]).unwrap().majors, [15, 18]);
        for wrong in [&["--majors", "9"][..], &["--majors"], &["--nope"]] {
            assert!(Plan::parse(wrong).is_err());
        }
    }

    #[test]
    fn every_case_can_be_read() {
        assert!(Plan::parse(&[]).unwrap().cases().unwrap().len() >= 12);
    }
}
