//! Reads `verdicts-pgNN.tsv`: what the servers of one major say of files, a row for each file and line.
//!
//! The first row names the columns: `file`, `kind`, `line` (0 for the whole file), `verdict` and `message`; others are
//! passed over. A message may begin with `[pass N]`: the server stops at the first sort of error, so what it refuses was
//! taken out and it was asked again. `[pass 99] startup:` is the complaint of a start.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use anyhow::{Context, Result, ensure};

use crate::oracle::ask::cannot_tell;

/// After as many passes the server was not asked again.
const MOST_PASSES: u32 = 11;
/// The pass that is a start.
const START: u32 = 99;

/// What the servers of one major say of a file.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Verdict {
    /// The refused lines, with the server's message.
    pub(super) refused: BTreeMap<u32, String>,
    /// Lines that another machine or build may judge otherwise.
    pub(super) machine: BTreeSet<u32>,
    /// The complaint of a start.
    pub(super) start: Option<String>,
    /// Whether there may be more errors than those listed.
    pub(super) cut: bool,
    /// Why the file is not judged: it is a template.
    pub(super) skip: Option<String>,
}

/// The files of a table, by kind and path.
pub(super) type Table = BTreeMap<(String, PathBuf), Verdict>;

pub(super) fn read(table: &[u8]) -> Result<Table> {
    let mut rows = table.split(|&byte| byte == b'\n').map(|row| row.strip_suffix(b"\r").unwrap_or(row));
    let header: Vec<&[u8]> = rows.next().unwrap_or_default().split(|&byte| byte == b'\t').collect();
    let column = |name: &str| {
        header.iter().position(|column| *column == name.as_bytes()).with_context(|| format!("no column `{name}`"))
    };
    let columns = [column("file")?, column("kind")?, column("line")?, column("verdict")?, column("message")?];
    let mut files = Table::new();
    for (number, row) in (2..).zip(rows).filter(|(_, row)| !row.is_empty()) {
        let cells: Vec<&[u8]> = row.split(|&byte| byte == b'\t').collect();
        let cell = |at: usize| cells.get(at).copied().unwrap_or_default();
        let [file, kind, line, verdict, message] = columns.map(cell);
        ensure!(!file.is_empty(), "row {number} names no file");
        let text = |cell: &[u8]| String::from_utf8_lossy(cell).into_owned();
        let line = text(line).parse().with_context(|| format!("row {number}: the line is no number"))?;
        let entry = files.entry((text(kind), PathBuf::from(OsStr::from_bytes(file)))).or_default();
        entry.add(line, &text(verdict), text(message)).with_context(|| format!("row {number}"))?;
    }
    Ok(files)
}

impl Verdict {
    fn add(&mut self, line: u32, verdict: &str, message: String) -> Result<()> {
        let pass = pass(&message);
        self.cut |= pass.is_some_and(|pass| (MOST_PASSES..START).contains(&pass));
        match verdict {
            "ok" => {}
            "skip" => self.skip = Some(message),
            "error" if pass == Some(START) => self.start = Some(message),
            // What the server's build cannot do, another build can.
            "env" | "error" if verdict == "env" || cannot_tell(&message).is_some() => {
                self.machine.insert(line);
            }
            "error" => {
                self.refused.insert(line, message);
            }
            _ => anyhow::bail!("the verdict `{verdict}` is none of ok, error, env and skip"),
        }
        Ok(())
    }
}

/// The number in `[pass N]`.
fn pass(message: &str) -> Option<u32> {
    message.strip_prefix("[pass ")?.split_once(']')?.0.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_gathered_by_file() {
        let table = read(
            "file\tkind\tline\tverdict\tmessage\ttext\n\
             a b#é%\tpg_hba\t0\tok\t3 rules\t\n\
             c\tpostgresql\t7\terror\t[pass 11] syntax error\tx\n\
             c\tpostgresql\t0\terror\t[pass 99] startup: no\t\n\
             c\tpostgresql\t9\tenv\t[pass 1] no such locale\ty\r\n\
             d\tpg_hba\t4\terror\tinvalid authentication method \"ldap\": not supported by this build\t\n\
             e\tlookalike\t0\tskip\ttemplate:x\t\n"
                .as_bytes(),
        )
        .unwrap();
        let of = |kind: &str, file: &str| &table[&(kind.to_owned(), PathBuf::from(file))];
        assert_eq!(of("pg_hba", "a b#é%"), &Verdict::default());
        let conf = of("postgresql", "c");
        assert_eq!(conf.refused, BTreeMap::from([(7, "[pass 11] syntax error".to_owned())]));
        assert_eq!((conf.start.as_deref(), conf.cut), (Some("[pass 99] startup: no"), true));
        assert_eq!(conf.machine, BTreeSet::from([9]));
        let ldap = of("pg_hba", "d");
        assert_eq!((ldap.refused.len(), &ldap.machine), (0, &BTreeSet::from([4])));
        assert_eq!(of("lookalike", "e").skip.as_deref(), Some("template:x"));
    }

    #[test]
    fn what_cannot_be_read_is_an_error() {
        let table = |row: &str| read(format!("file\tkind\tline\tverdict\tmessage\n{row}\n").as_bytes());
        assert!(table("a\tpg_hba\t0\tok\t").is_ok());
        for row in ["a\tpg_hba\tx\tok\t", "a\tpg_hba\t0\tmaybe\t", "\tpg_hba\t0\tok\t", "a"] {
            assert!(table(row).is_err(), "{row}");
        }
        assert!(read(b"file\tkind\n").is_err());
    }
}
