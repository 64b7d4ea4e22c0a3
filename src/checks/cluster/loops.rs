//! Rows that come back: two servers that subscribe to each other.

use std::collections::HashMap;

use super::ends::{Ends, ends};
use super::sender::{Sender, Senders};
use super::uses::option;
use crate::catalog::Majors;
use crate::finding::{Finding, Label, Subject};
use crate::model::objects::TableName;
use crate::model::sql::CreateSubscription;
use crate::rule::id::CLUSTER_TWO_WAY_ORIGIN;
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
        let mut shared = Vec::new();
        for (key, _) in self.tables.iter().filter(|(_, (_, part))| !part) {
            match back.tables.get(key) {
                Some((span, false)) => shared.push((key, *span)),
                None => shared.extend(back.all.map(|all| (key, all))),
                Some(_) => {}
            }
        }
        if self.all.is_some() {
            let others = back.tables.iter().filter(|(key, (_, part))| !part && !self.tables.contains_key(*key));
            shared.extend(others.map(|(key, (span, _))| (key, *span)));
        }
        let ((schema, name), span) = shared.into_iter().min_by(|one, other| one.0.cmp(other.0))?;
        let shown = if schema == "public" { shorten(name) } else { shorten(&format!("{schema}.{name}")) };
        Some((format!("table `{shown}`"), span))
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
    let (up, down) = (ends.up.shown(), ends.down.shown());
    let message = format!(
        "{down} and {up} replicate {shared} to each other, and subscription `{}` brings rows of {down} back to it",
        cx.name(create.name.span)
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
