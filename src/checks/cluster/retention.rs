//! A standby that neither a slot, nor kept WAL, nor an archive saves from falling behind.
//!
//! Source: `KeepLogSeg` in xlog.c: WAL is removed after a checkpoint unless a slot or `wal_keep_size`
//! (`wal_keep_segments` before 13) holds it. What the standby alone shows is said by `recovery-slot-missing`.

use crate::catalog::Majors;
use crate::checks::cluster::ends::{Ends, ends};
use crate::checks::cluster::side::{counted, int, is_on, place, text};
use crate::finding::{Confidence, Finding, Label, Subject};
use crate::model::topology::{Link, Member};
use crate::rule::id::CLUSTER_STANDBY_NO_RETENTION;
use crate::rule::{Context, Sink};

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for ends in ends(cx).filter(Ends::is_physical) {
        let majors = ends.physical_majors();
        let lost = |major: &u8| {
            let archives = is_on(cx.cluster, ends.up, "archive_mode", *major).map(|(on, _)| on);
            keeps(cx, ends.up, *major) == Some(false)
                && archives == Some(false)
                && is_empty(cx, &ends, "primary_slot_name", *major)
                && is_empty(cx, &ends, "restore_command", *major)
        };
        let at_fault: Majors = counted(majors, majors.iter().filter(lost).collect());
        let (Some(major), Some(span)) = (at_fault.last(), ends.edge.span(ends.cluster)) else { continue };
        let keep = setting(major);
        let message = format!(
            "the standby has no slot, and {} keeps no WAL for it: `{keep}` is 0 and `archive_mode` is off",
            ends.up.shown()
        );
        let label = Label::new(span, "is lost if it falls behind");
        let subject = Subject::Setting("primary_slot_name".to_owned());
        let mut finding = Finding::new(CLUSTER_STANDBY_NO_RETENTION, subject, at_fault, label, message)
            .confidence(Confidence::Medium)
            .help(format!("set `primary_slot_name` to a slot of the primary, or `{keep}` there"));
        let set = int(cx.cluster, ends.up, keep, major).and_then(|(_, said)| said.span);
        finding.related.extend(place(cx.cluster, ends.up, set, "keeps none", format!("the default of `{keep}` is 0")));
        out.push(finding);
    }
}

fn setting(major: u8) -> &'static str {
    if major >= 13 { "wal_keep_size" } else { "wal_keep_segments" }
}

/// Whether a server keeps WAL for standbys without a slot, where that is known.
fn keeps(cx: &Context<'_>, up: &Member, major: u8) -> Option<bool> {
    int(cx.cluster, up, setting(major), major).map(|(kept, _)| kept > 0)
}

/// Whether a setting of recovery is known to be empty.
fn is_empty(cx: &Context<'_>, ends: &Ends<'_>, name: &str, major: u8) -> bool {
    if major >= 12 {
        return text(cx.cluster, ends.down, name, major).is_some_and(|(text, _)| text.is_empty());
    }
    let Link::Physical { node: Some(node) } = ends.edge.link else { return false };
    let Some(recovery) = cx.cluster.nodes.get(node).map(|node| &node.recovery) else { return false };
    match recovery.winner(name) {
        Some(definition) => !definition.value.dynamic && definition.text.is_empty(),
        None => recovery.complete,
    }
}

/// Whether the primary of a standby's node is known to keep WAL, or not to and to archive none: then what the standby
/// alone shows need not be said.
pub(crate) fn is_known(cx: &Context<'_>, node: usize, major: u8) -> bool {
    let topology = &cx.cluster.topology;
    let up = topology.of_standby(node).filter(|edge| edge.active).and_then(|edge| edge.upstream);
    let Some(up) = up.and_then(|up| topology.members.get(up)) else { return false };
    let archives = is_on(cx.cluster, up, "archive_mode", major).map(|(on, _)| on);
    match keeps(cx, up, major) {
        Some(true) => true,
        Some(false) => archives == Some(false),
        None => false,
    }
}
