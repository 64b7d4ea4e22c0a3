//! `pgassay hba expect`: which expectations hold, and the row that is against those that do not.

use std::io::{self, Write};

use serde::Serialize;

use super::ShownRow;
use crate::catalog::Majors;

#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Results {
    pub(crate) version: u32,
    pub(crate) results: Vec<Verdict>,
}

/// What became of an expectation on a node.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Verdict {
    pub(crate) node: String,
    pub(crate) expectation: String,
    /// Whether it holds on every major.
    pub(crate) holds: bool,
    /// Why it does not, for the majors of which the same is to be said.
    pub(crate) against: Vec<Against>,
}

/// A connection that is against an expectation.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Against {
    pub(crate) majors: Vec<u8>,
    /// The connection in words; absent where the file cannot be used.
    pub(crate) connection: Option<String>,
    /// Why the file cannot be used, or what of it is not known.
    pub(crate) unknown: Option<String>,
    /// Rows that may decide.
    pub(crate) in_doubt: Vec<ShownRow>,
    /// The row that decides, unless one in doubt does; absent where no row matches.
    pub(crate) row: Option<ShownRow>,
}

pub(crate) fn text(results: &[Verdict], verbose: bool, out: &mut dyn Write) -> io::Result<()> {
    for verdict in results.iter().filter(|verdict| verbose || !verdict.holds) {
        let word = if verdict.holds { "holds" } else { "FAILS" };
        writeln!(out, "{word}: {} ({})", verdict.expectation, verdict.node)?;
        for against in &verdict.against {
            let majors = against.majors.iter().copied().collect::<Majors>();
            if let Some(connection) = &against.connection {
                writeln!(out, "  on PostgreSQL {majors}: {connection}")?;
            }
            if let Some(unknown) = &against.unknown {
                writeln!(out, "  cannot be told on PostgreSQL {majors}: {unknown}")?;
            }
            if against.connection.is_none() {
                continue;
            }
            for row in &against.in_doubt {
                writeln!(out, "    {}:{} may decide: {}", row.path, row.line, row.text)?;
            }
            match &against.row {
                Some(row) => writeln!(out, "    {}:{} decides: {}", row.path, row.line, row.text)?,
                None => writeln!(out, "    no row matches: the server refuses")?,
            }
        }
    }
    let holding = results.iter().filter(|verdict| verdict.holds).count();
    writeln!(out, "{holding} of {} expectations hold", results.len())
}
