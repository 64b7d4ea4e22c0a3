//! One server of a pair: its data directory, start, sessions, log and stop.
//!
//! What the fixture's files say is left as it is, but for three things: ports become free ones, `peer` becomes `trust` for
//! our own sessions, which come from another user of the system, and what only makes the server quick or talkative is
//! set on the command line.

use std::fs::{self, File};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

use super::case::Tree;
use crate::servers::Server;
use crate::wire::Connection;

/// The ports that fixtures name.
const PORTS: [&str; 3] = ["54311", "54312", "54313"];

/// What is set on the command line. None of it decides whether nodes come together.
const OPTIONS: &[&str] = &[
    "fsync=off",
    "shared_buffers=8MB",
    "autovacuum=off",
    "log_checkpoints=off",
    // Below the data directory, so that a hard stop leaves nothing behind.
    "dynamic_shared_memory_type=mmap",
    "log_line_prefix=",
    "wal_retrieve_retry_interval=200ms",
    "wal_receiver_status_interval=1s",
];

/// How long a server may take to start.
const START: Duration = Duration::from_secs(60);

/// The ports of a tree: those that its files name, and the free ones in their place.
#[derive(Debug)]
pub(super) struct Ports(Vec<(&'static str, String)>);

impl Ports {
    /// Finds free ports.
    pub(super) fn free() -> Result<Self> {
        // Below those that systems give to clients, so that none of our own sessions takes one.
        static NEXT: AtomicU16 = AtomicU16::new(0);
        let base = 20_000 + (std::process::id() % 50) as u16 * 200;
        let mut free = Vec::new();
        for token in PORTS {
            let port = (0..2000)
                .map(|_| base + NEXT.fetch_add(1, Ordering::Relaxed) % 2000)
                .find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok())
                .context("no port is free")?;
            free.push((token, port.to_string()));
        }
        Ok(Self(free))
    }

    pub(super) fn put(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, (token, port)| text.replace(token, port))
    }
}

/// A server with a data directory of its own; it is stopped when this is dropped.
#[derive(Debug)]
pub(super) struct Node<'a> {
    pub(super) name: String,
    server: &'a Server,
    /// The data directory.
    data: PathBuf,
    log: PathBuf,
    port: String,
    child: Option<Child>,
}

impl<'a> Node<'a> {
    /// Makes the data directory of a node as a copy of another one, whose server must not run, with the node's files.
    pub(super) fn new(
        server: &'a Server,
        name: &str,
        folder: &Path,
        from: &Path,
        tree: &Tree,
        ports: &Ports,
    ) -> Result<Self> {
        let data = folder.join(name);
        ensure!(server.command("cp").arg("-a").arg(from).arg(&data).status()?.success(), "cannot copy {from:?}");
        let prefix = format!("{name}/");
        let files = tree.iter().filter_map(|(path, text)| Some((path.strip_prefix(&prefix)?, text)));
        let mut port = None;
        for (file, text) in files.filter(|(file, _)| !file.contains('/')) {
            let mut text = ports.put(text);
            if file == "pg_hba.conf" {
                text = text.lines().map(own_session).collect();
            }
            if file == "postgresql.conf" {
                port = text.lines().find_map(|line| Some(line.strip_prefix("port = ")?.trim().to_owned()));
            }
            fs::write(data.join(file), text)?;
        }
        let port = port.with_context(|| format!("{name}/postgresql.conf has no `port = `"))?;
        let log = folder.join(format!("{name}.log"));
        Ok(Self { name: name.to_owned(), server, data, log, port, child: None })
    }

    /// The data directory.
    pub(super) fn data(&self) -> &Path {
        &self.data
    }

    fn socket(&self) -> PathBuf {
        self.data.join(format!(".s.PGSQL.{}", self.port))
    }

    /// Starts the server; `false` if it ends instead of answering, as the log will tell.
    pub(super) fn start(&mut self, more: &[&str]) -> Result<bool> {
        let log = File::options().create(true).append(true).open(&self.log)?;
        let mut command = self.server.program("postgres");
        command.arg("-D").arg(&self.data).arg("-k").arg(&self.data);
        for option in OPTIONS.iter().chain(more) {
            command.args(["-c", option]);
        }
        self.child = Some(command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).spawn()?);
        let begun = Instant::now();
        while begun.elapsed() < START {
            if self.session("postgres", None).and_then(|mut session| session.query("SELECT")).is_ok() {
                return Ok(true);
            }
            if !self.runs()? {
                return Ok(false);
            }
            sleep(Duration::from_millis(20));
        }
        bail!("{} does not answer: {}", self.name, self.log());
    }

    /// Whether the server is up, or on its way.
    pub(super) fn runs(&mut self) -> Result<bool> {
        Ok(match &mut self.child {
            Some(child) => child.try_wait()?.is_none(),
            None => false,
        })
    }

    /// Removes the replication slots, which a base backup of a primary leaves out.
    pub(super) fn forget_slots(&self) -> Result<()> {
        for slot in fs::read_dir(self.data.join("pg_replslot"))? {
            fs::remove_dir_all(slot?.path())?;
        }
        Ok(())
    }

    /// Opens a session as `postgres`.
    pub(super) fn session(&self, database: &str, limit: Option<Duration>) -> Result<Connection> {
        Connection::open_in(&self.socket(), database, limit)
    }

    /// What the server has written so far.
    pub(super) fn log(&self) -> String {
        fs::read(&self.log).map(|log| String::from_utf8_lossy(&log).into_owned()).unwrap_or_default()
    }

    /// Stops the server so that its data directory is whole.
    pub(super) fn stop(&mut self) {
        self.end("-INT");
    }

    fn end(&mut self, signal: &str) {
        if let Some(mut child) = self.child.take() {
            let _ = Command::new("kill").args([signal, &child.id().to_string()]).stderr(Stdio::null()).status();
            let _ = child.wait();
        }
    }
}

impl Drop for Node<'_> {
    fn drop(&mut self) {
        // SIGQUIT is the immediate shutdown: others that are still connected are not waited for.
        self.end("-QUIT");
    }
}

/// A line of pg_hba.conf, with sessions from this machine's sockets let in.
fn own_session(line: &str) -> String {
    let line = if line.starts_with("local ") { line.replace(" peer", " trust") } else { line.to_owned() };
    line + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_sessions_are_let_in() {
        assert_eq!(own_session("local  all  postgres  peer"), "local  all  postgres  trust\n");
        assert_eq!(own_session("host  peer  peer  ::1/128  reject"), "host  peer  peer  ::1/128  reject\n");
    }

    #[test]
    fn ports_are_put_in_place_of_those_named() {
        let ports = Ports::free().unwrap();
        assert_ne!(ports.put("port = 54311"), ports.put("port = 54312"));
        assert!(!ports.put("54311 54312 54313").contains("543"));
    }
}
