//! The WAL of a primary and of a standby that may take its place.
//!
//! Source: `CheckLogicalDecodingRequirements` in logical.c, by which a promoted server needs `wal_level = logical` of its
//! own, and `CheckRequiredParameterValues`, which refuses WAL of `minimal` on a standby.

use crate::catalog::Majors;
use crate::checks::cluster::ends::{Ends, ends};
use crate::checks::cluster::side::{counted, is_on, place, shown};
use crate::checks::cluster::uses::{User, uses};
use crate::finding::{Confidence, Finding, Label, Subject};
use crate::model::topology::{Member, Said};
use crate::model::value::Value;
use crate::rule::id::{CLUSTER_STANDBY_WAL_LEVEL, REPLICATION_WAL_LEVEL};
use crate::rule::{Context, Sink};
use crate::source::Span;

const NAME: &str = "wal_level";

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    let all = uses(cx.cluster);
    for ends in ends(cx).filter(Ends::is_physical) {
        let own = ends.edge.upstream.and_then(|up| all.get(up)).into_iter().flatten();
        let mut logical = own.filter(|of| matches!(of.user, User::Subscription | User::Call { logical: true }));
        let used = logical.next().map(|of| (of.span, "is lost with the primary"));
        if let Some((span, text)) = used.or_else(|| published(cx, ends.up)) {
            standby(cx, &ends, (span, text), out);
        }
    }
}

/// The first publication that a server makes.
fn published(cx: &Context<'_>, up: &Member) -> Option<(Span, &'static str)> {
    let publications = up.objects(cx.cluster).publications.values();
    let mut made = publications.filter_map(|publication| publication.created.first());
    made.next().map(|(_, span)| (*span, "is published by the primary"))
}

fn level(cx: &Context<'_>, member: &Member, major: u8) -> Option<Said> {
    member.setting(cx.cluster, NAME, major)
}

fn standby(cx: &Context<'_>, ends: &Ends<'_>, (span, text): (Span, &str), out: &mut Sink<'_>) {
    let majors = ends.physical_majors();
    let low = |major: &u8| {
        let up = level(cx, ends.up, *major).is_some_and(|said| said.value == Value::Enum("logical"));
        let down = level(cx, ends.down, *major);
        // What the standby needs to carry slots over is said by `recovery-slotsync-incomplete`.
        let syncs = is_on(cx.cluster, ends.down, "sync_replication_slots", *major).is_some_and(|(on, _)| on);
        // From 19 on `replica` is enough.
        let low = |said: &Said| match said.value {
            Value::Enum("minimal") => true,
            Value::Enum("replica") => *major < 19,
            _ => false,
        };
        up && !syncs && down.as_ref().is_some_and(low)
    };
    let at_fault: Majors = counted(majors, majors.iter().filter(low).collect());
    let Some((major, said)) = at_fault.last().and_then(|major| Some((major, level(cx, ends.down, major)?))) else {
        return;
    };
    let value = shown(NAME, &said, major);
    let default = if said.span.is_none() { ", the default," } else { "" };
    let message = format!(
        "`{NAME}` is `{value}`{default} on a standby of {}, which publishes: once promoted, it cannot",
        ends.up.shown()
    );
    let Some(label) = place(cx.cluster, ends.down, said.span, "too low to publish", "not set here") else { return };
    let mut finding =
        Finding::new(CLUSTER_STANDBY_WAL_LEVEL, Subject::Setting(NAME.to_owned()), at_fault, label, message)
            .confidence(Confidence::Medium)
            .related(span, text)
            .help("set `wal_level = logical` on the standby too");
    if let Some(span) = level(cx, ends.up, major).and_then(|said| said.span) {
        finding = finding.related(span, "the primary's");
    }
    out.push(finding);
}

/// A primary whose WAL no standby can follow.
pub(crate) fn primaries(cx: &Context<'_>, out: &mut Sink<'_>) {
    let mut told = std::collections::HashSet::new();
    for ends in ends(cx).filter(Ends::is_physical) {
        let majors = ends.physical_majors();
        let minimal = |major: &u8| level(cx, ends.up, *major).filter(|said| said.value == Value::Enum("minimal"));
        let at_fault: Majors = majors.iter().filter(|major| minimal(major).is_some()).collect();
        let Some(set) = at_fault.last().and_then(|major| minimal(&major)?.span) else { continue };
        if !told.insert(ends.edge.upstream) {
            continue;
        }
        let message = format!("{} needs `{NAME} = replica` or more, and it is `minimal`", ends.down.standby());
        let subject = Subject::Setting(NAME.to_owned());
        let label = Label::new(set, "too little WAL for a standby");
        let mut finding = Finding::new(REPLICATION_WAL_LEVEL, subject, at_fault, label, message)
            .confidence(ends.confidence())
            .help("set `wal_level = replica` in postgresql.conf and restart the server");
        if let Some(span) = ends.edge.span(cx.cluster) {
            finding = finding.related(span, "streams from it");
        }
        out.push(finding);
    }
}
