//! The effective access table of a server: for whom which row decides, and what a client must present by it.

use super::server::{Server, TooMuch};
use super::show::{Entry, Table};
use super::{Shower, words};
use crate::catalog::hba::Method;
use crate::model::hba::{ClientCert, HbaRow};
use crate::reach::{self, Engine, Groups, Kinds, Name, Outcome, Universe, columns, names, proof};

/// The names that are looked at; no name is all of them.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Wanted<'a> {
    pub(crate) users: &'a [String],
    pub(crate) databases: &'a [String],
}

/// The tables of a server: one for all majors that give the same.
///
/// # Errors
/// A table would take too long.
pub(crate) fn tables(server: &Server<'_>, wanted: Wanted<'_>, shower: &Shower<'_>) -> Result<Vec<Table>, TooMuch> {
    let mut tables = Vec::<Table>::new();
    for major in server.node.targets.majors.iter() {
        let table = table(server, major, wanted, shower)?;
        let same = |known: &&mut Table| {
            let all = |table: &Table| serde_json::to_string(&(&table.refused, &table.entries)).ok();
            all(known) == all(&table)
        };
        match tables.iter_mut().find(same) {
            Some(known) => known.majors.push(major),
            None => tables.push(table),
        }
    }
    Ok(tables)
}

fn table(server: &Server<'_>, major: u8, wanted: Wanted<'_>, shower: &Shower<'_>) -> Result<Table, TooMuch> {
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
    universe.users.extend(wanted.users.iter().cloned());
    universe.databases.extend(wanted.databases.iter().cloned());
    let is_wanted = |chosen: &[String], name: &Name| match name {
        Name::Named(name) => chosen.is_empty() || chosen.contains(name),
        Name::Other | Name::Replication => chosen.is_empty(),
    };
    let users = universe.users().filter(|name| is_wanted(wanted.users, name)).collect::<Vec<_>>();
    let databases = universe.databases().filter(|name| is_wanted(wanted.databases, name)).collect::<Vec<_>>();
    let kinds = reach::kinds(&server.hba.rows, server.kinds(Kinds::ALL, major), major);
    let too_much = || TooMuch { users: users.len(), databases: databases.len(), rows: server.hba.rows.len() };
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

/// How strong a row's proof is, as pages colour it.
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
