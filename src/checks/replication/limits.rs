//! Limits and timeouts of replication that one server's own files show to be out of step.
//!
//! Source: `CheckSlotRequirements` in slot.c ("replication slots can only be used if max_replication_slots > 0"),
//! `InitWalSenderSlot` and `InitProcess`, by which nobody can replicate without WAL senders, and the advice of
//! logical-replication-config.html. How many slots and senders are in use is counted by the rules of `cluster`.

use std::collections::BTreeMap;

use crate::catalog::Majors;
use crate::checks::ask::{int, majors, push, shown, text};
use crate::finding::{Finding, Label, Subject};
use crate::model::Node;
use crate::model::sql::What;
use crate::rule::id::{
    IDLE_SLOT_TIMEOUT_LOW, LOGICAL_WORKERS_EXCEED_PROCESSES, REPLICATION_NO_SLOTS, REPLICATION_SENDERS_BELOW_SLOTS,
};
use crate::rule::{Context, Sink};
use crate::source::Span;

/// Half an hour, in the setting's base unit: what a restart with its recovery, or a short outage, takes.
const SHORT: i64 = 30 * 60;

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    let published = published(cx);
    for (index, node) in cx.cluster.nodes.iter().enumerate() {
        if let Some((span, what)) = published.get(&index) {
            none(node, (*span, what), out);
        }
        senders(node, out);
        workers(node, out);
        idle(node, out);
    }
}

/// The first publication of each node whose folder holds the SQL.
fn published(cx: &Context<'_>) -> BTreeMap<usize, (Span, String)> {
    let mut published = BTreeMap::new();
    for (site, statement) in cx.cluster.statements() {
        let (What::CreatePublication(create), Some(node), true) = (&statement.what, site.node, site.inside) else {
            continue;
        };
        let name = create.name.span;
        published.entry(node).or_insert_with(|| (name, format!("publication `{}`", cx.show(name))));
    }
    published
}

fn none(node: &Node, (span, what): (Span, &str), out: &mut Sink<'_>) {
    for (name, lacks) in [("max_replication_slots", "a replication slot"), ("max_wal_senders", "a WAL sender")] {
        let zero = majors(node, REPLICATION_NO_SLOTS, |major| int(node, name, major) == Some(0));
        let Some(definition) = node.settings.winner(name).filter(|_| !zero.is_empty()) else { continue };
        let message = format!("{what} cannot be subscribed to: `{name}` is 0, and a subscription needs {lacks}");
        let subject = Subject::Setting(name.to_owned());
        let label = Label::new(definition.span, "none are allowed");
        out.push(
            Finding::new(REPLICATION_NO_SLOTS, subject, zero, label, message)
                .related(span, "published here")
                .help(format!("set `{name}` to the number of subscribers and standbys, or more, and restart")),
        );
    }
}

/// Only where the WAL is for logical replication, whose every slot is used by a sender of its own.
fn senders(node: &Node, out: &mut Sink<'_>) {
    let few = |major: u8| {
        text(node, "wal_level", major).as_deref() == Some("logical")
            && int(node, "max_wal_senders", major)
                .zip(int(node, "max_replication_slots", major))
                .is_some_and(|(senders, slots)| 0 < senders && senders < slots)
    };
    let few = majors(node, REPLICATION_SENDERS_BELOW_SLOTS, few);
    let Some(major) = few.last() else { return };
    let show = |name| shown(node, name, major);
    let message = format!(
        "`max_wal_senders` ({}) is below `max_replication_slots` ({}): not all slots can be in use at once",
        show("max_wal_senders"),
        show("max_replication_slots")
    );
    let places = [("max_wal_senders", "too few"), ("max_replication_slots", "slots")];
    let help = "set `max_wal_senders` to `max_replication_slots` plus the number of standbys without a slot, or more";
    push(node, REPLICATION_SENDERS_BELOW_SLOTS, few, &places, message, help, out);
}

/// `ApplyLauncherRegister` takes one of the processes; nobody asks for more workers than the default in vain.
fn workers(node: &Node, out: &mut Sink<'_>) {
    const POOL: &str = "max_logical_replication_workers";
    if node.settings.winner(POOL).is_none() {
        return;
    }
    let few = majors(node, LOGICAL_WORKERS_EXCEED_PROCESSES, |major| {
        int(node, POOL, major)
            .zip(int(node, "max_worker_processes", major))
            .is_some_and(|(pool, processes)| pool > 0 && pool + 1 > processes)
    });
    let Some(major) = few.last() else { return };
    let (pool, processes) = (shown(node, POOL, major), shown(node, "max_worker_processes", major));
    let message = format!(
        "`{POOL}` is {pool}, and with `max_worker_processes` ({processes}) so many workers and their launcher cannot run"
    );
    let places = [(POOL, "so many never start"), ("max_worker_processes", "for all background workers together")];
    let help = "set `max_worker_processes` above it, with room for parallel queries and extensions";
    push(node, LOGICAL_WORKERS_EXCEED_PROCESSES, few, &places, message, help, out);
}

/// A standby or subscriber that is away for longer has to be made anew.
fn idle(node: &Node, out: &mut Sink<'_>) {
    const NAME: &str = "idle_replication_slot_timeout";
    let short = majors(node, IDLE_SLOT_TIMEOUT_LOW, |major| {
        int(node, NAME, major).is_some_and(|seconds| 0 < seconds && seconds < SHORT)
    });
    let Some(major) = short.last() else { return };
    let message = format!("`{NAME}` is {}: a short outage of a subscriber costs it its slot", shown(node, NAME, major));
    let places = [(NAME, "an invalidated slot cannot be used again")];
    let help = "set it to the longest outage that is to be survived, such as `1d`, and limit WAL by \
                `max_slot_wal_keep_size`";
    push(node, IDLE_SLOT_TIMEOUT_LOW, short & Majors::since(18), &places, message, help, out);
}
