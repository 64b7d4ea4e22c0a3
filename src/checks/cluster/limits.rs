//! Slots and WAL senders that a server has too few of for those who use it.
//!
//! Source: `ReplicationSlotCreate` in slot.c ("all replication slots are in use") and `InitProcess` in proc.c (before
//! 12 `InitWalSenderSlot` in walsender.c: "number of requested standby connections exceeds max_wal_senders"). Table
//! synchronisation needs further slots and senders for a while; these are not counted. From 17 on, a standby that
//! synchronises slots needs as many of its own as the primary has failover slots (`synchronize_one_slot` in
//! slotsync.c).

use crate::catalog::Majors;
use crate::checks::cluster::side::{counted, int, is_on, place};
use crate::checks::cluster::tally::Tally;
use crate::checks::cluster::uses::{Use, User, uses};
use crate::finding::{Confidence, Finding, Subject};
use crate::model::topology::Link;
use crate::model::value::Value;
use crate::rule::id::{CLUSTER_SLOTS, CLUSTER_WAL_SENDERS};
use crate::rule::{Context, RuleId, Sink};

const SUBSCRIPTIONS: (&str, &str) = ("subscription", "subscriptions");
const STANDBYS: (&str, &str) = ("standby", "standbys");
const CALLS: (&str, &str) = ("slot made by SQL", "slots made by SQL");
const SYNCED: (&str, &str) = ("synchronised slot", "synchronised slots");

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    let all = uses(cx.cluster);
    let primaries = primaries(cx);
    for (server, own) in all.iter().enumerate() {
        let primary = primaries.get(server).copied().flatten().and_then(|primary| all.get(primary));
        if !own.is_empty() || primary.is_some() {
            judge(
                cx,
                server,
                CLUSTER_SLOTS,
                "max_replication_slots",
                &|major| slots(cx, server, own, primary, major),
                out,
            );
        }
        if !own.is_empty() {
            judge(cx, server, CLUSTER_WAL_SENDERS, "max_wal_senders", &|major| senders(own, major), out);
        }
    }
}

/// The server that a standby follows, for each.
fn primaries(cx: &Context<'_>) -> Vec<Option<usize>> {
    let topology = &cx.cluster.topology;
    let mut primaries = vec![None; topology.members.len()];
    for edge in topology.edges.iter().filter(|edge| edge.active && edge.certain) {
        if matches!(edge.link, Link::Physical { .. })
            && let Some(slot) = primaries.get_mut(edge.downstream)
        {
            *slot = edge.upstream.filter(|&up| up != edge.downstream);
        }
    }
    primaries
}

fn slots(cx: &Context<'_>, server: usize, own: &[Use], primary: Option<&Vec<Use>>, major: u8) -> Tally {
    let mut tally = Tally::default();
    for of in own.iter().filter(|of| of.majors.contains(major)) {
        let Some(slot) = &of.slot else { continue };
        let (kind, text) = match of.user {
            User::Subscription => (SUBSCRIPTIONS, format!("subscription `{}` uses slot `{slot}`", of.name)),
            User::Standby => (STANDBYS, format!("standby `{}` uses slot `{slot}`", of.name)),
            User::Call { .. } => (CALLS, format!("makes slot `{slot}`")),
        };
        if tally.add(slot, kind, of.span, text) {
            tally.doubt(of.certain);
        }
    }
    let member = cx.cluster.topology.members.get(server);
    let syncs = member.and_then(|member| is_on(cx.cluster, member, "sync_replication_slots", major));
    let Some((primary, (true, _))) = primary.zip(syncs) else { return tally };
    for of in primary.iter().filter(|of| of.failover == Some(true) && of.majors.contains(major)) {
        if let Some(slot) = &of.slot {
            tally.add(slot, SYNCED, of.span, format!("slot `{slot}` is carried over"));
        }
    }
    tally
}

fn senders(own: &[Use], major: u8) -> Tally {
    let mut tally = Tally::default();
    for of in own.iter().filter(|of| of.streams && of.majors.contains(major)) {
        let (kind, text, key) = match of.user {
            // A slot is for one connection, whoever says it twice; two standbys of one name may be one and its copy.
            User::Subscription => (SUBSCRIPTIONS, format!("subscription `{}`", of.name), of.slot.clone()),
            User::Standby => (STANDBYS, format!("standby `{}`", of.name), Some(format!(" {}", of.name))),
            User::Call { .. } => continue,
        };
        let Some(key) = key else { continue };
        if tally.add(&key, kind, of.span, text) {
            tally.doubt(of.certain);
        }
    }
    tally
}

/// Holds what is counted against a setting of the server.
fn judge(cx: &Context<'_>, server: usize, rule: RuleId, name: &str, tally: &dyn Fn(u8) -> Tally, out: &mut Sink<'_>) {
    let Some(member) = cx.cluster.topology.members.get(server) else { return };
    if !out.wants(rule) {
        return;
    }
    let limit = |major: u8| int(cx.cluster, member, name, major);
    // With `wal_level = minimal` there must be no sender; that is the cause, and another rule's.
    let minimal = |major: u8| {
        member.setting(cx.cluster, "wal_level", major).is_some_and(|said| said.value == Value::Enum("minimal"))
    };
    let few = |major: &u8| {
        limit(*major).is_some_and(|(limit, _)| tally(*major).total() > limit && !(limit == 0 && minimal(*major)))
    };
    let at_fault: Majors = counted(member.majors, member.majors.iter().filter(few).collect());
    let Some((major, (number, said))) = at_fault.last().and_then(|major| Some((major, limit(major)?))) else { return };
    let tally = tally(major);
    let default = if said.span.is_none() { ", the default" } else { "" };
    let what = if rule == CLUSTER_SLOTS { "slots" } else { "WAL senders" };
    let what = if tally.total() == 1 { what.trim_end_matches('s') } else { what };
    let message =
        format!("{} {} {what} on {}, and `{name}` is {number}{default}", tally.need(), tally.total(), member.shown());
    let Some(label) = place(cx.cluster, member, said.span, "too few", "not set here") else { return };
    let confidence = if said.span.is_some() { tally.confidence() } else { Confidence::Medium };
    let help = if rule == CLUSTER_SLOTS {
        format!("set `{name} = {}` or more, with some to spare for the initial copy of tables", tally.total())
    } else {
        format!("set `{name} = {}` or more, with some to spare for base backups and the initial copy", tally.total())
    };
    let finding = Finding::new(rule, Subject::Setting(name.to_owned()), at_fault, label, message);
    out.push(tally.relate(finding.confidence(confidence).help(help)));
}
