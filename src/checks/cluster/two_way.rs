//! Subscriptions that lead back: of two servers to each other, of a server to itself; and options that the sender's
//! major does not know.
//!
//! Source: sql-createsubscription.html (`origin`, and the note on a subscription to the same cluster);
//! `parseCreateReplSlotOptions` in walsender.c ("unrecognized option"); what libpqrcv_startstreaming leaves away for an
//! older sender is no fault.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::Majors;
use crate::checks::cluster::ends::{Ends, ends};
use crate::checks::cluster::published::publications;
use crate::finding::{Finding, Label, Subject};
use crate::model::sql::{CreateSubscription, OptionItem};
use crate::model::value::parse_bool;
use crate::rule::id::{CLUSTER_OPTION_PUBLISHER_MAJOR, CLUSTER_SUBSCRIPTION_SELF, CLUSTER_TWO_WAY_ORIGIN};
use crate::rule::{Context, Sink};

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    own(cx, out);
    let all = ends(cx).filter_map(|ends| Some((ends, ends.edge.subscription(cx.cluster)?))).collect::<Vec<_>>();
    let mut between: BTreeMap<(usize, usize), Vec<&(Ends<'_>, &CreateSubscription)>> = BTreeMap::new();
    for of in &all {
        options(cx, &of.0, of.1, out);
        if let Some(up) = of.0.edge.upstream {
            between.entry((up, of.0.edge.downstream)).or_default().push(of);
        }
    }
    for (&(up, down), forth) in &between {
        let Some(back) = between.get(&(down, up)) else { continue };
        let back = Way::of(back);
        for (ends, create) in forth {
            if let Some(other) = back.meets(tables(ends, create).as_ref()) {
                echo(cx, ends, create, other, out);
            }
        }
    }
}

/// The tables that the subscriptions of one direction bring, each with one that does.
#[derive(Default)]
struct Way<'a> {
    every: Option<&'a CreateSubscription>,
    tables: BTreeMap<String, &'a CreateSubscription>,
}

impl<'a> Way<'a> {
    fn of(subscriptions: &[&(Ends<'a>, &'a CreateSubscription)]) -> Self {
        let mut way = Self::default();
        for (ends, create) in subscriptions {
            match tables(ends, create) {
                None => way.every = way.every.or(Some(create)),
                Some(names) => way.tables.extend(names.into_iter().map(|name| (name, *create))),
            }
        }
        way
    }

    /// A subscription that has one of the tables; `None` stands for every table.
    fn meets(&self, tables: Option<&BTreeSet<String>>) -> Option<&'a CreateSubscription> {
        match tables {
            None => self.every.or_else(|| self.tables.values().next().copied()),
            Some(names) if names.is_empty() => None,
            Some(names) => self.every.or_else(|| names.iter().find_map(|name| self.tables.get(name).copied())),
        }
    }
}

/// The value of an option that is given, in lower case; `None` inside where it is known only at run time.
fn option(create: &CreateSubscription, name: &str) -> Option<Option<(String, OptionItem)>> {
    if create.options.iter().any(|item| item.name.dynamic) {
        return Some(None);
    }
    let item = create.options.iter().rev().find(|item| item.name.text == name)?;
    let value = match &item.value {
        None => "true".to_owned(),
        Some(value) if value.is_dynamic() => return Some(None),
        Some(value) => value.text().to_ascii_lowercase(),
    };
    Some(Some((value, item.clone())))
}

/// The names of the tables of a subscription; `None` stands for every table.
fn tables(ends: &Ends<'_>, create: &CreateSubscription) -> Option<BTreeSet<String>> {
    let mut names = BTreeSet::new();
    for (_, publication) in publications(ends, create) {
        if publication.all_tables.is_some() || !publication.schemas.is_empty() {
            return None;
        }
        names.extend(publication.tables.iter().map(|(_, table)| table.name.name.text.clone()));
    }
    Some(names)
}

/// Of two subscriptions that hand each other's tables on, one that takes what the other sent.
fn echo(
    cx: &Context<'_>,
    ends: &Ends<'_>,
    create: &CreateSubscription,
    other: &CreateSubscription,
    out: &mut Sink<'_>,
) {
    let place = match option(create, "origin") {
        Some(None) => return,
        Some(Some((value, _))) if value == "none" => return,
        Some(Some((_, item))) => item.span,
        None => create.name.span,
    };
    let (sender, receiver) = (ends.up.called(), ends.down.called());
    let message = format!(
        "subscription `{}` brings `{receiver}` its own rows back from `{sender}`, which subscribes to them",
        cx.show(create.name.span)
    );
    let subject = Subject::Subscription(create.name.text.clone());
    let label = Label::new(place, "takes rows that others sent");
    let finding = Finding::new(CLUSTER_TWO_WAY_ORIGIN, subject, ends.down.majors, label, message);
    let help = if ends.down.majors.iter().any(|major| major >= 16) {
        "set `origin = none` on both subscriptions (16 and later)"
    } else {
        "let each table be written on one of the servers only: before 16 there is no `origin`"
    };
    let finding = finding.related(other.name.span, "the subscription the other way");
    out.push(finding.confidence(ends.confidence()).help(help));
}

/// Subscriptions of a server to itself.
fn own(cx: &Context<'_>, out: &mut Sink<'_>) {
    let topology = &cx.cluster.topology;
    for edge in topology.edges.iter().filter(|edge| edge.certain && edge.upstream == Some(edge.downstream)) {
        let (Some(create), Some(member)) = (edge.subscription(cx.cluster), topology.members.get(edge.downstream))
        else {
            continue;
        };
        // What does not make its slot by itself does not wait for itself.
        let off = |name: &str| match option(create, name) {
            None => false,
            Some(None) => true,
            Some(Some((value, _))) => value == "none" || parse_bool(value.as_bytes()) == Some(false),
        };
        if off("create_slot") || off("slot_name") || off("connect") {
            continue;
        }
        let message = format!(
            "subscription `{}` leads to its own server `{}`: making its slot waits for the statement itself, for ever",
            cx.show(create.name.span),
            member.called()
        );
        let subject = Subject::Subscription(create.name.text.clone());
        let label = Label::new(create.name.span, "never ends");
        let finding = Finding::new(CLUSTER_SUBSCRIPTION_SELF, subject, member.majors, label, message);
        let leads = edge.conninfo(cx.cluster).map(|of| of.conninfo.span);
        let finding = leads.into_iter().fold(finding, |finding, span| finding.related(span, "leads to itself"));
        let port = member.majors.last().and_then(|major| member.setting(cx.cluster, "port", major)?.span);
        let finding = port.into_iter().fold(finding, |finding, span| finding.related(span, "its own port"));
        let help = "make the slot first with `pg_create_logical_replication_slot`, and the subscription with `create_slot = false`";
        out.push(finding.help(help));
    }
}

/// Options that go to the sender with the command that makes the slot.
const OF_SLOTS: [(&str, u8); 2] = [("two_phase", 15), ("failover", 17)];

fn options(cx: &Context<'_>, ends: &Ends<'_>, create: &CreateSubscription, out: &mut Sink<'_>) {
    for (name, since) in OF_SLOTS {
        let Some(Some((value, item))) = option(create, name) else { continue };
        let older = ends.up.majors - Majors::since(since);
        // What the receiver does not know itself is another rule's.
        let majors = ends.down.majors & Majors::since(since);
        if parse_bool(value.as_bytes()) != Some(true) || older != ends.up.majors || majors.is_empty() {
            continue;
        }
        let sender = ends.up.called();
        let message = format!(
            "subscription `{}` asks for `{name}`, which `{sender}` of PostgreSQL {older} does not know",
            cx.show(create.name.span)
        );
        let subject = Subject::Subscription(create.name.text.clone());
        let label = Label::new(item.span, "is refused");
        let finding = Finding::new(CLUSTER_OPTION_PUBLISHER_MAJOR, subject, majors, label, message);
        let root = ends.up.root(cx.cluster).map(|root| Label::absent(root, format!("PostgreSQL {older}")));
        let finding = root.into_iter().fold(finding, |finding, label| finding.related(label.span, label.text));
        out.push(
            finding.confidence(ends.confidence()).help(format!("leave it out until `{sender}` is {since} or later")),
        );
    }
}
