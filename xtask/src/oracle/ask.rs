//! Asks a server what it makes of a file.
//!
//! Each kind has a view that reads the file anew at each query: `pg_hba_file_rules` (10 and later),
//! `pg_ident_file_mappings` (15 and later; before, see [`super::reload`]) and `pg_file_settings`. Error texts may not be
//! UTF-8, so they come in hexadecimal digits.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::PathBuf;
use std::thread::sleep;
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use super::reload::Reloads;
use super::{Kind, settings};
use crate::servers::{Running, Server};
use crate::wire::Connection;

/// What a server says of a file.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Verdict {
    /// The refused lines, by the server's count, with its message; some have none.
    pub(super) refused: BTreeMap<u32, String>,
    /// Messages that name no line (pg_ident.conf before 15).
    pub(super) unplaced: Vec<String>,
    /// Lines of which this server cannot tell, and why.
    pub(super) unknown: BTreeMap<u32, &'static str>,
}

pub(super) const CRASH: &str = "files that crash the server";

/// A running server that is asked about files.
#[derive(Debug)]
pub(super) struct Oracle<'s> {
    pub(super) server: &'s Server,
    /// Before the running server: a session that is open keeps it from nothing, but ends first.
    pub(super) session: Connection,
    /// Where the server looks for its files.
    pub(super) live: PathBuf,
    reloads: Option<Reloads>,
    /// The settings that only a start can change.
    pub(super) at_start: Vec<String>,
    /// Lines that were asked of a start, with the answer.
    pub(super) starts: HashMap<Vec<u8>, bool>,
    running: Running,
}

impl<'s> Oracle<'s> {
    pub(super) fn start(server: &'s Server) -> Result<Self> {
        let live = server.scratch.join("live");
        fs::create_dir_all(&live)?;
        fs::write(live.join(Kind::Hba.file()), "local all all trust\n")?;
        fs::write(live.join(Kind::Ident.file()), "")?;
        fs::write(live.join(Kind::Conf.file()), "")?;
        let place = |name: &str, kind: Kind| format!("{name}={}", live.join(kind.file()).display());
        let mut options = vec![
            place("config_file", Kind::Conf),
            place("hba_file", Kind::Hba),
            place("ident_file", Kind::Ident),
            "autovacuum=off".to_owned(),
            "log_line_prefix=".to_owned(),
            "log_min_messages=log".to_owned(),
        ];
        if server.major >= 18 {
            // Without a library the method cannot be written at all. It is only loaded for a login.
            options.push("oauth_validator_libraries=v1".to_owned());
        }
        let running = server.start(&options)?;
        let mut session = running.connect()?;
        let at_start = session.query("select name from pg_settings where context = 'postmaster'")?;
        let at_start = at_start.into_iter().flatten().flatten().collect();
        let reloads = (server.major < 15).then(|| Reloads::new(server.scratch.join("log")));
        Ok(Self { server, session, live, reloads, at_start, starts: HashMap::new(), running })
    }

    /// The verdict on a file of these bytes, or why there is none. A server that crashes is waited for.
    pub(super) fn verdict(&mut self, kind: Kind, bytes: &[u8]) -> Result<Result<Verdict, &'static str>> {
        match self.ask(kind, bytes) {
            Err(error) if error.is::<std::io::Error>() => {
                for _ in 0..200 {
                    sleep(Duration::from_millis(50));
                    if let Ok(session) = self.running.connect() {
                        self.session = session;
                        return Ok(Err(CRASH));
                    }
                }
                Err(error)
            }
            // The check of a value may end the query, as the catalogs are there to look into.
            Err(error) if kind == Kind::Conf && error.source().is_none() => {
                println!("the view of {} ends with an error: {error}", self.server.major);
                Ok(Err("files on which the view ends with an error"))
            }
            verdict => verdict.map(Ok),
        }
    }

    fn ask(&mut self, kind: Kind, bytes: &[u8]) -> Result<Verdict> {
        match kind {
            Kind::Hba => self.view(kind, bytes, "pg_hba_file_rules", "type"),
            Kind::Ident => {
                if let Some(mut reloads) = self.reloads.take() {
                    // A good file stays in place of the one that was asked about last.
                    fs::write(self.live.join(Kind::Hba.file()), "local all all trust\n")?;
                    fs::write(self.live.join(Kind::Conf.file()), "")?;
                    self.write(kind, bytes)?;
                    let verdict = reloads.verdict(&mut self.session);
                    self.reloads = Some(reloads);
                    return verdict;
                }
                self.view(kind, bytes, "pg_ident_file_mappings", "map_name")
            }
            Kind::Conf => settings::verdict(self, bytes),
        }
    }

    pub(super) fn write(&self, kind: Kind, bytes: &[u8]) -> Result<()> {
        let path = self.live.join(kind.file());
        fs::write(&path, bytes).with_context(|| format!("cannot write {}", path.display()))
    }

    /// A line is refused if its row has nothing in a column that is never empty; the error text alone says too
    /// little, since some refusals have none and some warnings have one.
    fn view(&mut self, kind: Kind, bytes: &[u8], view: &str, column: &str) -> Result<Verdict> {
        self.write(kind, bytes)?;
        let rows = self.session.query(&format!(
            "select line_number, encode(textsend(error), 'hex') from {view} where {column} is null and line_number is not null"
        ))?;
        let mut verdict = Verdict::default();
        for row in rows {
            let [Some(line), error] = row.as_slice() else { continue };
            let line = line.parse()?;
            let message = error.as_deref().map_or_else(|| Ok(String::new()), text)?;
            match cannot_tell(&message) {
                Some(why) => drop(verdict.unknown.insert(line, why)),
                None => drop(verdict.refused.insert(line, message)),
            }
        }
        Ok(verdict)
    }
}

/// Why a refusal says something about the server's build or machine, and not about the line.
pub(crate) fn cannot_tell(message: &str) -> Option<&'static str> {
    [
        ("not supported by this build", "the server's build lacks the method"),
        ("not supported on this platform", "the server's build lacks the option"),
        ("could not translate RADIUS server name", "depends on name resolution"),
        ("could not parse RADIUS server", "depends on name resolution"),
        ("oauth_validator_libraries", "depends on oauth_validator_libraries"),
        ("oauth validator", "depends on oauth_validator_libraries"),
    ]
    .into_iter()
    .find(|(part, _)| message.contains(part))
    .map(|(_, why)| why)
}

/// Text that came in hexadecimal digits.
pub(super) fn text(digits: &str) -> Result<String> {
    Ok(String::from_utf8_lossy(&bytes(digits)?).into_owned())
}

pub(super) fn bytes(digits: &str) -> Result<Vec<u8>> {
    ensure!(digits.len().is_multiple_of(2), "half a byte in {digits}");
    let byte = |pair: &[u8]| Ok(u8::from_str_radix(std::str::from_utf8(pair)?, 16)?);
    digits.as_bytes().chunks(2).map(byte).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_builds_and_machines_decide_is_no_verdict() {
        assert!(cannot_tell("invalid authentication method \"ldap\": not supported by this build").is_some());
        assert!(cannot_tell("invalid authentication method \"nope\"").is_none());
        assert_eq!(text("61ff").unwrap(), "a\u{fffd}");
        assert!(text("6").is_err());
    }
}
