//! pg_ident.conf before 15: no view shows it, so the server is told to reload and its log is read.
//!
//! A reload is over when the next one begins. So each file is loaded twice, and what stands in the log between the two
//! beginnings is what the server says of it.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::PathBuf;
use std::thread::sleep;
use std::time::Duration;

use anyhow::{Result, bail};

use super::ask::Verdict;
use crate::wire::Connection;

const BEGIN: &str = "received SIGHUP, reloading configuration files";

/// The server's log, as far as it has been read.
#[derive(Debug)]
pub(super) struct Reloads {
    log: PathBuf,
    read: u64,
}

impl Reloads {
    pub(super) fn new(log: PathBuf) -> Self {
        Self { log, read: 0 }
    }

    /// The verdict on the pg_ident.conf that lies there.
    pub(super) fn verdict(&mut self, session: &mut Connection) -> Result<Verdict> {
        self.reload(session)?;
        let text = self.reload(session)?;
        let mut verdict = Verdict::default();
        for (message, line) in messages(&text) {
            match line {
                Some(line) => drop(verdict.refused.entry(line).or_insert(message)),
                None => verdict.unplaced.push(message),
            }
        }
        Ok(verdict)
    }

    /// Begins a reload; gives what was logged before it.
    fn reload(&mut self, session: &mut Connection) -> Result<String> {
        session.query("select pg_reload_conf()")?;
        let mut file = File::open(&self.log)?;
        for _ in 0..20_000 {
            file.seek(SeekFrom::Start(self.read))?;
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes)?;
            let text = String::from_utf8_lossy(&bytes).into_owned();
            // Offsets are those of the bytes: the lossy text may be longer.
            let end = bytes.windows(BEGIN.len()).position(|window| window == BEGIN.as_bytes());
            if let (Some(end), Some((before, _))) = (end, text.split_once(BEGIN)) {
                self.read += (end + BEGIN.len()) as u64;
                return Ok(before.to_owned());
            }
            sleep(Duration::from_micros(500));
        }
        bail!("the server does not reload")
    }
}

/// The messages on pg_ident.conf in a piece of the log, with the lines that they name.
fn messages(log: &str) -> Vec<(String, Option<u32>)> {
    let mut found: Vec<(String, Option<u32>)> = Vec::new();
    let mut ours = false;
    for line in log.lines() {
        if let Some(message) = line.strip_prefix("LOG:  ") {
            let known = [
                "missing entry in file",
                "multiple values in ident field",
                "invalid regular expression",
                "authentication file",
                "could not open secondary authentication file",
            ];
            ours = known.iter().any(|start| message.starts_with(start));
            if ours {
                found.push((message.to_owned(), number(message, " at end of line ")));
            }
        } else if let (Some(context), Some(last)) = (line.strip_prefix("CONTEXT:  "), found.last_mut())
            && ours
        {
            last.1 = last.1.or_else(|| number(context, "line "));
        }
    }
    found
}

fn number(text: &str, before: &str) -> Option<u32> {
    let (_, after) = text.rsplit_once(before)?;
    after.split(|end: char| !end.is_ascii_digit()).next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_names_lines_in_two_ways_or_not_at_all() {
        let log = "\nLOG:  missing entry in file \"/x\" at end of line 3\nLOG:  multiple values in ident field\nCONTEXT:  line 4 \
                   of configuration file \"/x\"\nLOG:  invalid regular expression \"(\": parentheses () not balanced\nLOG:  \
                   pg_ident.conf was not reloaded\n";
        let found = messages(log).into_iter().map(|(_, line)| line).collect::<Vec<_>>();
        assert_eq!(found, [Some(3), Some(4), None]);
    }
}
