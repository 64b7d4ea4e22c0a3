//! `pgassay hba diff`: who gains or loses access, or of whom something else is asked.

use std::io::{self, Write};

use serde::Serialize;

use super::ShownRow;
use crate::catalog::Majors;
use crate::reach::Change;

#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Differences {
    pub(crate) version: u32,
    pub(crate) differences: Vec<Shown>,
}

/// Connections with the same change.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Shown {
    pub(crate) node: String,
    pub(crate) majors: Vec<u8>,
    /// `gained`, `weakened`, `changed`, `strengthened`, `lost` or `unclear`.
    pub(crate) change: &'static str,
    /// Why nothing can be told at all, if so.
    pub(crate) unknown: Option<String>,
    pub(crate) users: String,
    pub(crate) databases: String,
    pub(crate) kinds: String,
    pub(crate) from: String,
    pub(crate) ranges: Vec<(String, String)>,
    pub(crate) before: Decides,
    pub(crate) after: Decides,
}

/// Who decides.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Decides {
    pub(crate) in_doubt: Vec<ShownRow>,
    /// Absent where no row matches.
    pub(crate) row: Option<ShownRow>,
}

pub(crate) fn word(change: Change) -> &'static str {
    match change {
        Change::Gained => "gained",
        Change::Weakened => "weakened",
        Change::Changed => "changed",
        Change::Strengthened => "strengthened",
        Change::Lost => "lost",
        Change::Unclear => "unclear",
    }
}

pub(crate) fn text(differences: &[Shown], complete: bool, out: &mut dyn Write) -> io::Result<()> {
    for shown in differences {
        let majors = shown.majors.iter().copied().collect::<Majors>();
        if let Some(why) = &shown.unknown {
            writeln!(out, "{}: {} (PostgreSQL {majors}): {why}", shown.change, shown.node)?;
            continue;
        }
        let how = if shown.ranges.is_empty() { String::new() } else { format!("{} from ", shown.kinds) };
        writeln!(out, "{}: {} on {}", shown.change, shown.users, shown.databases)?;
        writeln!(out, "  {how}{} ({}, PostgreSQL {majors})", shown.from, shown.node)?;
        for (word, decides) in [("before", &shown.before), ("after", &shown.after)] {
            for row in &decides.in_doubt {
                writeln!(out, "  {word}, if it matches: {}:{}: {}", row.path, row.line, row.text)?;
            }
            match &decides.row {
                Some(row) => writeln!(out, "  {word}: {}:{}: {}", row.path, row.line, row.text)?,
                None => writeln!(out, "  {word}: refused, as no row matches")?,
            }
        }
    }
    if !complete {
        writeln!(out, "not certain: lines of a file cannot be read, and may decide before these")?;
    }
    if differences.is_empty() {
        writeln!(out, "nobody gains or loses access")?;
    }
    Ok(())
}
