//! `pgassay hba diff`: what a change of pg_hba.conf does to who gets in.

use std::io::{self, BufWriter, Write};

use anyhow::{Result, bail};
use camino::Utf8PathBuf;
use clap::Args;

use super::revision::Revision;
use super::{Access, AccessArgs};
use crate::catalog::Majors;
use crate::cli::args::{GlobalArgs, InputArgs, ListFormat};
use crate::cli::{CLEAN, FINDINGS};
use crate::reach::{
    self, Change, Difference, Engine, Group, Kinds, Known, Name, Outcome, Side, Universe, differences, names,
};
use crate::report::hba::diff::{Decides, Differences, Shown, text, word};
use crate::report::hba::server::{Server, TooMuch};
use crate::report::hba::{Shower, words};

#[derive(Debug, Args)]
pub(crate) struct DiffArgs {
    /// The file or folder before; a git revision, if paths follow `--`
    #[arg(value_name = "OLD")]
    old: Utf8PathBuf,
    /// The file or folder after; likewise
    #[arg(value_name = "NEW")]
    new: Utf8PathBuf,
    /// Files and folders to compare at the two revisions
    #[arg(value_name = "PATH", last = true)]
    paths: Vec<Utf8PathBuf>,
    /// The PostgreSQL majors to judge for: `16`, `14..18` or `14,16`
    #[arg(long, value_name = "MAJORS")]
    pg: Option<Majors>,
    /// An address of the server with its mask length, for `samehost` and `samenet`; may be repeated
    #[arg(long, value_name = "ADDRESS/LENGTH")]
    server_address: Vec<ipnet::IpNet>,
    /// The format of the differences
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: ListFormat,
}

pub(crate) fn diff(args: &DiffArgs, global: &GlobalArgs) -> Result<u8> {
    let (old, new) = match &*args.paths {
        [] => (
            Read::new(vec![args.old.clone()], None, args, global)?,
            Read::new(vec![args.new.clone()], None, args, global)?,
        ),
        paths => {
            let one = |revision: &Utf8PathBuf| {
                let files = Revision::read(revision.as_str(), paths)?;
                Read::new(files.paths.clone(), Some((files, revision.to_string())), args, global)
            };
            (one(&args.old)?, one(&args.new)?)
        }
    };
    let (mut out, mut complete) = (Vec::<Shown>::new(), true);
    for (before, after) in pairs(&old, &new)? {
        for server in [&before, &after].into_iter().flatten() {
            complete &= server.hba.complete;
        }
        let pair = Pair { before: before.as_ref(), after: after.as_ref(), old: &old.shower(), new: &new.shower() };
        let first = out.len();
        for shown in pair.majors().iter().map(|major| pair.on(major)).collect::<Result<Vec<_>>>()?.into_iter().flatten()
        {
            let key = |of: &Shown| {
                let people = (&of.change, &of.unknown, &of.users, &of.databases, &of.kinds, &of.from);
                serde_json::to_string(&(people, &of.before, &of.after)).ok()
            };
            let wanted = key(&shown);
            match out.iter_mut().skip(first).find(|known| key(known) == wanted) {
                Some(known) => known.majors.extend(shown.majors),
                None => out.push(shown),
            }
        }
    }
    let worse = out.iter().any(|shown| ["gained", "weakened", "unclear"].contains(&shown.change));
    let mut to = BufWriter::new(io::stdout().lock());
    match args.format {
        ListFormat::Text => text(&out, complete, &mut to)?,
        ListFormat::Json => {
            serde_json::to_writer_pretty(&mut to, &Differences { version: 1, differences: out })?;
            writeln!(to)?;
        }
    }
    to.flush()?;
    Ok(if worse { FINDINGS } else { CLEAN })
}

/// One side, read.
struct Read {
    access: Access,
    /// The files of a revision, and what it is called.
    revision: Option<(Revision, String)>,
    /// The paths, where nodes begin.
    roots: Vec<Utf8PathBuf>,
}

impl Read {
    fn new(
        paths: Vec<Utf8PathBuf>,
        revision: Option<(Revision, String)>,
        args: &DiffArgs,
        global: &GlobalArgs,
    ) -> Result<Self> {
        let roots = paths.clone();
        let input = InputArgs { paths, pg: args.pg, ..InputArgs::default() };
        let args = AccessArgs { input, node: None, server_address: args.server_address.clone() };
        Ok(Self { access: Access::read(&args, global)?, revision, roots })
    }

    fn shower(&self) -> Shower<'_> {
        let shower = self.access.shower();
        match &self.revision {
            Some((files, name)) => shower.in_place_of(format!("{}/", files.root()), format!("{name}:")),
            None => shower,
        }
    }

    /// Where a node lies within what was named.
    fn place(&self, server: &Server<'_>) -> String {
        let folder = &server.node.folder;
        let within = self.roots.iter().find_map(|root| folder.strip_prefix(root).ok());
        within.map_or_else(String::new, ToString::to_string)
    }
}

type Pairs<'a> = Vec<(Option<Server<'a>>, Option<Server<'a>>)>;

/// The nodes of both sides that are the same by their folders; where there is one each, they are.
fn pairs<'a>(old: &'a Read, new: &'a Read) -> Result<Pairs<'a>> {
    let (before, after) = (old.access.servers()?, new.access.servers()?);
    if let (1, 1) = (before.len(), after.len()) {
        return Ok(before.into_iter().map(Some).zip(after.into_iter().map(Some)).collect());
    }
    let mut after = after.into_iter().map(|server| (new.place(&server), Some(server))).collect::<Vec<_>>();
    let mut out = Pairs::new();
    for server in before {
        let place = old.place(&server);
        let found = after.iter_mut().find(|(other, server)| *other == place && server.is_some());
        out.push((Some(server), found.and_then(|(_, server)| server.take())));
    }
    out.extend(after.into_iter().filter_map(|(_, server)| Some((None, Some(server?)))));
    if out.is_empty() {
        bail!("there is no pg_hba.conf among the files");
    }
    Ok(out)
}

/// A node before and after; where it is not there, nobody gets in.
struct Pair<'a> {
    before: Option<&'a Server<'a>>,
    after: Option<&'a Server<'a>>,
    old: &'a Shower<'a>,
    new: &'a Shower<'a>,
}

impl Pair<'_> {
    fn majors(&self) -> Majors {
        let of = |server: Option<&Server<'_>>| server.map_or(Majors::NONE, |server| server.node.targets.majors);
        let both = of(self.before) & of(self.after);
        if both.is_empty() { if self.after.is_some() { of(self.after) } else { of(self.before) } } else { both }
    }

    fn on(&self, major: u8) -> Result<Vec<Shown>> {
        let node = self.after.or(self.before).map_or_else(String::new, |server| self.new.name(&server.node.name));
        let refused =
            |server: Option<&Server<'_>>, shower: &Shower<'_>| server.and_then(|of| of.refused(major, shower));
        let why = match (refused(self.before, self.old), refused(self.after, self.new)) {
            (Some(before), Some(after)) => Some(format!("before, {before}; after, {after}")),
            (Some(before), None) => Some(format!("before, {before}")),
            (None, Some(after)) => Some(format!("after, {after}")),
            (None, None) => None,
        };
        if why.is_some() {
            return Ok(vec![nothing(node, major, Change::Unclear, why)]);
        }
        let known = Known::default();
        let (mut before, mut after) = (side(self.before, major, &known), side(self.after, major, &known));
        let speak_of_gss = |side: &Side<'_>| reach::kinds(side.rows, Kinds::ALL, major).covers(Kinds::GSS);
        if !speak_of_gss(&before) && !speak_of_gss(&after) {
            for side in [&mut before, &mut after] {
                side.kinds = side.kinds - Kinds::GSS;
            }
        }
        let mut universe = Universe::default();
        for server in [self.before, self.after].into_iter().flatten() {
            universe.add(&server.hba.rows, major, &server.known.roles);
        }
        let (users, databases) = (universe.users().collect::<Vec<_>>(), universe.databases().collect::<Vec<_>>());
        let rows = before.rows.len() + after.rows.len();
        let too_much = || TooMuch { users: users.len(), databases: databases.len(), rows };
        let groups = differences(&before, &after, &universe, major).ok_or_else(too_much)?;
        let one = |group: &Group<Difference>| self.shown(&node, major, group, &users, &databases);
        Ok(groups.iter().map(one).collect())
    }

    fn shown(&self, node: &str, major: u8, group: &Group<Difference>, users: &[Name], databases: &[Name]) -> Shown {
        let ranges = group.ranges.iter().filter_map(|range| range.ends());
        Shown {
            users: self.new.text(&names(&group.users, users, "any user")),
            databases: self.new.text(&names(&group.databases, databases, "any database")),
            kinds: words::kinds(group.kinds),
            from: words::ranges(&group.ranges),
            ranges: ranges.map(|(low, high)| (low.to_string(), high.to_string())).collect(),
            before: decides(self.before, &group.value.before, self.old),
            after: decides(self.after, &group.value.after, self.new),
            ..nothing(node.to_owned(), major, group.value.change, None)
        }
    }
}

fn nothing(node: String, major: u8, change: Change, unknown: Option<String>) -> Shown {
    let (before, after) = (Decides::default(), Decides::default());
    let (users, databases, kinds, from) = Default::default();
    Shown {
        node,
        majors: vec![major],
        change: word(change),
        unknown,
        users,
        databases,
        kinds,
        from,
        ranges: Vec::new(),
        before,
        after,
    }
}

fn side<'a>(server: Option<&'a Server<'a>>, major: u8, known: &'a Known) -> Side<'a> {
    match server {
        Some(server) => {
            let rows = &server.hba.rows;
            let kinds = server.kinds(Kinds::ALL, major);
            Side { engine: Engine::new(server.hba, major, &server.known), rows, kinds }
        }
        None => Side { engine: Engine::nobody(major, known), rows: &[], kinds: Kinds::NONE },
    }
}

fn decides(server: Option<&Server<'_>>, outcome: &Outcome, shower: &Shower<'_>) -> Decides {
    let row = |index: usize| server.and_then(|server| server.hba.rows.get(index)).map(|row| shower.row(row));
    Decides {
        in_doubt: outcome.doubtful.iter().filter_map(|&index| row(index)).collect(),
        row: outcome.row.and_then(row),
    }
}
