//! `cargo xtask reach`: generates pg_hba.conf files from a seed, makes connections to real servers, and holds the row
//! that each server used against the one that `pgassay hba trace` names.
//!
//! Every row asks for a password or rejects. A wrong password makes the server log the line that matched, on all majors,
//! and the log is written before the client is told. Connections come over sockets, from addresses in 127.0.0.0/8 and
//! from ::1, with TLS where there is an `openssl` to speak it. GSSAPI and names of hosts are not asked about.

use std::collections::BTreeMap;
use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;
use std::thread::sleep;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use crate::oracle::dice::Dice;
use crate::run::{is_installed, pgassay, say};
use crate::servers::{Running, Server, majors, majors_of};

mod client;
mod generate;

use client::{Client, Told};
use generate::{Asked, Kind};

/// What to compare.
#[derive(Debug, PartialEq, Eq)]
struct Plan {
    majors: Vec<u8>,
    /// Files for each major, with [`QUESTIONS`] connections each.
    count: u64,
    seed: u64,
}

/// Connections made for each file.
const QUESTIONS: usize = 60;

impl Plan {
    fn parse(args: &[&str]) -> Result<Self> {
        let mut plan = Self { majors: vec![10, 15, 18], count: 40, seed: 1 };
        let mut args = args.iter();
        while let Some(&arg) = args.next() {
            if arg == "--all" {
                plan.majors = majors().collect();
                continue;
            }
            let value = *args.next().with_context(|| format!("{arg} needs a value"))?;
            let wrong = || format!("{arg} cannot be `{value}`");
            match arg {
                "--majors" => plan.majors = majors_of(value)?,
                "--count" => plan.count = value.parse().with_context(wrong)?,
                "--seed" => plan.seed = value.parse().with_context(wrong)?,
                _ => bail!("there is no option {arg}"),
            }
        }
        Ok(plan)
    }
}

pub(crate) fn reach(args: &[&str]) -> Result<()> {
    let plan = Plan::parse(args)?;
    let servers = plan.majors.iter().map(|&major| Server::get(major)).collect::<Result<Vec<_>>>()?;
    run(&plan, &servers)
}

/// A short comparison on servers that are there, for the tests.
pub(crate) fn short(servers: &[Server]) -> Result<()> {
    run(&Plan { majors: Vec::new(), count: 5, seed: 1 }, servers)
}

fn run(plan: &Plan, servers: &[Server]) -> Result<()> {
    let mut wrong = 0;
    for server in servers {
        let figures = on(plan, server).with_context(|| format!("major {}", server.major))?;
        let Figures { connections, by_row, uncertain, disagreements } = &figures;
        println!(
            "PostgreSQL {}, reach: {} files, {connections} connections, {by_row} decided by a row, {uncertain} uncertain, \
             {} disagreements",
            server.major,
            plan.count,
            disagreements.len()
        );
        for disagreement in disagreements.iter().take(5) {
            println!("{disagreement}");
        }
        wrong += disagreements.len();
    }
    ensure!(wrong == 0, "{wrong} disagreements (seed {})", plan.seed);
    Ok(())
}

#[derive(Debug, Default)]
struct Figures {
    connections: usize,
    /// Those that a row decides, not the lack of one.
    by_row: usize,
    /// Those of which pgassay does not know which row decides: the server's was among those it named.
    uncertain: usize,
    disagreements: Vec<String>,
}

fn on(plan: &Plan, server: &Server) -> Result<Figures> {
    let has_tls = is_installed("openssl");
    if !has_tls {
        say("NO CONNECTIONS WITH TLS, since there is no `openssl`");
    }
    let folder = server.scratch.join("reach");
    fs::create_dir_all(&folder)?;
    let (running, port) = start(server, &folder, has_tls)?;
    let mut session = running.connect()?;
    for statement in generate::ROLES.lines() {
        session.query(statement).with_context(|| statement.to_owned())?;
    }
    fs::write(folder.join("roles.sql"), generate::ROLES)?;
    let mut client = Client::new(server.scratch.join("log"), running.socket().to_owned(), port)?;
    let mut figures = Figures::default();
    for index in 0..plan.count {
        let mut dice = Dice::new(plan.seed, index * 100 + u64::from(server.major));
        let files = generate::files(&mut dice, server.major, index);
        for (name, text) in &files {
            fs::write(folder.join(name), text)?;
        }
        session.query("select pg_reload_conf()")?;
        wait(&mut client, index)?;
        let questions = generate::questions(&mut dice, QUESTIONS, has_tls);
        let ours = ours(&folder, server.major, &questions)?;
        for (question, ours) in questions.iter().zip(&ours) {
            let told = client.ask(question).with_context(|| format!("{question:?}"))?;
            figures.connections += 1;
            figures.by_row += usize::from(told != Told::NoRow);
            figures.uncertain += usize::from(!ours.certain);
            if !ours.allows(&told) {
                figures.disagreements.push(format!(
                    "  {question:?}\n    server:  {told:?}\n    pgassay: {ours:?}\n{}",
                    files.iter().map(|(name, text)| format!("--- {name}\n{text}")).collect::<String>()
                ));
            }
        }
        for (name, _) in &files {
            fs::remove_file(folder.join(name))?;
        }
    }
    drop(session);
    drop(running);
    Ok(figures)
}

/// Starts the server on a copy of its data directory, which gets roles, with the access file in `folder`.
fn start(server: &Server, folder: &Path, has_tls: bool) -> Result<(Running, u16)> {
    let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    fs::write(folder.join("pg_hba.conf"), "local all all trust\n")?;
    let mut options = vec![
        "listen_addresses=127.0.0.1,::1".to_owned(),
        format!("hba_file={}", folder.join("pg_hba.conf").display()),
        "log_min_messages=log".to_owned(),
        "log_line_prefix=".to_owned(),
    ];
    if has_tls {
        let (key, certificate) = (folder.join("server.key"), folder.join("server.crt"));
        let output = Command::new("openssl")
            .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"])
            .arg("-keyout")
            .arg(&key)
            .arg("-out")
            .arg(&certificate)
            .output()?;
        ensure!(output.status.success(), "openssl req fails: {}", String::from_utf8_lossy(&output.stderr));
        server.give(&key, 0o600)?;
        server.give(&certificate, 0o644)?;
        options.push("ssl=on".to_owned());
        options.push(format!("ssl_cert_file={}", certificate.display()));
        options.push(format!("ssl_key_file={}", key.display()));
    }
    Ok((server.start_copy(port, &options)?, port))
}

/// Waits until the postmaster has read the file of a number: its first entry is for a database of its own.
fn wait(client: &mut Client, index: u64) -> Result<()> {
    let marker = Asked {
        kind: Kind::Local,
        from: None,
        database: generate::marker(index),
        user: "postgres".to_owned(),
        replication: false,
    };
    for _ in 0..500 {
        if let Told::Row { text, .. } = client.ask(&marker)?
            && text.contains(&marker.database)
        {
            return Ok(());
        }
        sleep(Duration::from_millis(5));
    }
    bail!("the server does not read file {index}: {}", client.log()?)
}

/// What pgassay says of a connection.
#[derive(Debug)]
struct Ours {
    certain: bool,
    /// The rows that may decide: file, line and method.
    rows: Vec<(String, u64, String)>,
    may_fall_through: bool,
}

impl Ours {
    fn allows(&self, told: &Told) -> bool {
        match told {
            Told::Row { file, line, .. } => {
                let mut rows = self.rows.iter();
                rows.any(|row| file.as_ref().is_none_or(|file| *file == row.0) && row.1 == *line && row.2 == "password")
            }
            Told::Rejected => self.rows.iter().any(|row| row.2 == "reject"),
            Told::NoRow => self.may_fall_through,
        }
    }
}

fn ours(folder: &Path, major: u8, questions: &[Asked]) -> Result<Vec<Ours>> {
    let file = folder.join("questions.tsv");
    fs::write(&file, questions.iter().map(Asked::line).collect::<String>())?;
    let output = Command::new(pgassay())
        .args(["hba", "trace", "pg_hba.conf", "roles.sql", "--questions", "questions.tsv", "--format", "json"])
        .args(["--no-config", "--server-address", "127.0.0.1/8", "--pg", &major.to_string()])
        .current_dir(folder)
        .output()?;
    ensure!(output.status.success(), "pgassay fails: {}", String::from_utf8_lossy(&output.stderr));
    let json: Value = serde_json::from_slice(&output.stdout)?;
    let traces = json["traces"].as_array().context("no traces")?;
    let known: BTreeMap<&str, &Value> =
        traces.iter().filter_map(|trace| Some((trace["connection"].as_str()?, trace))).collect();
    ensure!(traces.len() == questions.len() && known.len() == traces.len(), "an answer per question is wanted");
    traces.iter().map(one).collect()
}

fn one(trace: &Value) -> Result<Ours> {
    ensure!(trace["refused"].is_null(), "refused: {}", trace["refused"]);
    let rows = trace["rows"].as_array().context("no rows")?;
    let row = |row: &Value| {
        let path = row["path"].as_str()?;
        Some((path.to_owned(), row["line"].as_u64()?, row["method"].as_str()?.to_owned()))
    };
    Ok(Ours {
        certain: trace["certain"].as_bool().context("certain")?,
        rows: rows.iter().map(|of| row(of).context("a row lacks something")).collect::<Result<_>>()?,
        may_fall_through: trace["may-fall-through"].as_bool().context("may-fall-through")?,
    })
}

#[cfg(test)]
mod tests {
    use super::Plan;

    #[test]
    fn arguments_are_read() {
        let plan = Plan::parse(&["--majors", "10,18", "--count", "7", "--seed", "9"]).unwrap();
        assert_eq!(plan, Plan { majors: vec![10, 18], count: 7, seed: 9 });
        assert_eq!(Plan::parse(&["--all"]).unwrap().majors.len(), 9);
        for wrong in [&["--majors", "9"][..], &["--count"], &["--nope", "1"]] {
            assert!(Plan::parse(wrong).is_err());
        }
    }
}
