//! Whether the standbys that commits wait for are there.
//!
//! Source: `SyncRepGetStandbyPriority` and `SyncRepGetSyncRecPtr` in syncrep.c: a commit waits until as many as the
//! list's number of connected receivers with a name in it have the WAL; where fewer are connected, it waits for ever. A
//! server that is a standby itself waits for nobody. A name that nobody has counts only beside a standby that no name
//! means, since a tree need not show every standby.

use std::collections::HashSet;

use crate::catalog::Majors;
use crate::checks::cluster::ends::{Ends, ends};
use crate::checks::cluster::side::{counted, text};
use crate::checks::cluster::standby_name;
use crate::checks::cluster::strange::Strange;
use crate::finding::{Confidence, Finding, Label, Severity, Subject};
use crate::model::standby_names::{self, StandbyNames};
use crate::model::topology::{Link, Member};
use crate::model::value::Value;
use crate::rule::id::{CLUSTER_SYNCHRONOUS_NAMES, CLUSTER_SYNCHRONOUS_SINGLE};
use crate::rule::{Context, RuleId, Sink};
use crate::source::Span;

const NAME: &str = "synchronous_standby_names";
/// So many standbys are shown beside a finding.
const SHOWN: usize = 8;

/// A server that waits, and those that replicate from it.
struct Waiting<'a> {
    up: &'a Member,
    span: Span,
    list: StandbyNames,
    followers: Vec<(Ends<'a>, String)>,
    /// The names in the list, in lower case.
    listed: HashSet<String>,
    /// The names of the followers.
    names: HashSet<String>,
}

/// What is wrong with a list.
#[derive(PartialEq, Eq)]
enum Fault {
    /// Commits wait for ever.
    Hangs,
    /// A name means nobody, and a standby is meant by no name.
    Misnamed,
    /// Commits wait as soon as one standby is away.
    Single,
}

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    let topology = &cx.cluster.topology;
    let mut by_sender: Vec<Vec<Ends<'_>>> = topology.members.iter().map(|_| Vec::new()).collect();
    let mut follows = vec![false; topology.members.len()];
    for ends in ends(cx) {
        if let Some(list) = ends.edge.upstream.and_then(|up| by_sender.get_mut(up)) {
            list.push(ends);
        }
    }
    let strange = Strange::of(cx.cluster);
    for edge in topology.edges.iter().filter(|edge| edge.active && matches!(edge.link, Link::Physical { .. })) {
        if let Some(follows) = follows.get_mut(edge.downstream) {
            *follows = true;
        }
    }
    for ((up, followers), follows) in topology.members.iter().zip(&by_sender).zip(follows) {
        let waits = || up.majors.iter().any(|major| waits(cx, up, major).is_some());
        if !follows && !followers.is_empty() && waits() && !strange.is_near(up) {
            judge(cx, up, followers, out);
        }
    }
}

/// The list that the server waits for.
fn waits(cx: &Context<'_>, up: &Member, major: u8) -> Option<(StandbyNames, Span)> {
    let (value, span) = text(cx.cluster, up, NAME, major)?;
    let list = standby_names::read(value.as_bytes()).ok().filter(|list| list.number > 0)?;
    Some((list, span?))
}

fn judge<'a>(cx: &Context<'a>, up: &'a Member, ends: &[Ends<'a>], out: &mut Sink<'_>) {
    let at = |major: u8| -> Option<Waiting<'a>> {
        let (list, span) = waits(cx, up, major)?;
        let name = |ends: &Ends<'a>| Some((*ends, standby_name::name(cx.cluster, ends.edge, ends.down, major)?));
        let followers = ends.iter().map(name).collect::<Option<Vec<_>>>()?;
        let listed = list.names.iter().map(|name| name.to_ascii_lowercase()).collect();
        let names = followers.iter().map(|(_, name)| name.clone()).collect();
        Some(Waiting { up, span, list, followers, listed, names })
    };
    // Only majors on which each standby is one count.
    let physical = ends.iter().filter(|ends| ends.is_physical());
    let judged = physical.fold(up.majors, |majors, ends| majors & ends.down.majors);
    for (rule, faults) in [
        (CLUSTER_SYNCHRONOUS_NAMES, &[Fault::Hangs, Fault::Misnamed][..]),
        (CLUSTER_SYNCHRONOUS_SINGLE, &[Fault::Single][..]),
    ] {
        let is_at_fault = |waiting: &Waiting<'_>| waiting.fault().is_some_and(|fault| faults.contains(&fault));
        let majors: Majors = judged.iter().filter(|&major| at(major).is_some_and(|of| is_at_fault(&of))).collect();
        let majors = counted(judged, majors);
        if let Some(major) = majors.last()
            && let Some(waiting) = at(major)
        {
            waiting.report(cx, rule, majors, out);
        }
    }
}

impl Waiting<'_> {
    fn means(&self, name: &str) -> bool {
        self.listed.contains("*") || self.listed.contains(name)
    }

    fn meant(&self) -> usize {
        self.followers.iter().filter(|(_, name)| self.means(name)).count()
    }

    /// The names that nobody has.
    fn nobody(&self) -> impl Iterator<Item = &String> {
        let is_nobody = |listed: &&String| *listed != "*" && !self.names.contains(&listed.to_ascii_lowercase());
        self.list.names.iter().filter(is_nobody)
    }

    /// The standbys that no name means.
    fn unmeant(&self) -> impl Iterator<Item = &(Ends<'_>, String)> {
        self.followers.iter().filter(|(ends, name)| ends.is_physical() && !self.means(name))
    }

    fn fault(&self) -> Option<Fault> {
        let meant = self.meant();
        let missing = self.nobody().next().is_some();
        if missing && self.unmeant().next().is_some() {
            return Some(if meant < self.list.number { Fault::Hangs } else { Fault::Misnamed });
        }
        // Where all that is listed is there, no other standby can be meant.
        if !missing && meant < self.list.number {
            return Some(Fault::Hangs);
        }
        (!missing && meant == self.list.number).then_some(Fault::Single)
    }

    fn report(&self, cx: &Context<'_>, rule: RuleId, majors: Majors, out: &mut Sink<'_>) {
        let called = self.up.shown();
        let number = match self.list.number {
            1 => "1 standby".to_owned(),
            number => format!("{number} standbys"),
        };
        let missing = self.nobody().take(SHOWN).map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        let (message, label, help) = match (self.fault(), missing.is_empty()) {
            (Some(Fault::Single), _) => (
                format!("`{NAME}` waits for {number}, and no more than that follow {called}"),
                "commits wait as soon as one of them is away",
                "add a standby that may take the place of another",
            ),
            (_, false) => (
                format!("`{NAME}` waits for {number} and names {missing}, which no standby of {called} is called"),
                if self.meant() < self.list.number { "commits wait for ever" } else { "is never waited for" },
                "name the standbys by the `application_name` in their `primary_conninfo`",
            ),
            (_, true) => (
                format!("`{NAME}` waits for {number}, and of those it names {} follow {called}", self.meant()),
                "commits wait for ever",
                "lower the number, or add standbys",
            ),
        };
        let subject = Subject::Setting(NAME.to_owned());
        let mut finding = Finding::new(rule, subject, majors, Label::new(self.span, label), message).help(help);
        let certain = self.followers.iter().all(|(ends, _)| ends.edge.certain);
        // Other standbys may be made by hand.
        let named = !missing.is_empty() && certain;
        finding = finding.confidence(if named { Confidence::High } else { Confidence::Medium });
        if rule == CLUSTER_SYNCHRONOUS_NAMES && (self.fault() != Some(Fault::Hangs) || self.is_lax(cx, majors)) {
            finding = finding.severity(Severity::Warning);
        }
        for (ends, name) in self.followers.iter().take(SHOWN) {
            if let Some(span) = ends.edge.span(cx.cluster) {
                finding = finding.related(span, format!("is called `{name}`"));
            }
        }
        out.push(finding);
    }

    /// Whether commits wait for no standby unless a session asks for it.
    fn is_lax(&self, cx: &Context<'_>, majors: Majors) -> bool {
        let said = majors.last().and_then(|major| self.up.setting(cx.cluster, "synchronous_commit", major));
        said.is_some_and(|said| matches!(said.value, Value::Enum("off" | "local")))
    }
}
