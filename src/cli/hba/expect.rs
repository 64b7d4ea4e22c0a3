//! `pgassay hba expect`: expectations of who gets in, as tests.

use std::io::{self, BufWriter, Write};

use anyhow::{Context, Result, anyhow, bail};
use camino::{Utf8Path, Utf8PathBuf};
use clap::Args;

use super::{Access, AccessArgs};
use crate::cli::args::{GlobalArgs, ListFormat};
use crate::cli::{CLEAN, FINDINGS};
use crate::reach::{Engine, Expectation, From, Kinds, Name, Universe};
use crate::report::hba::Shower;
use crate::report::hba::expect::{Against, Results, Verdict, text};
use crate::report::hba::server::{Server, TooMuch};
use crate::report::hba::words;
use crate::source;

#[derive(Debug, Args)]
pub(crate) struct ExpectArgs {
    /// A file of expectations, one per line: `[no] USER [on DATABASE] from ADDRESS [over KINDS] [by METHODS]`; those of
    /// pgassay.toml are checked as well
    #[arg(value_name = "FILE")]
    file: Option<Utf8PathBuf>,
    #[command(flatten)]
    access: AccessArgs,
    /// Check the expectations of pgassay.toml only, so that the first argument is a PATH, too
    #[arg(long)]
    from_config: bool,
    /// The format of the results
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: ListFormat,
}

pub(crate) fn expect(mut args: ExpectArgs, global: &GlobalArgs) -> Result<u8> {
    if args.from_config {
        args.access.input.paths.splice(0..0, args.file.take());
    }
    let mut expectations = args.file.as_deref().map_or(Ok(Vec::new()), read)?;
    let access = Access::read(&args.access, global)?;
    expectations.extend(access.expectations.iter().cloned());
    if expectations.is_empty() {
        bail!("there are no expectations, neither in a FILE nor as `[[expect]]` in pgassay.toml");
    }
    let shower = access.shower();
    let mut results = Vec::new();
    for server in access.servers()? {
        for expectation in &expectations {
            results.push(verdict(&server, expectation, &shower)?);
        }
    }
    let holds = results.iter().all(|verdict| verdict.holds);
    let mut out = BufWriter::new(io::stdout().lock());
    match args.format {
        ListFormat::Text => text(&results, global.verbose, &mut out)?,
        ListFormat::Json => {
            serde_json::to_writer_pretty(&mut out, &Results { version: 1, results })?;
            writeln!(out)?;
        }
    }
    out.flush()?;
    Ok(if holds { CLEAN } else { FINDINGS })
}

fn read(path: &Utf8Path) -> Result<Vec<Expectation>> {
    let bytes = source::read(path).with_context(|| format!("cannot read `{path}`"))?;
    let text = String::from_utf8(bytes).with_context(|| format!("`{path}` is not UTF-8"))?;
    let mut out = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let parsed = Expectation::parse(line).map_err(|error| anyhow!("{path}:{}: {error}", index + 1))?;
        out.extend(parsed);
    }
    Ok(out)
}

fn verdict(server: &Server<'_>, expectation: &Expectation, shower: &Shower<'_>) -> Result<Verdict> {
    let mut against = Vec::<Against>::new();
    for major in server.node.targets.majors.iter() {
        let Some(one) = on(server, expectation, major, shower)? else { continue };
        let key = |of: &Against| serde_json::to_string(&(&of.connection, &of.unknown, &of.in_doubt, &of.row)).ok();
        let wanted = key(&one);
        match against.iter_mut().find(|known| key(known) == wanted) {
            Some(known) => known.majors.push(major),
            None => against.push(one),
        }
    }
    let (node, expectation) = (server.node.name.clone(), shower.text(&expectation.text));
    Ok(Verdict { node, expectation, holds: against.is_empty(), against })
}

/// What is against an expectation on one major.
fn on(server: &Server<'_>, expected: &Expectation, major: u8, shower: &Shower<'_>) -> Result<Option<Against>> {
    let nothing = Against { majors: vec![major], connection: None, unknown: None, in_doubt: Vec::new(), row: None };
    if let Some(why) = server.refused(major, shower) {
        return Ok(Some(Against { unknown: Some(why), ..nothing }));
    }
    let kinds = server.kinds(Kinds::ALL, major);
    if expected.allow && (expected.kinds & kinds).is_empty() {
        let why = "the server has no connections of that kind".to_owned();
        return Ok(Some(Against { unknown: Some(why), ..nothing }));
    }
    let rows = &server.hba.rows;
    let mut universe = Universe::default();
    universe.add(rows, major, &server.known.roles);
    expected.add_to(&mut universe);
    let engine = Engine::new(server.hba, major, &server.known);
    let too_much = || TooMuch { users: universe.users.len(), databases: universe.databases.len(), rows: rows.len() };
    let checked = expected.check(&engine, rows, &universe, kinds).ok_or_else(too_much)?;
    let Some(found) = checked else { return Ok(None) };
    let user = match &found.user {
        Name::Named(name) => format!("`{name}`"),
        _ => "a user that no line names".to_owned(),
    };
    let database = match &found.database {
        Name::Named(name) => format!("`{name}`"),
        Name::Other => "a database that no line names".to_owned(),
        Name::Replication => "replication".to_owned(),
    };
    let from = match (found.from.map(From::Ip), found.kind) {
        (Some(From::Ip(ip)), kind) => format!("from {ip}, {}", words::kinds(kind)),
        _ => "through a Unix socket".to_owned(),
    };
    let row = |index: usize| rows.get(index).map(|row| shower.row(row));
    let lines = (!server.hba.complete).then(|| "lines of the file cannot be read".to_owned());
    Ok(Some(Against {
        connection: Some(shower.text(&format!("{user} on {database} {from}"))),
        unknown: lines,
        in_doubt: found.outcome.doubtful.iter().filter_map(|&index| row(index)).collect(),
        row: found.outcome.row.and_then(row),
        ..nothing
    }))
}
