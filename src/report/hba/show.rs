//! `pgassay hba show`: the effective access table, as text, as JSON and as a page.

use std::io::{self, Write};

use serde::Serialize;

use super::ShownRow;
use crate::catalog::Majors;

#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Tables {
    pub(crate) version: u32,
    pub(crate) tables: Vec<Table>,
}

/// The table of a node on majors that give the same.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Table {
    pub(crate) node: String,
    pub(crate) majors: Vec<u8>,
    /// Why the file cannot be used at all, if so.
    pub(crate) refused: Option<String>,
    /// Whether all rows of the file are known.
    pub(crate) complete: bool,
    /// What is not in an entry is refused, as no row matches.
    pub(crate) entries: Vec<Entry>,
}

/// Connections for which the same row decides.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Entry {
    /// The users in words.
    pub(crate) users: String,
    /// The databases in words.
    pub(crate) databases: String,
    pub(crate) kinds: String,
    /// The addresses in words.
    pub(crate) from: String,
    /// The first and last address of each range; none for sockets.
    pub(crate) ranges: Vec<(String, String)>,
    /// The row that decides unless one in doubt does; absent where none matches then.
    pub(crate) row: Option<ShownRow>,
    /// What a client must present by it; absent where it is refused.
    pub(crate) proof: Option<String>,
    /// Rows that may decide before.
    pub(crate) in_doubt: Vec<ShownRow>,
    /// How strong the proof is, for colours.
    #[serde(skip)]
    pub(crate) class: &'static str,
}

impl Entry {
    pub(crate) fn is_refused(&self) -> bool {
        self.proof.is_none() && self.in_doubt.is_empty()
    }
}

pub(crate) fn text(tables: &[Table], verbose: bool, out: &mut dyn Write) -> io::Result<()> {
    for (index, table) in tables.iter().enumerate() {
        if index > 0 {
            writeln!(out)?;
        }
        let majors = table.majors.iter().copied().collect::<Majors>();
        writeln!(out, "{} (PostgreSQL {majors})", table.node)?;
        if let Some(why) = &table.refused {
            writeln!(out, "  no answer: {why}")?;
            continue;
        }
        if !table.complete {
            writeln!(out, "  not certain: lines of the file cannot be read, and may decide before these")?;
        }
        for entry in table.entries.iter().filter(|entry| verbose || !entry.is_refused()) {
            writeln!(out, "  {} on {}", entry.users, entry.databases)?;
            match entry.ranges.is_empty() {
                true => write!(out, "    {}: ", entry.from)?,
                false => write!(out, "    {} from {}: ", entry.kinds, entry.from)?,
            }
            match (&entry.row, &entry.proof) {
                (Some(row), Some(proof)) => writeln!(out, "{} ({}:{}): {proof}", row.method, row.path, row.line)?,
                (Some(row), None) => writeln!(out, "refused ({}:{})", row.path, row.line)?,
                (None, _) => writeln!(out, "refused")?,
            }
            for row in &entry.in_doubt {
                writeln!(out, "      unless {}:{} matches: {}", row.path, row.line, row.text)?;
            }
        }
        writeln!(out, "  All else is refused.")?;
    }
    Ok(())
}
