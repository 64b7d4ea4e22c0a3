//! Synchronous standbys that no commit waits for.
//!
//! Judges the server's default; sessions that set `synchronous_commit` themselves are not seen.

use crate::checks::ask::{is_empty, majors, push, quoted, text};
use crate::rule::{Context, Sink, id};

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for node in &cx.cluster.nodes {
        let at_fault = majors(node, id::SYNCHRONOUS_COMMIT_WITHOUT_STANDBY, |major| {
            let names = "synchronous_standby_names";
            let waits_not = matches!(text(node, "synchronous_commit", major).as_deref(), Some("off" | "local"));
            waits_not && text(node, names, major).is_some() && !is_empty(node, names, major)
        });
        let Some(major) = at_fault.last() else { continue };
        let message = format!(
            "`synchronous_commit` is {}, so commits wait for no standby unless a session asks them to",
            quoted(node, "synchronous_commit", major)
        );
        let places =
            [("synchronous_commit", "waits for no standby"), ("synchronous_standby_names", "has no effect by default")];
        let help = "set `synchronous_commit = on`, or empty `synchronous_standby_names`";
        push(node, id::SYNCHRONOUS_COMMIT_WITHOUT_STANDBY, at_fault, &places, message, help, out);
    }
}
