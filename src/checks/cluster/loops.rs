//! Rows that come back: two servers that subscribe to each other, and a subscription to its own server.

use std::collections::HashMap;

use super::ends::{Ends, ends};
use super::sender::{Sender, Senders};
use super::uses::{flag, option};
use crate::catalog::Majors;
use crate::finding::{Finding, Label, Subject};
use crate::model::objects::TableName;
use crate::model::sql::CreateSubscription;
use crate::rule::id::{CLUSTER_SUBSCRIPTION_SELF, CLUSTER_TWO_WAY_ORIGIN};
use crate::rule::{Context, Sink, shorten};
use crate::source::Span;

/// The tables that flow from one server to another by a subscription; by schema and name.
#[derive(Default)]
struct Flow {
    /// Where one is published, and whether only some of its rows are.
    tables: HashMap<(String, String), (Span, bool)>,
    all: Option<Span>,
}

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    itself(cx, out);
    let senders = Senders::new(cx);
    let mut ways: HashMap<(usize, usize), (Flow, Span)> = HashMap::new();
    for ends in ends(cx) {
        let (Some(create), Some(up)) = (ends.edge.subscription(cx.cluster), ends.edge.upstream) else { continue };
        let (flow, _) = ways.entry((up, ends.edge.downstream)).or_insert_with(|| (Flow::default(), create.name.span));
        if !fill(flow, &ends, create, &senders) {
            return;
        }
    }
    for ends in ends(cx) {
        let (Some(create), Some(up)) = (ends.edge.subscription(cx.cluster), ends.edge.upstream) else { continue };
        let Some((back, other)) = ways.get(&(ends.edge.downstream, up)) else { continue };
        let mut flow = Flow::default();
        if !fill(&mut flow, &ends, create, &senders) {
            return;
        }
        if let (Some(shared), true) = (flow.shares(back), echoes(create, senders.receiver(&ends))) {
            two_way(cx, &ends, create, &shared, *other, out);
        }
    }
}

/// Adds what a subscription takes; false where too much was looked at.
fn fill<'a>(flow: &mut Flow, ends: &Ends<'a>, create: &CreateSubscription, senders: &Senders<'a>) -> bool {
    let Some(sender) = senders.of(ends) else { return true };
    for publication in create.publications.iter().filter_map(|name| sender.publications.get(name.text.as_str())) {
        if !senders.spend(publication.tables.len().saturating_add(1)) {
            return false;
        }
        if !publication.is_known() {
            continue;
        }
        flow.all = flow.all.or(publication.all);
        for table in &publication.tables {
            let Some(name) = TableName::of(&table.name) else { continue };
            let key = (name.schema.unwrap_or_else(|| "public".to_owned()), name.name);
            let part = table.filter.is_some();
            let entry = flow.tables.entry(key).or_insert((table.span, part));
            entry.1 |= part;
        }
    }
    true
}

impl Flow {
    /// A table that flows both ways as a whole, in words, with where it is published on the way back.
    fn shares(&self, back: &Self) -> Option<(String, Span)> {
        if let (Some(_), Some(all)) = (self.all, back.all) {
            return Some(("all tables".to_owned(), all));
        }
        let shown = |(schema, name): &(String, String)| {
            if schema == "public" {
                format!("table `{}`", shorten(name))
            } else {
                format!("table `{}`", shorten(&format!("{schema}.{name}")))
            }
        };
        let whole = |of: &&((&(String, String), &(Span, bool)),)| !of.0.1.1;
        let mine = self.tables.iter().map(|of| (of,)).filter(|of| whole(&of)).filter_map(|(of,)| {
            match (back.tables.get(of.0), back.all) {
                (Some((span, false)), _) => Some((of.0, *span)),
                (None, Some(all)) => Some((of.0, all)),
                _ => None,
            }
        });
        let theirs = back.tables.iter().filter(|(_, (_, part))| !part && self.all.is_some());
        let both = mine.chain(theirs.filter(|(key, _)| !self.tables.contains_key(*key)).map(|(key, of)| (key, of.0)));
        both.min_by(|one, other| one.0.cmp(other.0)).map(|(key, span)| (shown(key), span))
    }
}

/// Whether a subscription takes rows that did not begin on its publisher.
fn echoes(create: &CreateSubscription, receiver: Option<&Sender<'_>>) -> bool {
    let later = receiver.and_then(|of| of.options.get(create.name.text.as_str()));
    if later.is_some_and(|options| options.contains("origin")) || create.options.iter().any(|item| item.name.dynamic) {
        return false;
    }
    match option(&create.options, "origin").and_then(|item| item.value.as_ref()) {
        None => true,
        Some(value) => !value.is_dynamic() && value.text().eq_ignore_ascii_case("any"),
    }
}

fn two_way(
    cx: &Context<'_>,
    ends: &Ends<'_>,
    create: &CreateSubscription,
    (shared, published): &(String, Span),
    other: Span,
    out: &mut Sink<'_>,
) {
    let (up, down) = (ends.up.called(), ends.down.called());
    let message = format!(
        "`{down}` and `{up}` replicate {shared} to each other, and subscription `{}` brings rows of `{down}` back to it",
        cx.show(create.name.span)
    );
    let subject = Subject::Subscription(create.name.text.clone());
    let label = Label::new(create.name.span, "has no `origin = none`");
    let help = if (ends.down.majors & Majors::since(16)).is_empty() {
        "before 16 nothing stops them: publish disjoint rows or tables each way"
    } else {
        "add `origin = none` to the options of the subscription"
    };
    out.push(
        Finding::new(CLUSTER_TWO_WAY_ORIGIN, subject, ends.down.majors, label, message)
            .related(other, "the other way")
            .related(*published, "published there")
            .help(help)
            .confidence(ends.confidence()),
    );
}

/// Subscriptions that make a slot on their own server, where the statement waits for itself.
fn itself(cx: &Context<'_>, out: &mut Sink<'_>) {
    let topology = &cx.cluster.topology;
    for edge in topology.edges.iter().filter(|edge| edge.certain && edge.upstream == Some(edge.downstream)) {
        let Some((create, member)) = edge.subscription(cx.cluster).zip(topology.members.get(edge.downstream)) else {
            continue;
        };
        let makes = flag(create, "create_slot", true) == Some(true) && flag(create, "connect", true) == Some(true);
        let publications = &member.objects(cx.cluster).publications;
        let own = create.publications.iter().filter_map(|name| publications.get(&name.text)?.created.first()).next();
        let (Some((_, published)), true) = (own, makes && !create.options.iter().any(|item| item.name.dynamic)) else {
            continue;
        };
        let message = format!(
            "subscription `{}` leads to its own server, `{}`, and waits for ever for its own transaction",
            cx.show(create.name.span),
            member.called()
        );
        let subject = Subject::Subscription(create.name.text.clone());
        let span = edge.conninfo(cx.cluster).and_then(|of| Some(of.conninfo.get("port")?.span));
        let label = Label::new(span.unwrap_or(create.name.span), format!("leads to {}", edge.why));
        out.push(
            Finding::new(CLUSTER_SUBSCRIPTION_SELF, subject, member.majors, label, message)
                .related(*published, "published by the same server")
                .help("make the slot first, with pg_create_logical_replication_slot, and subscribe with `create_slot = false`"),
        );
    }
}
