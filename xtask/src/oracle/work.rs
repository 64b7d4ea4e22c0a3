//! The work on one server: every input of every kind is asked about and compared, and what disagrees is made small.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::ask::{self, Oracle};
use super::compare::{Compared, Disagreement, compare};
use super::{Answer, Figures, Inputs, Kind, case, escape, folder_of, minimise, ours, settings, values};
use crate::servers::Server;

/// How many disagreements of one kind and major are minimised and shown; all are counted.
const SHOWN: usize = 25;

/// What all servers are asked.
#[derive(Debug, Clone, Copy)]
pub(super) struct Work<'w> {
    pub(super) binary: &'w Path,
    pub(super) folder: &'w Path,
    pub(super) inputs: &'w Inputs,
}

impl Work<'_> {
    pub(super) fn on(&self, server: &Server, kinds: &[Kind]) -> Result<Answer> {
        let mut oracle = Oracle::start(server, kinds)?;
        kinds.iter().map(|&kind| Ok((kind, self.kind(&mut oracle, kind)?))).collect()
    }

    fn kind(&self, oracle: &mut Oracle<'_>, kind: Kind) -> Result<Figures> {
        let folder = folder_of(self.folder, kind, oracle.server.major);
        let judge = Judge::new(self.binary, &folder, kind, oracle.server.major)?;
        let mut figures = Figures::default();
        for (index, bytes) in self.inputs.get(&kind).into_iter().flatten().enumerate() {
            let case = format!("{index:06}");
            let compared = judge.compare(oracle, &case, bytes);
            match compared.with_context(|| format!("{} {case} of the seed", kind.word()))? {
                Ok(compared) => figures.add(compared, bytes),
                Err(why) => figures.set_aside(why),
            }
        }
        for (signature, sort) in figures.sorts.iter_mut().take(SHOWN) {
            self.minimise(oracle, kind, signature, sort)?;
        }
        Ok(figures)
    }

    /// Makes the input of a sort small.
    fn minimise(
        &self,
        oracle: &mut Oracle<'_>,
        kind: Kind,
        signature: &str,
        sort: &mut (usize, Disagreement, Vec<u8>),
    ) -> Result<()> {
        let folder = oracle.server.scratch.join("small");
        let place = folder.join("case");
        let mut ask = |bytes: &[u8]| -> Result<Option<Disagreement>> {
            if place.exists() {
                fs::remove_dir_all(&place)?;
            }
            case::write(&place, kind, oracle.server.major, bytes)?;
            let judge = Judge::new(self.binary, &folder, kind, oracle.server.major)?;
            let Ok(compared) = judge.compare(oracle, "case", bytes)? else { return Ok(None) };
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

/// What pgassay says of a folder of inputs, to be compared.
#[derive(Debug)]
struct Judge {
    kind: Kind,
    folder: PathBuf,
    ours: Ours,
}

#[derive(Debug)]
enum Ours {
    Refusals(ours::Ours),
    Values(values::Ours),
}

impl Judge {
    fn new(binary: &Path, folder: &Path, kind: Kind, major: u8) -> Result<Self> {
        let ours = match kind {
            Kind::Values => Ours::Values(values::ours(binary, folder, major)?),
            _ => Ours::Refusals(ours::refusals(binary, folder, major)?),
        };
        Ok(Self { kind, folder: folder.to_owned(), ours })
    }

    /// Compares an input, or says why it is not compared.
    fn compare(&self, oracle: &mut Oracle<'_>, case: &str, bytes: &[u8]) -> Result<Result<Compared, &'static str>> {
        let kind = self.kind;
        let ours = match &self.ours {
            Ours::Values(ours) => return values::compare(oracle, &self.folder.join(case), bytes, ours.of(case)),
            Ours::Refusals(ours) => ours,
        };
        let Some(refusals) = ours.of(case) else {
            return Ok(Err("files that pgassay takes for those of another program"));
        };
        let server = match oracle.verdict(kind, bytes)? {
            Ok(server) => server,
            Err(why) => {
                if why == ask::CRASH {
                    println!("PostgreSQL {} crashes on {} {}", oracle.server.major, kind.file(), escape(bytes));
                }
                return Ok(Err(why));
            }
        };
        let mut compared = compare(kind, oracle.server.major, bytes, &server, refusals);
        if kind == Kind::Conf {
            settings::settle(oracle, bytes, refusals, &mut compared)?;
        }
        compared.take_known(kind, oracle.server.major, bytes);
        Ok(Ok(compared))
    }
}

impl Figures {
    fn set_aside(&mut self, why: &str) {
        *self.set_aside.entry(why.to_owned()).or_default() += 1;
    }

    fn add(&mut self, compared: Compared, bytes: &[u8]) {
        self.files += 1;
        self.lines += compared.lines;
        self.refused += compared.refused;
        for (why, count) in compared.set_aside {
            *self.set_aside.entry(why).or_default() += count;
        }
        for (why, count) in compared.known {
            *self.known.entry(why).or_default() += count;
        }
        self.disagreements += compared.disagreements.len();
        for disagreement in compared.disagreements {
            let sort = self.sorts.entry(disagreement.signature());
            let sort = sort.or_insert_with(|| (0, disagreement.clone(), bytes.to_vec()));
            sort.0 += 1;
            if bytes.len() < sort.2.len() {
                (sort.1, sort.2) = (disagreement, bytes.to_vec());
            }
        }
    }
}
