//! Plays a tree on real servers: starts its nodes, runs its SQL, and looks whether the row of the probe arrives.
//!
//! What that proves about a claim is judged elsewhere.

use std::io;
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Error, Result, bail};

use super::case::{Fails, Query, Tree, nodes};
use super::node::{Node, Ports};
use super::statements::{Step, steps};
use crate::servers::Server;
use crate::wire::Refused;

/// The node that standbys are copies of.
const PRIMARY: &str = "primary";

/// What keeps a primary from waiting for standbys that are yet to be made.
const ALONE: &[&str] = &["synchronous_standby_names="];

/// How long to go on looking for a row that a log says will not come.
const AFTERWARDS: Duration = Duration::from_millis(700);

/// A server, and a data directory to copy.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stock<'a> {
    pub(super) server: &'a Server,
    pub(super) template: &'a Path,
}

/// How far a tree came.
#[derive(Debug)]
pub(super) enum Ending {
    /// The row arrived.
    Works,
    /// It failed, with this answer of a server, if it gave one.
    Fails(Fails, String),
}

/// The servers of a tree.
#[derive(Debug)]
pub(super) struct Scene<'a> {
    nodes: Vec<Node<'a>>,
    limit: Duration,
}

impl<'a> Scene<'a> {
    /// Makes the servers of a tree below a folder, starts them and runs their SQL; how that fails, if it does. A
    /// statement that takes longer than the limit hangs.
    pub(super) fn open(
        tree: &Tree,
        stock: &dyn Fn(&str) -> Result<Stock<'a>>,
        folder: &Path,
        limit: Duration,
    ) -> Result<(Self, Option<Ending>)> {
        let ports = Ports::free()?;
        let mut scene = Self { nodes: Vec::new(), limit };
        let is_standby = |name: &&str| tree.contains_key(&format!("{name}/standby.signal"));
        let standbys: Vec<&str> = nodes(tree).filter(is_standby).collect();
        for name in nodes(tree).filter(|name| !is_standby(name)) {
            let Stock { server, template } = stock(name)?;
            let node = Node::new(server, name, folder, template, tree, &ports)?;
            // While a primary has no standby, it must not wait for one.
            if let Some(ending) = scene.start(node, !standbys.is_empty())? {
                return Ok((scene, Some(ending)));
            }
        }
        let mut files: Vec<(&str, &str, &str)> = tree.iter().filter_map(|(path, text)| sql(path, text)).collect();
        files.sort_unstable();
        let (first, then): (Vec<_>, Vec<_>) =
            files.into_iter().partition(|(_, node, _)| !standbys.is_empty() && *node == PRIMARY);
        if let Some(ending) = scene.run(&first, &ports)? {
            return Ok((scene, Some(ending)));
        }
        if !standbys.is_empty() {
            scene.node(PRIMARY)?.stop();
            let from = scene.node(PRIMARY)?.data().to_owned();
            for name in standbys {
                let node = Node::new(stock(name)?.server, name, folder, &from, tree, &ports)?;
                node.forget_slots()?;
                scene.nodes.push(node);
            }
            for node in &mut scene.nodes {
                if !node.runs()? && !node.start(&[])? {
                    let answer = node.log();
                    return Ok((scene, Some(Ending::Fails(Fails::Start, answer))));
                }
            }
        }
        let ending = scene.run(&then, &ports)?;
        Ok((scene, ending))
    }

    fn start(&mut self, mut node: Node<'a>, alone: bool) -> Result<Option<Ending>> {
        let starts = node.start(if alone { ALONE } else { &[] })?;
        let answer = node.log();
        self.nodes.push(node);
        Ok((!starts).then_some(Ending::Fails(Fails::Start, answer)))
    }

    fn node(&mut self, name: &str) -> Result<&mut Node<'a>> {
        self.nodes.iter_mut().find(|node| node.name == name).with_context(|| format!("there is no node {name}"))
    }

    /// Runs files of SQL, each by its name, its node and its text.
    fn run(&mut self, files: &[(&str, &str, &str)], ports: &Ports) -> Result<Option<Ending>> {
        let limit = self.limit;
        for (_, name, text) in files {
            let node = self.node(name)?;
            let mut session = node.session("postgres", Some(limit))?;
            for step in steps(&ports.put(text)) {
                match step {
                    Step::Connect(database) => session = node.session(database, Some(limit))?,
                    Step::Run(statement) => {
                        if let Err(error) = session.query(&statement) {
                            return Ok(Some(failed(error, Fails::Statement)?));
                        }
                    }
                }
            }
        }
        Ok(None)
    }

    /// Runs the source's part of a probe and waits for the target's to show a row: as long as `patience` says, or until
    /// a log holds what tells that none will come.
    pub(super) fn probe(
        &mut self,
        probe: &(Query, Query),
        patience: Duration,
        hopeless: &dyn Fn(&str) -> bool,
    ) -> Result<Ending> {
        let (source, target) = probe;
        if let Err(error) = self.ask(source) {
            return failed(error, Fails::Probe);
        }
        let begun = Instant::now();
        let mut told = None;
        while begun.elapsed() < patience && told.is_none_or(|told: Instant| told.elapsed() < AFTERWARDS) {
            if self.shows(target) {
                return Ok(Ending::Works);
            }
            if told.is_none() && hopeless(&self.logs()) {
                told = Some(Instant::now());
            }
            sleep(Duration::from_millis(50));
        }
        Ok(Ending::Fails(Fails::Replication, String::new()))
    }

    /// Promotes the node of the query, and runs it there.
    pub(super) fn promote(&mut self, query: &Query) -> Result<Ending> {
        let promotion = Query { sql: "SELECT pg_promote()".to_owned(), ..query.clone() };
        self.ask(&promotion)?;
        match self.ask(query) {
            Ok(_) => Ok(Ending::Works),
            Err(error) => failed(error, Fails::Promotion),
        }
    }

    /// Whether a query gives a row, which it does not either where it is refused.
    pub(super) fn shows(&mut self, query: &Query) -> bool {
        self.ask(query).is_ok_and(|some| some)
    }

    /// Whether a query gives a row.
    fn ask(&mut self, query: &Query) -> Result<bool> {
        let limit = self.limit;
        let mut session = self.node(&query.node)?.session(&query.database, Some(limit))?;
        Ok(!session.query(&query.sql)?.is_empty())
    }

    /// What all servers have written so far.
    pub(super) fn logs(&self) -> String {
        self.nodes.iter().map(|node| format!("--- {}\n{}", node.name, node.log())).collect()
    }
}

/// A file of SQL: its name, its node, its text.
fn sql<'t>(path: &'t str, text: &'t str) -> Option<(&'t str, &'t str, &'t str)> {
    let (node, file) = path.split_once("/sql/")?;
    Some((file, node, text))
}

/// What an error of a session comes to: refused at that point, or not answered in time.
fn failed(error: Error, point: Fails) -> Result<Ending> {
    if let Some(refused) = error.downcast_ref::<Refused>() {
        return Ok(Ending::Fails(point, refused.message.clone()));
    }
    match error.downcast_ref::<io::Error>().map(io::Error::kind) {
        Some(io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => Ok(Ending::Fails(Fails::Hang, String::new())),
        _ => bail!(error),
    }
}
