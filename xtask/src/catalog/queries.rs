//! `cargo xtask catalog --queries`: asks every server what it makes of the queries in `fixtures/oracle/queries.tsv`.
//!
//! The table is read for its columns `how` and `query` and written anew: how, majors, verdict, query. `plan` asks for
//! the plan alone, `run` runs the query, `standby` runs it on a standby. New cases are added as lines of two columns.
//! The extensions of the catalogue are there in every database, and the tables `mine (id, name)` and `orders (pid)`.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;

use anyhow::{Context, Result, bail};

use super::ask::per_major;
use super::repository;
use super::system::extend;
use crate::servers::Server;
use crate::wire::Connection;

const HEAD: &str = "how\tmajors\tverdict\tquery\n";

/// What a message says, and what is missing then.
const VERDICTS: [(&str, &str); 8] = [
    ("column ", "column"),
    ("relation ", "relation"),
    ("function ", "function"),
    ("unrecognized configuration parameter", "setting"),
    ("recovery is in progress", "recovery"),
    ("recovery is not in progress", "recovery"),
    ("during recovery", "recovery"),
    ("in a read-only transaction", "recovery"),
];

pub(crate) fn write() -> Result<()> {
    let path = repository("fixtures/oracle/queries.tsv");
    let text = fs::read_to_string(&path)?;
    let (mut cases, mut seen) = (Vec::new(), BTreeSet::new());
    for line in text.lines().filter(|line| !line.starts_with("how\t")) {
        let (Some((how, _)), Some((_, query))) = (line.split_once('\t'), line.rsplit_once('\t')) else {
            bail!("a line without a query: {line}")
        };
        if seen.insert((how, query)) {
            cases.push((how, query));
        }
    }
    let answers = per_major(|server| ask_all(server, &cases))?;
    let mut out = String::from(HEAD);
    for (at, (how, query)) in cases.iter().enumerate() {
        let mut groups: Vec<(Vec<String>, &str)> = Vec::new();
        for (major, said) in &answers {
            let said = said.get(at).context("every case has an answer")?;
            match groups.iter_mut().find(|group| group.1 == said) {
                Some(group) => group.0.push(major.to_string()),
                None => groups.push((vec![major.to_string()], said)),
            }
        }
        for (majors, verdict) in groups {
            let _ = writeln!(out, "{how}\t{}\t{verdict}\t{query}", majors.join(","));
        }
    }
    fs::write(&path, out)?;
    println!("wrote {}", path.display());
    Ok(())
}

/// The verdicts of one server, in the order of the cases: first those of the primary, then those of the standby.
fn ask_all(server: &Server, cases: &[(&str, &str)]) -> Result<Vec<String>> {
    let mut said = vec![String::new(); cases.len()];
    for standby in [false, true] {
        let running = if standby { server.start_standby()? } else { server.start(&[])? };
        let mut session = running.connect()?;
        for (slot, (how, query)) in said.iter_mut().zip(cases).filter(|(_, (how, _))| (*how == "standby") == standby) {
            if !standby {
                extend(&mut session, server.major)?;
                session.query("create table mine (id int, name text); create table orders (pid int); create role r")?;
            }
            *slot = ask(&mut session, how, query)?;
            if !standby {
                session.query("rollback")?;
            }
        }
    }
    Ok(said)
}

fn ask(session: &mut Connection, how: &str, query: &str) -> Result<String> {
    let text = if how == "plan" { format!("explain {query}") } else { query.to_owned() };
    let Err(error) = session.query(&text) else { return Ok("ok".to_owned()) };
    let message = error.to_string();
    let found = VERDICTS.iter().find(|(part, _)| match *part {
        "column " | "relation " | "function " => message.starts_with(part) && message.contains("does not exist"),
        part => message.contains(part),
    });
    match found {
        Some((_, verdict)) => Ok((*verdict).to_owned()),
        None => bail!("the server says `{message}` to: {query}"),
    }
}
