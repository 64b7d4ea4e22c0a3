//! The rows of the table: what is measured against what, and which ratio is the goal.

use std::path::PathBuf;

use anyhow::Result;

use crate::bench::measure::{Call, Counts, pairs, spread};
use crate::bench::rivals::Rivals;
use crate::bench::text::{Dump, PLANTED};
use crate::bench::workload::{Workloads, files};
use crate::run::is_installed;

/// What rows are made of.
#[derive(Debug)]
pub(crate) struct Ground {
    pub(crate) binary: PathBuf,
    pub(crate) workloads: Workloads,
    pub(crate) rivals: Rivals,
}

impl Ground {
    /// A check with the default rules, whose findings are printed.
    fn check(&self) -> Call {
        Call::new(&self.binary, &["check", "--no-config", "--exit-zero", "--format", "concise"])
    }
}

/// Makes the lines of a row.
type Make = fn(&Ground) -> Result<Vec<Line>>;

/// All rows by their numbers.
pub(crate) const ALL: [(u8, Make); 13] = [
    (1, start),
    (2, empty),
    (3, small),
    (4, mono),
    (5, sql),
    (6, conf),
    (7, access),
    (8, inserts),
    (9, copies),
    (10, growth),
    (12, cores),
    (13, memory),
    (14, memory_of_a_tree),
];

/// What is compared.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Of {
    /// Instructions in user space, on one thread.
    Instructions,
    /// CPU time, in so many pairs of runs.
    Cpu(usize),
    /// The most memory held.
    Peak,
}

/// A line of the table.
#[derive(Debug)]
pub(crate) enum Line {
    /// A ratio of two commands.
    Ratio { work: &'static str, of: Of, ours: Call, theirs: Option<Call>, goal: f64 },
    /// Instructions for each byte of the files.
    PerByte { work: &'static str, ours: Call, bytes: u64, goal: f64 },
    /// What is so or not.
    Truth { work: &'static str, holds: bool },
}

impl Line {
    /// The cells of the line, and whether the goal is met, where it could be measured.
    pub(crate) fn measured(&self, counts: &mut Counts) -> Result<(String, Option<bool>)> {
        match self {
            Self::Truth { work, holds } => Ok((format!("{work} | | | | | | "), Some(*holds))),
            Self::PerByte { work, ours, bytes, goal } => {
                if !is_installed("valgrind") {
                    return Ok((format!("{work} | instructions a byte | | | | | {goal}"), None));
                }
                let each = counts.of(&ours.clone().threads(1))? as f64 / *bytes as f64;
                Ok((format!("{work} | instructions a byte | {each:.1} | | | | {goal}"), Some(each <= *goal)))
            }
            Self::Ratio { work, of, ours, theirs, goal } => {
                let Some(theirs) = theirs.as_ref().filter(|_| of.can_be_told()) else {
                    return Ok((format!("{work} | {} | | | | | {goal}", of.name()), None));
                };
                let (own, other, low, ratio, high) = of.compare(ours, theirs, counts)?;
                let cells = format!(
                    "{work} (`{theirs}`) | {} | {} | {} | {ratio:.3} | {low:.3}..{high:.3} | {goal}",
                    of.name(),
                    of.shown(own),
                    of.shown(other)
                );
                Ok((cells, Some(ratio <= *goal)))
            }
        }
    }
}

impl Of {
    fn name(self) -> &'static str {
        match self {
            Self::Instructions => "instructions",
            Self::Cpu(_) => "CPU time",
            Self::Peak => "peak memory",
        }
    }

    fn can_be_told(self) -> bool {
        !matches!(self, Self::Instructions) || is_installed("valgrind")
    }

    fn shown(self, value: f64) -> String {
        match self {
            Self::Instructions => format!("{:.2} M", value / 1e6),
            Self::Cpu(_) => format!("{value:.4} s"),
            Self::Peak => format!("{:.1} MB", value / 1e6),
        }
    }

    /// Ours and theirs in the middle, and the lowest, the middle and the highest ratio.
    fn compare(self, ours: &Call, theirs: &Call, counts: &mut Counts) -> Result<(f64, f64, f64, f64, f64)> {
        let pairs = match self {
            Self::Instructions => {
                let own = counts.of(&ours.clone().threads(1))? as f64;
                let other = counts.of(&theirs.clone().threads(1))? as f64;
                vec![(own, other)]
            }
            Self::Cpu(runs) => pairs(ours, theirs, runs)?.iter().map(|(own, other)| (own.cpu, other.cpu)).collect(),
            Self::Peak => pairs(ours, theirs, 3)?.iter().map(|(own, other)| (own.peak, other.peak)).collect(),
        };
        let (_, own, _) = spread(pairs.iter().map(|pair| pair.0).collect());
        let (_, other, _) = spread(pairs.iter().map(|pair| pair.1).collect());
        let (low, middle, high) = spread(pairs.iter().map(|pair| pair.0 / pair.1).collect());
        Ok((own, other, low, middle, high))
    }
}

fn start(ground: &Ground) -> Result<Vec<Line>> {
    let (work, ours) = ("start-up", Call::new(&ground.binary, &["--version"]));
    let theirs = ground.rivals.ripgrep(&["--version"]);
    Ok(vec![
        Line::Ratio { work, of: Of::Instructions, ours: ours.clone(), theirs: theirs.clone(), goal: 0.75 },
        Line::Ratio { work, of: Of::Cpu(41), ours, theirs, goal: 1.0 },
    ])
}

fn empty(ground: &Ground) -> Result<Vec<Line>> {
    let folder = ground.workloads.empty()?;
    let theirs = ground.rivals.ripgrep(&["x"]).map(|call| call.on([&folder]));
    let ours = ground.check().on([&folder]);
    Ok(vec![Line::Ratio { work: "an empty folder", of: Of::Instructions, ours, theirs, goal: 0.33 }])
}

fn small(ground: &Ground) -> Result<Vec<Line>> {
    let folder = ground.workloads.small()?;
    let ours = ground.check().on([&folder]);
    let search = ground.rivals.ripgrep(&["-j1", "-c", "trust"]).map(|call| call.on([&folder]));
    let squawk = ground.rivals.squawk(&files(&folder, ".sql")?);
    let work = "a small tree";
    Ok(vec![
        Line::Ratio { work, of: Of::Instructions, ours: ours.clone(), theirs: search, goal: 1.5 },
        Line::Ratio { work, of: Of::Instructions, ours, theirs: squawk, goal: 0.1 },
    ])
}

/// The search for three patterns in the files of interest.
const PATTERNS: [&str; 7] = ["-c", "-e", "CREATE SUBSCRIPTION", "-e", r"\btrust\b", "-e", "^fsync *= *off"];
/// Which files those are.
const GLOBS: [&str; 6] = ["-g", "*.sql", "-g", "postgresql.conf", "-g", "pg_hba.conf"];

fn mono(ground: &Ground) -> Result<Vec<Line>> {
    let (whole, part) = (ground.workloads.mono(100)?, ground.workloads.mono(5)?);
    let narrow = ground.rivals.ripgrep(&[&PATTERNS[..], &GLOBS].concat());
    let wide = ground.rivals.ripgrep(&PATTERNS);
    let on = |call: &Option<Call>, folder: &PathBuf| call.clone().map(|call| call.on([folder]));
    let check = |folder: &PathBuf| ground.check().on([folder]);
    let work = "a monorepo";
    Ok(vec![
        Line::Ratio { work, of: Of::Cpu(9), ours: check(&whole), theirs: on(&narrow, &whole), goal: 1.25 },
        Line::Ratio {
            work: "a monorepo, every file searched",
            of: Of::Cpu(9),
            ours: check(&whole),
            theirs: on(&wide, &whole),
            goal: 1.25,
        },
        Line::Ratio {
            work: "a twentieth of it",
            of: Of::Instructions,
            ours: check(&part),
            theirs: on(&narrow, &part),
            goal: 0.75,
        },
    ])
}

fn sql(ground: &Ground) -> Result<Vec<Line>> {
    let files = files(&ground.workloads.mono(100)?, ".sql")?;
    let ours = ground.check().on(&files);
    let work = "4,000 files of SQL";
    Ok(vec![
        Line::Ratio {
            work,
            of: Of::Cpu(7),
            ours: ours.clone(),
            theirs: ground.rivals.split("sql", &files)?,
            goal: 0.33,
        },
        Line::Ratio { work, of: Of::Cpu(1), ours: ours.clone(), theirs: ground.rivals.squawk(&files), goal: 0.02 },
        Line::PerByte { work, ours, bytes: size(&files)?, goal: 40.0 },
    ])
}

fn conf(ground: &Ground) -> Result<Vec<Line>> {
    let files = files(&ground.workloads.mono(100)?, "postgresql.conf")?;
    let bytes = size(&files)?;
    Ok(vec![Line::PerByte { work: "2,000 postgresql.conf", ours: ground.check().on(&files), bytes, goal: 8.0 }])
}

fn access(ground: &Ground) -> Result<Vec<Line>> {
    let file = ground.workloads.hba(100_000)?;
    let theirs = ground.rivals.ripgrep(&["-j1", "-c", r"^host\s.*\strust$"]).map(|call| call.on([&file]));
    let ours = ground.check().on([&file]);
    Ok(vec![Line::Ratio { work: "pg_hba.conf of 100,000 lines", of: Of::Instructions, ours, theirs, goal: 6.0 }])
}

fn inserts(ground: &Ground) -> Result<Vec<Line>> {
    let file = ground.workloads.dump(Dump::Inserts, 50)?;
    let ours = ground.check().on([&file]);
    let files = [file];
    let work = "50 MB of INSERT";
    Ok(vec![
        Line::Ratio {
            work,
            of: Of::Cpu(7),
            ours: ours.clone(),
            theirs: ground.rivals.split("inserts", &files)?,
            goal: 0.1,
        },
        Line::Ratio { work, of: Of::Cpu(1), ours, theirs: ground.rivals.squawk(&files), goal: 0.01 },
    ])
}

fn copies(ground: &Ground) -> Result<Vec<Line>> {
    let file = ground.workloads.dump(Dump::Copy, 50)?;
    let ours = ground.check().on([&file]);
    let search = ground.rivals.ripgrep(&["CREATE SUBSCRIPTION"]).map(|call| call.on([&file]));
    let text = std::fs::read_to_string(&file)?;
    let line = text.lines().position(|line| line == PLANTED).map_or(0, |index| index + 1);
    drop(text);
    let output = String::from_utf8_lossy(&ours.output()?).into_owned();
    let place = format!("{}:{line}:", file.display());
    let holds = !output.is_empty() && output.lines().all(|line| line.starts_with(&place));
    let work = "50 MB of COPY";
    Ok(vec![
        Line::Truth { work: "50 MB of COPY, only the planted statement is found", holds },
        Line::Ratio { work, of: Of::Cpu(15), ours: ours.clone(), theirs: search, goal: 3.0 },
        Line::Ratio { work, of: Of::Cpu(1), ours, theirs: ground.rivals.squawk(&[file]), goal: 0.002 },
    ])
}

fn growth(ground: &Ground) -> Result<Vec<Line>> {
    let (workloads, check) = (&ground.workloads, |path: PathBuf| ground.check().on([path]));
    let line = |work, large: PathBuf, little: PathBuf, goal| Line::Ratio {
        work,
        of: Of::Instructions,
        ours: check(large),
        theirs: Some(check(little)),
        goal,
    };
    Ok(vec![
        line("ten times the rows", workloads.hba(1_000_000)?, workloads.hba(100_000)?, 10.5),
        line("ten times the rows, all distinct", workloads.distinct(1_000_000)?, workloads.distinct(100_000)?, 10.5),
        line("ten times the dump", workloads.dump(Dump::Inserts, 50)?, workloads.dump(Dump::Inserts, 5)?, 10.5),
        line("eight times the includes", workloads.includes(800)?, workloads.includes(100)?, 8.5),
        line("a dump in one line", workloads.dump(Dump::OneLine, 50)?, workloads.dump(Dump::Inserts, 50)?, 1.5),
    ])
}

fn cores(ground: &Ground) -> Result<Vec<Line>> {
    let folder = ground.workloads.mono(100)?;
    let call = |threads| ground.check().on([&folder]).threads(threads);
    let alone = call(1).output()?;
    let holds = call(2).output()? == alone && call(8).output()? == alone;
    Ok(vec![
        Line::Truth { work: "the same output with 1, 2 and 8 threads", holds },
        Line::Ratio { work: "two threads for one", of: Of::Cpu(5), ours: call(2), theirs: Some(call(1)), goal: 1.05 },
    ])
}

fn memory(ground: &Ground) -> Result<Vec<Line>> {
    let line = |work, file: PathBuf| {
        let theirs = ground.rivals.ripgrep(&["CREATE SUBSCRIPTION"]).map(|call| call.on([&file]));
        Line::Ratio { work, of: Of::Peak, ours: ground.check().on([&file]), theirs, goal: 0.5 }
    };
    Ok(vec![
        line("50 MB of INSERT", ground.workloads.dump(Dump::Inserts, 50)?),
        line("50 MB of COPY", ground.workloads.dump(Dump::Copy, 50)?),
    ])
}

fn memory_of_a_tree(ground: &Ground) -> Result<Vec<Line>> {
    let folder = ground.workloads.mono(100)?;
    let theirs = ground.rivals.ripgrep(&[&PATTERNS[..], &GLOBS].concat()).map(|call| call.on([&folder]));
    let ours = ground.check().on([&folder]);
    Ok(vec![Line::Ratio { work: "a monorepo", of: Of::Peak, ours, theirs, goal: 3.0 }])
}

fn size(files: &[PathBuf]) -> Result<u64> {
    files.iter().map(|file| Ok(std::fs::metadata(file)?.len())).sum()
}
