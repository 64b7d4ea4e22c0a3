//! What only a start of the server tells: settings that contradict each other, and the settings of recovery.
//!
//! Each start is in a copy of the data directory, and over as soon as the log tells whether the settings are taken.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use anyhow::{Result, ensure};

use super::ask::Verdict;
use super::dice::Dice;
use super::{Kind, case, grammar};
use crate::servers::Server;

/// Settings that a start looks at together, with values on both sides of what is taken.
const TOGETHER: &[(&str, &[&str])] = &[
    ("wal_level", &["minimal", "replica", "logical", "archive", "hot_standby"]),
    ("max_wal_senders", &["0", "1", "10", "20"]),
    ("archive_mode", &["on", "off", "always"]),
    ("summarize_wal", &["on", "off"]),
    ("max_connections", &["1", "2", "5", "10", "13", "20"]),
    ("superuser_reserved_connections", &["0", "1", "3", "5", "10", "20"]),
    ("reserved_connections", &["0", "1", "5", "10"]),
    ("min_wal_size", &["2", "16MB", "32MB", "80MB"]),
    ("max_wal_size", &["2", "31MB", "32MB", "1GB"]),
    ("max_replication_slots", &["0", "10"]),
    ("hot_standby", &["on", "off"]),
    ("archive_command", &["true", "''"]),
    ("archive_library", &["''", "basic_archive"]),
];

/// Settings of recovery. What a restore gives, the values of `restore_command` keep from mattering.
const RECOVERY: &[(&str, &[&str])] = &[
    ("restore_command", &["false", "'cp /nonexistent/%f %p'", "''", "'cp %x'"]),
    ("recovery_end_command", &["false", "'x %r'"]),
    ("archive_cleanup_command", &["false", "''"]),
    ("primary_conninfo", &["'host=/nonexistent'", "''"]),
    ("primary_slot_name", &["s", "'S'", "''"]),
    ("recovery_target", &["immediate", "'immediate'", "''", "now"]),
    ("recovery_target_name", &["a", "''"]),
    ("recovery_target_time", &["'2030-01-01 00:00:00'", "now", "'NOW'", "epoch", "'2030-13-01'", "''"]),
    ("recovery_target_xid", &["100000", "0", "1x", "''", "0x10"]),
    ("recovery_target_lsn", &["'9/0'", "'9'", "'X/0'", "''"]),
    ("recovery_target_inclusive", &["on", "false", "2"]),
    ("recovery_target_action", &["pause", "promote", "shutdown", "Pause", "stop"]),
    ("recovery_target_timeline", &["latest", "current", "1", "'latest'", "newest", "''"]),
    ("recovery_min_apply_delay", &["0", "5min", "-1", "1x"]),
    ("trigger_file", &["'/nonexistent'"]),
    ("promote_trigger_file", &["'/nonexistent'"]),
    ("standby_mode", &["on", "off", "2"]),
    ("hot_standby", &["on", "off"]),
    ("nope", &["1"]),
];

/// The file that says in which state the data directory is.
const CONTROL: &str = "global/pg_control";

/// An input of this kind. See [`case`] for its form.
pub(super) fn text(dice: &mut Dice, settings: &[(String, String)], odd: bool) -> String {
    let mut text = String::new();
    let recovery = !dice.once_in(3);
    for _ in 0..=dice.below(if recovery { 1 } else { 4 }) {
        text.push_str(&line(dice, TOGETHER, false));
    }
    if recovery {
        text.push_str(dice.pick(&["### standby.signal\n", "### recovery.signal\n", "### recovery.signal\n"]));
        if !dice.once_in(3) {
            text.push_str("restore_command = 'false'\n");
        }
        for _ in 0..dice.below(4) {
            text.push_str(&line(dice, RECOVERY, odd));
        }
        if odd && dice.once_in(3) {
            let names: Vec<&(String, String)> = settings.iter().filter(|(name, _)| is_of_recovery(name)).collect();
            if let Some((name, value)) = names.get(dice.below(names.len())).copied() {
                text.push_str(&format!("{name} = '{}'\n", value.replace('\'', "''")));
            }
        }
        if dice.once_in(12) {
            text.push_str(dice.pick(&["### standby.signal\n", "### recovery.signal\n"]));
        }
    }
    text
}

fn is_of_recovery(name: &str) -> bool {
    RECOVERY.iter().any(|(known, _)| *known == name)
}

fn line(dice: &mut Dice, from: &[(&str, &[&str])], odd: bool) -> String {
    let (name, values) = from[dice.below(from.len())];
    let name = if odd && dice.once_in(10) { name.to_uppercase() } else { name.to_owned() };
    let value = dice.pick(values);
    let value = if odd && dice.once_in(6) { value.trim_matches('\'').to_owned() } else { value.to_owned() };
    let between = dice.pick(if odd { grammar::BETWEEN } else { &[" = "] });
    format!("{name}{between}{value}{}\n", if odd { dice.pick(&["", "", "", " # c", " x", "#"]) } else { "" })
}

/// The data directory of starts: a copy, since a server that is asked other things runs in the other one.
#[derive(Debug)]
pub(super) struct Starts {
    data: PathBuf,
    /// What `global/pg_control` held.
    control: Vec<u8>,
    /// The files of the folders in which a start makes some: the directory itself, and that of the log.
    files: Vec<(PathBuf, BTreeSet<OsString>)>,
}

impl Starts {
    /// Copies the data directory, whose server must not run.
    pub(super) fn new(server: &Server) -> Result<Self> {
        let data = server.scratch.join("data");
        let output = Command::new("cp").arg("-a").arg(&server.data).arg(&data).output()?;
        ensure!(output.status.success(), "cp fails: {}", String::from_utf8_lossy(&output.stderr));
        let folders = [data.clone(), data.join("pg_wal")];
        let files = folders.map(|folder| Ok((folder.clone(), names(&folder)?))).into_iter().collect::<Result<_>>()?;
        Ok(Self { control: fs::read(data.join(CONTROL))?, data, files })
    }

    /// Undoes what a start has done, as far as the next one looks at it. None of them gets as far as to change data.
    fn reset(&self) -> Result<()> {
        fs::write(self.data.join(CONTROL), &self.control)?;
        for (folder, files) in &self.files {
            for name in names(folder)?.difference(files) {
                fs::remove_file(folder.join(name))?;
            }
        }
        Ok(())
    }

    /// What a start says.
    pub(super) fn verdict(&self, server: &Server, bytes: &[u8]) -> Result<Verdict> {
        self.reset()?;
        case::write(&self.data, Kind::Recovery, server.major, bytes)?;
        let log = server.scratch.join("start.log");
        let mut child = server
            .program("postgres")
            .arg("-D")
            .arg(&self.data)
            .arg("-k")
            .arg(&server.scratch)
            .args(["-p", "5433", "-c", "listen_addresses=", "-c", "fsync=off", "-c", "log_min_messages=log"])
            .args(["-c", "log_line_prefix=", "-c", "shared_buffers=1MB"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(File::create(&log)?)
            .spawn()?;
        let mut verdict = None;
        for _ in 0..4000 {
            let ended = child.try_wait()?.is_some();
            let text = String::from_utf8_lossy(&fs::read(&log)?).into_owned();
            verdict = judged(&text, ended);
            if verdict.is_some() {
                break;
            }
            sleep(Duration::from_millis(5));
        }
        // SIGQUIT is the immediate shutdown.
        let _ = Command::new("kill").args(["-QUIT", &child.id().to_string()]).stderr(Stdio::null()).status();
        child.wait()?;
        Ok(verdict.unwrap_or_else(|| Verdict::unknown("does not say within 20 seconds")))
    }
}

/// What the log of a start comes to, if it tells yet.
fn judged(log: &str, ended: bool) -> Option<Verdict> {
    const TAKEN: &[&str] = &[
        "entering standby mode",
        "starting point-in-time recovery",
        "starting archive recovery",
        "database system is ready to accept",
    ];
    const OF_MACHINE: &[&str] = &["could not map", "shared memory", "Cannot allocate", "does not exist in file"];
    if TAKEN.iter().any(|part| log.contains(part)) {
        return Some(Verdict::default());
    }
    let refusal = log.lines().find(|line| line.starts_with("FATAL:") || line.starts_with("postgres: "));
    const ALWAYS: &[&str] = &["starting PostgreSQL", "listening on", "database system was shut down"];
    let says = |line: &&str| line.starts_with("LOG:") && !ALWAYS.iter().any(|part| line.contains(part));
    let first = log.lines().find(says);
    match refusal.or(first.filter(|_| ended)) {
        Some(line) if OF_MACHINE.iter().any(|part| line.contains(part)) => {
            Some(Verdict::unknown("depends on the machine"))
        }
        Some(line) if line.contains("recovery target timeline") && line.contains("does not exist") => {
            Some(Verdict::unknown("depends on the timelines that are there"))
        }
        Some(line) => Some(Verdict::refused(line.to_owned())),
        // A server that refuses says why; one that was ended, by a machine that is too busy, does not.
        None => ended.then(|| Verdict::unknown("ends without a word")),
    }
}

fn names(folder: &Path) -> Result<BTreeSet<OsString>> {
    fs::read_dir(folder)?.map(|entry| Ok(entry?.file_name())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_tells() {
        assert_eq!(judged("LOG:  starting PostgreSQL 15\n", false), None);
        let taken = judged("LOG:  starting PostgreSQL 15\nLOG:  entering standby mode\n", false);
        assert_eq!(taken, Some(Verdict::default()));
        let killed = judged("LOG:  listening on Unix socket \"/x\"\n", true);
        assert!(killed.is_some_and(|verdict| verdict.refused.is_empty()));
        let refused = judged("FATAL:  must specify restore_command\n", false).unwrap();
        assert_eq!(refused.refused.len(), 1);
    }
}
