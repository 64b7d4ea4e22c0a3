//! Items of `output_plugin_libraries` that cannot be what was meant.
//!
//! Each item is judged by itself; which plugins there are is the machine's affair.

use std::collections::BTreeSet;

use super::NAME;
use crate::checks::ask::majors;
use crate::finding::{Finding, Label, Subject};
use crate::model::list::words;
use crate::model::value::Value;
use crate::model::{Effective, Node};
use crate::rule::{Sink, id};

/// Modules of PostgreSQL that are no output plugins; to name them lets every role with REPLICATION load them.
const NO_PLUGINS: &[&str] = &[
    "adminpack",
    "amcheck",
    "auth_delay",
    "auto_explain",
    "basic_archive",
    "basebackup_to_shell",
    "btree_gin",
    "btree_gist",
    "citext",
    "dblink",
    "file_fdw",
    "hstore",
    "libpqwalreceiver",
    "pageinspect",
    "passwordcheck",
    "pg_buffercache",
    "pg_prewarm",
    "pg_stat_statements",
    "pg_surgery",
    "pg_visibility",
    "pg_walinspect",
    "pgcrypto",
    "pgrowlocks",
    "pgstattuple",
    "plperl",
    "plpgsql",
    "plpython3",
    "pltcl",
    "postgres_fdw",
    "sepgsql",
    "sslinfo",
    "tablefunc",
    "xml2",
];

/// Items of the list that cannot be what was meant.
pub(super) fn check(node: &Node, out: &mut Sink<'_>) {
    let Some(place) = node.settings.winner(NAME) else { return };
    let mut told = BTreeSet::new();
    let items = |major: u8| match node.settings.effective(NAME, major) {
        Effective::Known(Value::String(text), Some(_)) => words(text.as_bytes()).unwrap_or_default(),
        _ => Vec::new(),
    };
    let Some(newest) = node.targets.majors.last() else { return };
    for item in items(newest) {
        let (rule, message, label, help) = if NO_PLUGINS.contains(&item.as_str()) {
            let message = format!(
                "`{NAME}` has `{item}`, which is no output plugin: every role with REPLICATION can have it loaded"
            );
            (
                id::REPLICATION_PLUGIN_NO_PLUGIN,
                message,
                "loaded before anyone sees that it is none",
                "take it off the list",
            )
        } else if let Some(why) = unmatched(&item) {
            let message = format!("`{NAME}` has `{item}`, {why}");
            (
                id::REPLICATION_PLUGIN_UNMATCHED,
                message,
                "no client asks for this",
                "list the plugins as clients name them, such as `pgoutput, wal2json`",
            )
        } else {
            continue;
        };
        let at_fault = majors(node, rule, |major| items(major).contains(&item));
        if !at_fault.is_empty() && told.insert(item) {
            let label = Label::new(place.span, label);
            out.push(Finding::new(rule, Subject::Setting(NAME.to_owned()), at_fault, label, message).help(help));
        }
    }
}

/// Why no client names an item so. Names are compared to the letter.
fn unmatched(item: &str) -> Option<&'static str> {
    match item {
        "" => Some("an empty name"),
        "*" => Some("which is a name like others and not all of them"),
        _ if item.contains([',', ';']) => Some("several names in one"),
        _ if item.ends_with(".so") || item.ends_with(".dll") => {
            Some("with the ending of its file, which clients leave out")
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests;
