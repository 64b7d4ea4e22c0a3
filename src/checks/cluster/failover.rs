//! Logical slots that are to be carried over to a standby (17 and later): whether each of the chain does its part.
//!
//! Source: `synchronize_slots` in slotsync.c, which takes failover slots only; `StandbySlotsHaveCaughtup` in slot.c, by
//! which the senders of failover slots wait for every slot of `synchronized_standby_slots`, also for one that is not
//! there. What the standby lacks by itself is said by `recovery-slotsync-incomplete`.

use std::cell::OnceCell;
use std::collections::HashSet;

use memchr::memmem;

use crate::catalog::Majors;
use crate::checks::cluster::ends::{Ends, ends};
use crate::checks::cluster::side::{is_on, place, text};
use crate::checks::cluster::strange::Strange;
use crate::checks::cluster::uses::{Use, User, standby_slot, uses};
use crate::finding::{Confidence, Finding, Label, Severity, Subject};
use crate::model::topology::Member;
use crate::rule::id::{CLUSTER_FAILOVER_NOT_MARKED, CLUSTER_FAILOVER_NOT_SYNCED, CLUSTER_SYNCHRONIZED_STANDBY_SLOTS};
use crate::rule::{Context, Sink};
use crate::source::Span;

const SYNC: &str = "sync_replication_slots";
const LIST: &str = "synchronized_standby_slots";

/// A primary with its standbys and those that use its slots.
struct Chain<'a> {
    up: &'a Member,
    standbys: Vec<Ends<'a>>,
    uses: &'a [Use],
    /// Whether a connection nearby may be that of another standby.
    open: bool,
    major: u8,
    majors: Majors,
}

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    let topology = &cx.cluster.topology;
    let mut standbys: Vec<Vec<Ends<'_>>> = topology.members.iter().map(|_| Vec::new()).collect();
    for ends in ends(cx).filter(Ends::is_physical) {
        if let Some(list) = ends.edge.upstream.and_then(|up| standbys.get_mut(up)) {
            list.push(ends);
        }
    }
    if standbys.iter().all(Vec::is_empty) {
        return;
    }
    let strange = Strange::of(cx.cluster);
    let all = uses(cx.cluster);
    let by_hand = OnceCell::new();
    for ((up, standbys), uses) in topology.members.iter().zip(standbys).zip(&all) {
        let shared = standbys.iter().fold(up.majors, |majors, ends| majors & ends.down.majors);
        let majors = shared & Majors::since(17);
        // Where nothing says which major is meant, the newest is judged.
        let Some(major) = majors.last().filter(|_| !standbys.is_empty()) else { continue };
        let chain = Chain { up, standbys, uses, open: strange.is_near(up), major, majors };
        chain.not_marked(cx, out);
        chain.not_synced(cx, &by_hand, out);
        chain.list(cx, out);
    }
}

impl Chain<'_> {
    /// The standbys that carry slots over, with where that is said.
    fn syncing(&self, cx: &Context<'_>) -> impl Iterator<Item = (&Ends<'_>, Span)> {
        self.standbys.iter().filter_map(|ends| match is_on(cx.cluster, ends.down, SYNC, self.major)? {
            (true, Some(span)) => Some((ends, span)),
            _ => None,
        })
    }

    fn failover(&self) -> impl Iterator<Item = &Use> {
        self.uses.iter().filter(|of| of.failover == Some(true))
    }

    fn not_marked(&self, cx: &Context<'_>, out: &mut Sink<'_>) {
        let Some((standby, span)) = self.syncing(cx).next() else { return };
        // A call that makes the slot may mark it.
        let calls = self.uses.iter().filter(|of| matches!(of.user, User::Call { .. }) && of.failover != Some(false));
        let calls = calls.filter_map(|of| of.slot.as_deref()).collect::<HashSet<_>>();
        for of in self.uses.iter().filter(|of| of.user == User::Subscription && of.failover == Some(false)) {
            let down = of.down.and_then(|down| cx.cluster.topology.members.get(down));
            let able = down.is_some_and(|down| !(down.majors & Majors::since(17)).is_empty());
            let Some(slot) = of.slot.as_deref().filter(|slot| able && !calls.contains(slot)) else { continue };
            let message = format!(
                "subscription `{}` leaves `failover` off, so {} does not carry its slot `{slot}` over",
                of.name,
                standby.down.standby()
            );
            let label = Label::new(of.span, "does not survive a failover");
            let subject = Subject::Subscription(of.name.clone());
            let certain = of.certain && standby.edge.certain;
            out.push(
                Finding::new(CLUSTER_FAILOVER_NOT_MARKED, subject, self.majors, label, message)
                    .confidence(if certain { Confidence::High } else { Confidence::Medium })
                    .related(span, "carries over slots that are marked")
                    .help("create the subscription with `failover = true`, or set it while it is disabled"),
            );
        }
    }

    fn not_synced(&self, cx: &Context<'_>, by_hand: &OnceCell<bool>, out: &mut Sink<'_>) {
        let idle = |ends: &Ends<'_>| is_on(cx.cluster, ends.down, SYNC, self.major).is_some_and(|(on, _)| !on);
        let Some(first) = self.failover().next().filter(|_| !self.open && self.standbys.iter().all(idle)) else {
            return;
        };
        // The function does by hand what the setting does all the time.
        let calls = |bytes: &[u8]| memmem::find(bytes, b"pg_sync_replication_slots").is_some();
        if *by_hand.get_or_init(|| cx.sources.iter().any(|(_, file)| calls(file.bytes()))) {
            return;
        }
        let number = self.failover().count();
        let slots = match number {
            1 => format!("slot `{}` is", first.slot.as_deref().unwrap_or_default()),
            number => format!("{number} slots are"),
        };
        let message = format!("{slots} marked for failover, and no standby of {} has `{SYNC} = on`", self.up.shown());
        let label = Label::new(first.span, "is carried over by no standby");
        let subject = match first.user {
            User::Subscription => Subject::Subscription(first.name.clone()),
            _ => Subject::Object(format!("slot {}", first.name)),
        };
        let mut finding = Finding::new(CLUSTER_FAILOVER_NOT_SYNCED, subject, self.majors, label, message)
            .confidence(Confidence::Medium)
            .help(format!("set `{SYNC} = on` on the standby that is to be promoted"));
        for ends in self.standbys.iter().take(8) {
            let span = is_on(cx.cluster, ends.down, SYNC, self.major).and_then(|(_, span)| span);
            finding.related.extend(place(cx.cluster, ends.down, span, "is off", "the default is `off`"));
        }
        out.push(finding);
    }

    /// The slots that failover slots wait for.
    fn list(&self, cx: &Context<'_>, out: &mut Sink<'_>) {
        let Some((list, span)) = text(cx.cluster, self.up, LIST, self.major) else { return };
        let listed = list.split(',').map(|name| name.trim().trim_matches('"').to_ascii_lowercase());
        let listed = listed.filter(|name| !name.is_empty()).collect::<HashSet<_>>();
        let slot = |ends: &Ends<'_>| standby_slot(cx.cluster, ends.down, ends.edge, self.major);
        let used = self.standbys.iter().filter_map(slot).map(|(slot, _)| slot).collect::<HashSet<_>>();
        let failover = self.failover().next();
        let unlisted = |(ends, sync): &(&Ends<'_>, Span)| {
            let (slot, span) = slot(ends).filter(|(slot, _)| !listed.contains(slot))?;
            Some((slot, span, ends.down.standby(), *sync))
        };
        let Some((slot, own, standby, sync)) = self.syncing(cx).find_map(|of| unlisted(&of)) else { return };
        // A name that no standby uses, while one that carries slots over is not named: the name is wrong.
        let nobody = listed.iter().filter(|name| !used.contains(*name)).min().filter(|_| !self.open);
        let (message, label, severity) = match nobody {
            Some(name) => (
                format!("`{LIST}` names `{name}`, which no standby uses, and not `{slot}` of {standby}"),
                "failover slots wait for ever",
                Severity::Error,
            ),
            None => (
                format!("`{LIST}` does not name `{slot}`, the slot of {standby}, which synchronises slots"),
                "subscribers may be ahead of the standby",
                Severity::Warning,
            ),
        };
        let Some(failover) = failover else { return };
        let Some(label) = place(cx.cluster, self.up, span, label, label) else { return };
        let stated = span.is_some() && self.standbys.iter().all(|ends| ends.edge.certain);
        out.push(
            Finding::new(
                CLUSTER_SYNCHRONIZED_STANDBY_SLOTS,
                Subject::Setting(LIST.to_owned()),
                self.majors,
                label,
                message,
            )
            .severity(severity)
            .confidence(if stated { Confidence::High } else { Confidence::Medium })
            .related(own, "its slot")
            .related(sync, "synchronises slots")
            .related(failover.span, "is marked for failover")
            .help(format!("add `{slot}` to `{LIST}` on the primary")),
        );
    }
}
