//! `pgassay hba trace`: which row decides for a connection, and why those above it do not.

use std::io::{self, Write};

use serde::Serialize;

use super::ShownRow;
use crate::catalog::Majors;
use crate::catalog::hba::ConnType;
use crate::model::hba::{DbKind, HbaRow};
use crate::reach::{Doubt, Field, Judged, Question, Wanted};

#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Traces {
    pub(crate) version: u32,
    pub(crate) traces: Vec<Trace>,
}

/// The answer to one question on one node, for majors that give the same.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Trace {
    pub(crate) node: String,
    pub(crate) majors: Vec<u8>,
    /// The connection in words.
    pub(crate) connection: String,
    /// Whether it is certain what becomes of the connection.
    pub(crate) certain: bool,
    /// Why the file cannot be used at all, if so.
    pub(crate) refused: Option<String>,
    /// The rows that may decide, in order; one if it is certain, none if no row matches.
    pub(crate) rows: Vec<Step>,
    /// Whether every row may pass the connection by, so that the server refuses it.
    pub(crate) may_fall_through: bool,
    /// Whether all rows of the file are known.
    pub(crate) complete: bool,
    /// The rows above the last of these that do not match.
    pub(crate) passed: Vec<Passed>,
}

/// A row that may decide.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Step {
    #[serde(flatten)]
    pub(crate) row: ShownRow,
    /// Why it is not known whether it matches.
    pub(crate) doubt: Option<String>,
    /// What the client must present; absent if the row rejects.
    pub(crate) proof: Option<String>,
}

/// A row that does not match.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Passed {
    #[serde(flatten)]
    pub(crate) row: ShownRow,
    pub(crate) field: &'static str,
    pub(crate) why: String,
}

impl Passed {
    pub(crate) fn new(row: ShownRow, of: &HbaRow, field: Field, question: &Question<'_>) -> Self {
        let (field, why) = match field {
            Field::Kind => ("type", kind(of.conn_type)),
            Field::Address => ("address", "is for other addresses"),
            Field::Database if question.database == Wanted::Replication => (
                "database",
                if of.databases.iter().any(|item| item.kind == DbKind::All) {
                    "`all` leaves replication out"
                } else {
                    "is not for replication"
                },
            ),
            Field::Database => ("database", "is for other databases"),
            Field::User => ("user", "is for other users"),
        };
        Self { row, field, why: why.to_owned() }
    }
}

fn kind(kind: ConnType) -> &'static str {
    match kind {
        ConnType::Local => "is for Unix sockets",
        ConnType::Host => "is for TCP",
        ConnType::HostSsl => "is for TLS",
        ConnType::HostNoSsl => "is for connections without TLS",
        ConnType::HostGssEnc => "is for GSSAPI encryption",
        ConnType::HostNoGssEnc => "is for connections without GSSAPI encryption",
    }
}

/// Why a row may match and may not.
pub(crate) fn doubt(judged: &Judged) -> Option<String> {
    Some(match judged.doubt.as_ref()? {
        Doubt::Part => "it matches a part of the connections".to_owned(),
        Doubt::HostName => "the name of the client's address is not known (`--host-name`)".to_owned(),
        Doubt::OwnAddresses => "the server's own addresses are not known (`--server-address`)".to_owned(),
        Doubt::Member(role) => format!("whether the user is a member of `{role}` is not known"),
        Doubt::Regex(pattern) => format!("what `/{pattern}` matches is not known"),
        Doubt::Unsaid => "the question leaves it open".to_owned(),
    })
}

/// So many rows that do not match are shown, unless all are asked for.
const MOST_PASSED: usize = 10;

pub(crate) fn text(traces: &[Trace], verbose: bool, out: &mut dyn Write) -> io::Result<()> {
    for (index, trace) in traces.iter().enumerate() {
        if index > 0 {
            writeln!(out)?;
        }
        let majors = trace.majors.iter().copied().collect::<Majors>();
        writeln!(out, "{} (PostgreSQL {majors}): {}", trace.node, trace.connection)?;
        if let Some(why) = &trace.refused {
            writeln!(out, "  no answer: {why}")?;
            continue;
        }
        if !trace.complete {
            writeln!(out, "  not certain: lines of the file cannot be read, and may decide before these")?;
        }
        for step in &trace.rows {
            let verb = match (&step.doubt, trace.rows.len()) {
                (Some(_), _) => "may decide",
                (None, 1) => "decides",
                (None, _) => "decides if none of these does",
            };
            writeln!(out, "  {}:{} {verb}: {}", step.row.path, step.row.line, step.row.text)?;
            if let Some(doubt) = &step.doubt {
                writeln!(out, "    in doubt: {doubt}")?;
            }
            match &step.proof {
                Some(proof) => writeln!(out, "    the client must present: {proof}")?,
                None => writeln!(out, "    the server refuses")?,
            }
        }
        if trace.may_fall_through {
            let any = if trace.rows.is_empty() { "no row matches" } else { "else no row matches" };
            writeln!(out, "  {any}: the server refuses")?;
        }
        let most = if verbose { usize::MAX } else { MOST_PASSED };
        if !trace.passed.is_empty() {
            writeln!(out, "  passed by:")?;
        }
        let hidden = trace.passed.len().saturating_sub(most);
        if hidden > 0 {
            writeln!(out, "    {hidden} rows above, shown with --verbose")?;
        }
        for passed in trace.passed.iter().skip(hidden) {
            writeln!(out, "    {}:{} {} ({})", passed.row.path, passed.row.line, passed.row.text, passed.why)?;
        }
    }
    Ok(())
}
