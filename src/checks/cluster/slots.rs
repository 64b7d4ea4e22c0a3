//! Slots that two want, and slots that nobody makes.
//!
//! Source: `ReplicationSlotAcquire` in slot.c ("replication slot is active for PID") and `ReplicationSlotCreate`
//! ("replication slot already exists"). Two subscriptions whose strings lead to one host are left to
//! `subscription-duplicate-slot`.

use std::collections::{HashMap, HashSet};

use memchr::memmem;

use crate::catalog::nearest;
use crate::checks::cluster::uses::{Use, User, uses};
use crate::checks::subscription::slot::publisher;
use crate::finding::{Confidence, Finding, Label, Subject};
use crate::model::sql::{SlotFunction, What};
use crate::model::topology::Member;
use crate::rule::id::{CLUSTER_DUPLICATE_SLOT, CLUSTER_SLOT_MISSING};
use crate::rule::{Context, Sink};

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    let all = uses(cx.cluster);
    for (server, own) in all.iter().enumerate().filter(|(_, own)| !own.is_empty()) {
        let called = cx.cluster.topology.members.get(server).map(Member::shown).unwrap_or_default();
        duplicates(cx, own, &called, out);
    }
    missing(cx, &all, out);
}

fn duplicates(cx: &Context<'_>, own: &[Use], called: &str, out: &mut Sink<'_>) {
    let mut first: HashMap<&str, &Use> = HashMap::new();
    for of in own {
        let Some(slot) = of.slot.as_deref() else { continue };
        let Some(&other) = first.get(slot) else {
            first.insert(slot, of);
            continue;
        };
        let majors = of.majors & other.majors;
        // Two strings may lead to two servers of which one is only the likeliest.
        let certain = of.certain && other.certain && !majors.is_empty();
        let Some((message, label)) = clash(cx, other, of, slot, called).filter(|_| certain) else { continue };
        let subject = match of.user {
            User::Subscription => Subject::Subscription(of.name.clone()),
            User::Standby => Subject::Setting("primary_slot_name".to_owned()),
            User::Call { .. } => Subject::Object(format!("slot {slot}")),
        };
        out.push(
            Finding::new(CLUSTER_DUPLICATE_SLOT, subject, majors, Label::new(of.span, label), message)
                .related(other.span, "used here")
                .help("give each a slot of its own"),
        );
    }
}

/// What is wrong with two uses of one slot, if anything is.
fn clash(cx: &Context<'_>, first: &Use, second: &Use, slot: &str, called: &str) -> Option<(String, &'static str)> {
    let shown = |of: &Use| match of.user {
        User::Subscription => format!("subscription `{}`", of.name),
        User::Standby => format!("standby `{}`", of.name),
        User::Call { logical: true } => "a call that makes a logical slot".to_owned(),
        User::Call { logical: false } => "a call that makes a physical slot".to_owned(),
    };
    let logical = |of: &Use| matches!(of.user, User::Subscription | User::Call { logical: true });
    // Two of one name are told apart by their servers.
    let server = |of: &Use| of.down.and_then(|down| cx.cluster.topology.members.get(down)).map(Member::shown);
    let both = match (server(first), server(second)) {
        (Some(one), Some(other))
            if shown(first) == shown(second) && first.user == User::Subscription && one != other =>
        {
            format!("{} of {one} and its namesake of {other}", shown(first))
        }
        _ => format!("{} and {}", shown(first), shown(second)),
    };
    if logical(first) != logical(second) {
        return Some((
            format!("{both} want slot `{slot}` of {called}, which is either logical or physical"),
            "the slot is of the other kind",
        ));
    }
    if let (User::Call { .. }, _) | (_, User::Call { .. }) = (first.user, second.user) {
        return None;
    }
    let (one, other) = (first.down?, second.down?);
    let is_same = one == other && (first.name == second.name || first.user == User::Standby);
    // Two standbys of one name may be one standby as it was and as it is to be.
    let is_same = is_same || first.name == second.name && first.user == User::Standby;
    let members = &cx.cluster.topology.members;
    // A script and its copy in another folder are one subscription; of two servers whose configuration is seen, each
    // has its own.
    let seen = |down: usize| members.get(down).is_some_and(|down| !down.nodes.is_empty() || down.said.is_some());
    let is_copy = first.name == second.name && first.user == User::Subscription && !(seen(one) && seen(other));
    if is_same || is_copy || is_said_already(cx, first, second) {
        return None;
    }
    Some((format!("{both} use one slot of {called}, `{slot}`"), "the slot is taken"))
}

/// Whether the rule on single subscriptions says it: two names, and one host and port as they are written.
fn is_said_already(cx: &Context<'_>, first: &Use, second: &Use) -> bool {
    let host = |of: &Use| of.create(cx.cluster).and_then(publisher);
    first.name != second.name
        && first.user == User::Subscription
        && host(first).zip(host(second)).is_some_and(|(first, second)| first == second)
}

/// What tells that slots are made by something that is no SQL.
const TOOLS: [&[u8]; 8] = [
    b"create-slot",
    b"create_slot",
    b"CREATE_REPLICATION_SLOT",
    b"pg_basebackup",
    b"repmgr",
    b"atroni",
    b"pg_auto_failover",
    b"postgresql_slot",
];

/// A standby's slot that the primary's SQL does not make, while it makes others.
fn missing(cx: &Context<'_>, all: &[Vec<Use>], out: &mut Sink<'_>) {
    let mut named = HashSet::new();
    for (_, statement) in cx.cluster.statements() {
        let What::Slot(call) = &statement.what else { continue };
        if matches!(call.function, SlotFunction::CreatePhysical | SlotFunction::CopyPhysical) {
            match call.slot().filter(|slot| !slot.is_dynamic()) {
                Some(slot) => named.insert(slot.text().into_owned()),
                None => return,
            };
        }
    }
    let candidates = all.iter().enumerate().filter_map(|(server, own)| {
        let made = own.iter().filter(|of| of.user == User::Call { logical: false }).collect::<Vec<_>>();
        let wants = own.iter().filter(|of| of.user == User::Standby);
        let wants = wants.filter(|of| of.slot.as_ref().is_some_and(|slot| !named.contains(slot)));
        let wants = wants.filter(|of| !made.is_empty() || role(cx, server, of).is_some()).collect::<Vec<_>>();
        (!wants.is_empty()).then_some((server, made, wants))
    });
    let candidates = candidates.collect::<Vec<_>>();
    if candidates.is_empty() || has_tools(cx) {
        return;
    }
    for (server, made, wants) in candidates {
        let called = cx.cluster.topology.members.get(server).map(Member::shown).unwrap_or_default();
        let used = wants_of(all.get(server));
        // A slot that some standby uses is not meant by the name of another.
        let spare = made.iter().filter_map(|of| of.slot.as_deref()).filter(|slot| !used.contains(slot));
        let spare = spare.take(100).collect::<Vec<_>>();
        for of in wants {
            let Some(slot) = of.slot.as_deref() else { continue };
            let role = role(cx, server, of).filter(|_| made.is_empty());
            let others = role.as_ref().map_or("others".to_owned(), |role| format!("its role `{role}`"));
            let message = format!(
                "standby `{}` names slot `{slot}`, which the SQL of its primary {called} never makes while it makes \
                 {others}",
                of.name
            );
            let help = match nearest(slot, spare.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("make it there with `pg_create_physical_replication_slot('{slot}')`"),
            };
            let subject = Subject::Setting("primary_slot_name".to_owned());
            let mut finding =
                Finding::new(CLUSTER_SLOT_MISSING, subject, of.majors, Label::new(of.span, "no such slot"), message)
                    .help(help);
            // Who makes the role in SQL may still make the slot with `pg_basebackup -C`.
            if role.is_some() {
                finding = finding.confidence(Confidence::Low);
            }
            for other in made.iter().take(4) {
                finding = finding.related(other.span, format!("makes `{}`", other.name));
            }
            out.push(finding);
        }
    }
}

/// The role by which a standby connects, if the SQL of its primary makes it for replication: it is what sets
/// replication up.
fn role(cx: &Context<'_>, server: usize, of: &Use) -> Option<String> {
    let topology = &cx.cluster.topology;
    let edge = topology.edges.get(of.edge?)?;
    let user = edge.keyword(cx.cluster, "user", of.majors.last()?)?.into_owned();
    let made = topology.members.get(server)?.objects(cx.cluster).roles.get(&user)?;
    (!made.created.is_empty() && made.has("replication").is_some()).then_some(user)
}

fn wants_of(own: Option<&Vec<Use>>) -> HashSet<&str> {
    let wants = own.into_iter().flatten().filter(|of| of.user == User::Standby);
    wants.filter_map(|of| of.slot.as_deref()).collect()
}

/// Whether a file speaks of a tool that makes slots, or has a call that was not read as a statement.
fn has_tools(cx: &Context<'_>) -> bool {
    let read = cx.cluster.statements().filter(|(_, statement)| matches!(statement.what, What::Slot(_))).count();
    let speaks = |bytes: &[u8]| TOOLS.iter().any(|tool| memmem::find(bytes, tool).is_some());
    let written = |bytes: &[u8]| memmem::find_iter(bytes, b"_replication_slot(").count();
    let files = || cx.sources.iter().map(|(_, file)| file.bytes());
    files().any(speaks) || files().map(written).sum::<usize>() > read
}
