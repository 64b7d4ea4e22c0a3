//! What a standby lacks once it is the primary: an archive, and slots for those that replicate from its primary now.
//!
//! Source: `archive_mode` and `max_replication_slots` take a restart; `XLogArchivingActive` in xlog.h looks at the
//! server's own setting. The number of WAL senders is at least the primary's anyway, see `standby_parameter`.

use std::collections::HashSet;

use crate::catalog::Majors;
use crate::checks::cluster::ends::{Ends, ends};
use crate::checks::cluster::side::{counted, int, is_on, place};
use crate::checks::cluster::uses::{Use, uses};
use crate::finding::{Confidence, Finding, Subject};
use crate::rule::id::{CLUSTER_PROMOTION_ARCHIVE, CLUSTER_PROMOTION_SLOTS};
use crate::rule::{Context, Sink};

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    let all = uses(cx.cluster);
    for ends in ends(cx).filter(Ends::is_physical) {
        archive(cx, &ends, out);
        if let Some(own) = ends.edge.upstream.and_then(|up| all.get(up)) {
            slots(cx, &ends, own, out);
        }
    }
}

fn archive(cx: &Context<'_>, ends: &Ends<'_>, out: &mut Sink<'_>) {
    let get = |member, major| is_on(cx.cluster, member, "archive_mode", major);
    let lacks = |major: &u8| {
        get(ends.up, *major).is_some_and(|(on, _)| on) && get(ends.down, *major).is_some_and(|(on, _)| !on)
    };
    let majors = ends.physical_majors();
    let at_fault: Majors = counted(majors, majors.iter().filter(lacks).collect());
    let Some(major) = at_fault.last() else { return };
    let span = get(ends.down, major).and_then(|(_, span)| span);
    let Some(label) = place(cx.cluster, ends.down, span, "archives nothing once promoted", "not set here") else {
        return;
    };
    let message = format!("`archive_mode` is off on a standby of {}, which archives its WAL", ends.up.shown());
    let mut finding =
        Finding::new(CLUSTER_PROMOTION_ARCHIVE, Subject::Setting("archive_mode".to_owned()), at_fault, label, message)
            .confidence(Confidence::Medium)
            .help("set `archive_mode = on` on the standby too: it archives nothing before it is promoted");
    if let Some((_, Some(span))) = get(ends.up, major) {
        finding = finding.related(span, "the primary's");
    }
    out.push(finding);
}

fn slots(cx: &Context<'_>, ends: &Ends<'_>, own: &[Use], out: &mut Sink<'_>) {
    let name = "max_replication_slots";
    let others = own.iter().filter(|of| of.down != Some(ends.edge.downstream));
    let needed = others.filter_map(|of| of.down.and(of.slot.as_deref())).collect::<HashSet<_>>().len();
    let needed = i64::try_from(needed).unwrap_or(i64::MAX);
    let majors = ends.physical_majors();
    let few = |major: &u8| int(cx.cluster, ends.down, name, *major).is_some_and(|(most, _)| needed > most);
    let at_fault: Majors = counted(majors, majors.iter().filter(few).collect());
    let found = at_fault.last().and_then(|major| int(cx.cluster, ends.down, name, major));
    let Some((most, said)) = found else { return };
    let Some(label) = place(cx.cluster, ends.down, said.span, "too few once promoted", "not set here") else { return };
    let message = format!(
        "`{name}` is {most} on a standby of {}, whose other standbys and subscriptions use {needed} {}",
        ends.up.shown(),
        if needed == 1 { "slot" } else { "slots" }
    );
    let mut finding =
        Finding::new(CLUSTER_PROMOTION_SLOTS, Subject::Setting(name.to_owned()), at_fault, label, message)
            .confidence(Confidence::Medium)
            .help(format!("set `{name} = {needed}` or more on the standby too"));
    let used = own.iter().filter(|of| of.down.is_some_and(|down| down != ends.edge.downstream) && of.slot.is_some());
    for of in used.take(8) {
        finding = finding.related(of.span, "uses a slot of the primary");
    }
    out.push(finding);
}
