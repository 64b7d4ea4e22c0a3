//! Settings that a standby needs at least as high as its primary.
//!
//! Source: `CheckRequiredParameterValues` in xlogrecovery.c (xlog.c before 15), tried on servers 10 to 18. The
//! primary's values come with its WAL; a hot standby with a lower one does not start. From 14 on a running one pauses
//! first. Without `hot_standby` nothing is compared, and `max_wal_senders` only from 12 on. A standby in between hands
//! on the values of the primary, not its own.

use crate::catalog::Majors;
use crate::checks::cluster::ends::{Ends, ends};
use crate::checks::cluster::side::{counted, int, is_on, origins, place, shown};
use crate::finding::{Confidence, Finding, Subject};
use crate::model::topology::Member;
use crate::rule::id::CLUSTER_STANDBY_PARAMETER;
use crate::rule::{Context, Sink};

/// The settings, with the first major that compares them.
const COMPARED: [(&str, u8); 5] = [
    ("max_connections", 10),
    ("max_worker_processes", 10),
    ("max_wal_senders", 12),
    ("max_prepared_transactions", 10),
    ("max_locks_per_transaction", 10),
];

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    let topology = &cx.cluster.topology;
    let origins = origins(cx.cluster);
    for ends in ends(cx).filter(Ends::is_physical) {
        let origin = origins.get(ends.edge.downstream).copied().flatten();
        let Some(primary) = origin.and_then(|origin| topology.members.get(origin)) else { continue };
        let confidence = if origin == ends.edge.upstream { ends.confidence() } else { Confidence::Medium };
        for (name, since) in COMPARED {
            let majors = ends.down.majors & primary.majors & Majors::since(since);
            judge(cx, (primary, ends.down), name, majors, confidence, out);
        }
    }
}

fn judge(
    cx: &Context<'_>,
    (primary, standby): (&Member, &Member),
    name: &str,
    majors: Majors,
    confidence: Confidence,
    out: &mut Sink<'_>,
) {
    let cluster = cx.cluster;
    let both = |major: u8| Some((int(cluster, primary, name, major)?, int(cluster, standby, name, major)?));
    // A piece of a configuration that does not speak of `hot_standby` leaves it at its default, `on`.
    let unsaid = standby.nodes(cluster).all(|(_, node)| node.settings.winner("hot_standby").is_none());
    let hot = |major: u8| is_on(cluster, standby, "hot_standby", major).map_or(unsaid, |(on, _)| on);
    let lower = |major: &u8| hot(*major) && both(*major).is_some_and(|((wanted, _), (own, _))| own < wanted);
    let at_fault = counted(majors, majors.iter().filter(lower).collect());
    let Some(major) = at_fault.last() else { return };
    let Some(((_, wanted), (_, own))) = both(major) else { return };
    let (least, has) = (shown(name, &wanted, major), shown(name, &own, major));
    let called = primary.shown();
    let message = match own.span {
        Some(_) => {
            format!("`{name}` is {has}, below the {least} of the primary {called}: the standby does not start")
        }
        None => format!(
            "`{name}` is not set, and its default of {has} is below the {least} of the primary {called}: the standby \
             does not start"
        ),
    };
    let primary_place = place(cluster, primary, wanted.span, "the primary has more", "the primary's default");
    let Some(label) = place(cluster, standby, own.span, "too low for the primary's WAL", "not set here") else {
        return;
    };
    let mut finding =
        Finding::new(CLUSTER_STANDBY_PARAMETER, Subject::Setting(name.to_owned()), at_fault, label, message)
            .help(format!("set `{name} = {least}` or more on the standby; raise it there first, then on the primary"));
    // The command line may set what the file leaves out.
    let known = is_on(cluster, standby, "hot_standby", major).is_some();
    let stated = own.span.is_some() && wanted.span.is_some() && known;
    finding = finding.confidence(if stated { confidence } else { Confidence::Medium });
    finding.related.extend(primary_place);
    out.push(finding);
}
