//! `pgassay hba show`: what a pg_hba.conf comes to.

use std::io::{self, BufWriter, Write};

use anyhow::{Result, anyhow};
use clap::{Args, ValueEnum};

use super::{Access, AccessArgs, Server};
use crate::catalog::hba::Method;
use crate::cli::CLEAN;
use crate::cli::args::GlobalArgs;
use crate::model::hba::{ClientCert, HbaRow};
use crate::reach::{self, Engine, Groups, Kinds, Name, Outcome, Universe, columns, names, proof};
use crate::report::hba::show::{Entry, Table, Tables, text};
use crate::report::hba::{Shower, page, words};

#[derive(Debug, Args)]
pub(crate) struct ShowArgs {
    #[command(flatten)]
    access: AccessArgs,
    /// Show this user only; may be repeated
    #[arg(long, value_name = "USER")]
    user: Vec<String>,
    /// Show this database only; may be repeated
    #[arg(long, value_name = "DATABASE")]
    db: Vec<String>,
    /// The format of the table
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: ShowFormat,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum ShowFormat {
    /// For people
    #[default]
    Text,
    /// For programs
    Json,
    /// A page with a picture of addresses against people
    Html,
}

pub(crate) fn show(args: &ShowArgs, global: &GlobalArgs) -> Result<u8> {
    let access = Access::read(&args.access, global)?;
    let shower = access.shower();
    let mut tables = Vec::<Table>::new();
    for server in access.servers()? {
        let first = tables.len();
        for major in server.node.targets.majors.iter() {
            let table = table(&server, major, args, &shower)?;
            let same = |known: &&mut Table| {
                let all = |table: &Table| serde_json::to_string(&(&table.refused, &table.entries)).ok();
                all(known) == all(&table)
            };
            match tables.iter_mut().skip(first).find(same) {
                Some(known) => known.majors.push(major),
                None => tables.push(table),
            }
        }
    }
    let mut out = BufWriter::new(io::stdout().lock());
    match args.format {
        ShowFormat::Text => text(&tables, global.verbose, &mut out)?,
        ShowFormat::Html => page::html(&tables, &mut out)?,
        ShowFormat::Json => {
            serde_json::to_writer_pretty(&mut out, &Tables { version: 1, tables })?;
            writeln!(out)?;
        }
    }
    out.flush()?;
    Ok(CLEAN)
}

fn table(server: &Server<'_>, major: u8, args: &ShowArgs, shower: &Shower<'_>) -> Result<Table> {
    let mut table = Table {
        node: server.node.name.clone(),
        majors: vec![major],
        refused: server.refused(major, shower),
        complete: server.hba.complete,
        entries: Vec::new(),
    };
    if table.refused.is_some() {
        return Ok(table);
    }
    let engine = Engine::new(server.hba, major, &server.known);
    let mut universe = Universe::default();
    universe.add(&server.hba.rows, major, &server.known.roles);
    universe.users.extend(args.user.iter().cloned());
    universe.databases.extend(args.db.iter().cloned());
    let wanted = |chosen: &[String], name: &Name| match name {
        Name::Named(name) => chosen.is_empty() || chosen.contains(name),
        Name::Other | Name::Replication => chosen.is_empty(),
    };
    let users = universe.users().filter(|name| wanted(&args.user, name)).collect::<Vec<_>>();
    let databases = universe.databases().filter(|name| wanted(&args.db, name)).collect::<Vec<_>>();
    let kinds = reach::kinds(&server.hba.rows, server.kinds(Kinds::ALL, major), major);
    let too_much = || too_much(users.len(), databases.len(), server.hba.rows.len());
    let mut groups = Groups::<Outcome>::default();
    for of_user in columns(&engine, &users, databases.len()).ok_or_else(too_much)? {
        for database in &databases {
            let columns = kinds.iter().map(|kind| {
                let column = of_user.of(kind, database);
                let decided = column.into_iter().filter(|stretch| stretch.outcome != Outcome::NOBODY);
                (kind, decided.map(|stretch| (stretch.range, stretch.outcome)).collect())
            });
            groups.add(of_user.user(), database, columns);
        }
    }
    for group in groups.groups() {
        let row = |index: usize| server.hba.rows.get(index);
        let decides = group.value.row.and_then(row);
        let ranges = group.ranges.iter().filter_map(|range| range.ends());
        table.entries.push(Entry {
            users: shower.text(&names(&group.users, &users, "any user")),
            databases: shower.text(&names(&group.databases, &databases, "any database")),
            kinds: words::kinds(group.kinds),
            from: words::ranges(&group.ranges),
            ranges: ranges.map(|(low, high)| (low.to_string(), high.to_string())).collect(),
            row: decides.map(|row| shower.row(row)),
            proof: decides.and_then(|row| proof(row, major)).map(|proof| shower.text(&proof)),
            in_doubt: group.value.doubtful.iter().filter_map(|&index| row(index)).map(|row| shower.row(row)).collect(),
            class: decides.map_or("", |row| class(row, major)),
        });
    }
    Ok(table)
}

/// What to say where a table would take too long.
pub(super) fn too_much(users: usize, databases: usize, rows: usize) -> anyhow::Error {
    anyhow!("{rows} rows with {users} users and {databases} databases are too many; narrow it with --user and --db")
}

/// How strong a row's proof is, as the page colours it.
fn class(row: &HbaRow, major: u8) -> &'static str {
    match row.method {
        Method::Reject => "reject",
        _ if row.client_cert_on(major) == ClientCert::VerifyFull => "strong",
        Method::Trust | Method::Ident => "open",
        Method::Password => "weak",
        Method::Md5 | Method::ScramSha256 => "password",
        Method::Ldap | Method::Pam | Method::Radius | Method::Bsd => "outside",
        Method::Cert | Method::Gss | Method::Sspi | Method::Oauth | Method::Peer => "strong",
    }
}
