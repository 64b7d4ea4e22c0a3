//! Workers and replication origins that a subscriber has too few of for its enabled subscriptions.
//!
//! Source: `logicalrep_worker_launch` in launcher.c ("out of logical replication worker slots", "out of background
//! worker slots"), `ApplyLauncherRegister`, by which the launcher takes one of `max_worker_processes`, and
//! `replorigin_session_setup` in origin.c ("could not find free replication state slot"), whose limit is
//! `max_active_replication_origins` from 18 on and `max_replication_slots` before. Workers that copy tables or apply in
//! parallel come on top and are not counted.

use crate::catalog::Majors;
use crate::checks::cluster::side::{counted, int, place};
use crate::checks::cluster::tally::Tally;
use crate::checks::cluster::uses::{Use, received};
use crate::finding::{Confidence, Finding, Subject};
use crate::model::topology::Member;
use crate::rule::id::{CLUSTER_REPLICATION_ORIGINS, CLUSTER_REPLICATION_WORKERS};
use crate::rule::{Context, RuleId, Sink};

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    let topology = &cx.cluster.topology;
    for (member, own) in topology.members.iter().zip(received(cx.cluster)) {
        let number = tally(&own).total();
        if number > 0 {
            workers(cx, member, &own, number, out);
            origins(cx, member, &own, number, out);
        }
    }
}

fn tally(own: &[Use]) -> Tally {
    let mut tally = Tally::default();
    for of in own.iter().filter(|of| of.streams) {
        tally.add(&of.name, ("subscription", "subscriptions"), of.span, format!("subscription `{}`", of.name));
    }
    tally
}

fn workers(cx: &Context<'_>, member: &Member, own: &[Use], number: i64, out: &mut Sink<'_>) {
    let get = |name: &str, major| int(cx.cluster, member, name, major).map(|(number, _)| number);
    let pool = |major| get("max_logical_replication_workers", major);
    let few: Majors = member.majors.iter().filter(|&major| pool(major).is_some_and(|pool| number > pool)).collect();
    let few = counted(member.majors, few);
    let need = format!("{} logical replication {}", number, if number == 1 { "worker" } else { "workers" });
    judge(cx, member, (CLUSTER_REPLICATION_WORKERS, "max_logical_replication_workers"), few, own, &need, "", out);
    // Those beyond the pool do not start anyway.
    let all = |major: &u8| {
        let running = pool(*major).map(|pool| pool.min(number)).filter(|running| *running > 0);
        running.zip(get("max_worker_processes", *major)).is_some_and(|(running, most)| running + 1 > most)
    };
    let few = counted(member.majors, (member.majors - few).iter().filter(all).collect());
    let need = format!("{} background workers, one of them the launcher,", number + 1);
    judge(cx, member, (CLUSTER_REPLICATION_WORKERS, "max_worker_processes"), few, own, &need, "", out);
}

fn origins(cx: &Context<'_>, member: &Member, own: &[Use], number: i64, out: &mut Sink<'_>) {
    let few = |name: &str, among: Majors| -> Majors {
        let few = |major: &u8| int(cx.cluster, member, name, *major).is_some_and(|(most, _)| number > most);
        (member.majors & among).iter().filter(few).collect()
    };
    let new = few("max_active_replication_origins", Majors::since(18));
    let old = few("max_replication_slots", Majors::until(17));
    let all = counted(member.majors, old | new);
    let need = format!("{number} replication {}", if number == 1 { "origin" } else { "origins" });
    let rule = CLUSTER_REPLICATION_ORIGINS;
    judge(cx, member, (rule, "max_active_replication_origins"), new & all, own, &need, "", out);
    judge(cx, member, (rule, "max_replication_slots"), old & all, own, &need, ", which limits them before 18,", out);
}

#[allow(clippy::too_many_arguments, reason = "the parts of one sentence")]
fn judge(
    cx: &Context<'_>,
    member: &Member,
    (rule, name): (RuleId, &str),
    at_fault: Majors,
    own: &[Use],
    need: &str,
    aside: &str,
    out: &mut Sink<'_>,
) {
    let Some(major) = at_fault.last() else { return };
    let Some((most, said)) = int(cx.cluster, member, name, major) else { return };
    let tally = tally(own);
    let default = if said.span.is_none() { ", the default" } else { "" };
    let message = format!("{} {need} on {}, and `{name}`{aside} is {most}{default}", tally.need(), member.shown());
    let Some(label) = place(cx.cluster, member, said.span, "too few", "not set here") else { return };
    let confidence = if said.span.is_some() { Confidence::High } else { Confidence::Medium };
    let finding = Finding::new(rule, Subject::Setting(name.to_owned()), at_fault, label, message);
    let help = format!("raise `{name}`, with some to spare for the initial copy of tables");
    out.push(tally.relate(finding.confidence(confidence).help(help)));
}
