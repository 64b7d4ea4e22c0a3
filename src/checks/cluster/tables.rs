//! Tables and columns that are sent and are not there on the receiver.
//!
//! Source: `AddSubscriptionRelState` by way of `RangeVarGetRelid` in subscriptioncmds.c ("relation does not exist") and
//! `logicalrep_report_missing_attrs` in relation.c ("is missing replicated column"). What the receiver's SQL does not
//! make may come from a dump; only where it makes another of the tables that are sent, one is taken to be missing.

use std::collections::BTreeSet;

use crate::checks::cluster::ends::{Ends, ends};
use crate::checks::cluster::published::{BUDGET, Sent, may_be_made, sent};
use crate::finding::{Finding, Label, Subject};
use crate::model::objects::Table;
use crate::model::sql::CreateSubscription;
use crate::rule::id::{CLUSTER_COLUMN_MISSING, CLUSTER_TABLE_MISSING};
use crate::rule::{Context, Sink};
use crate::source::Span;

/// So many tables of a subscription are told of.
const MOST: usize = 20;

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    let mut budget = BUDGET;
    for ends in ends(cx) {
        let Some(create) = ends.edge.subscription(cx.cluster) else { continue };
        if ends.down.objects(cx.cluster).tables.is_empty() {
            continue;
        }
        let sent = sent(&ends, create);
        budget = budget.saturating_sub(sent.len());
        if budget == 0 {
            return;
        }
        let mut told = BTreeSet::new();
        let mut left = MOST;
        let made = sent.iter().find_map(|sent| made(&ends, sent));
        for table in sent.iter().filter(|sent| told.insert(sent.table.to_string())) {
            let found = missing(cx, &ends, create, table, made).or_else(|| columns(cx, &ends, create, table));
            left -= usize::from(found.is_some());
            found.into_iter().for_each(|finding| out.push(finding.confidence(ends.confidence())));
            if left == 0 {
                break;
            }
        }
    }
}

/// Where the receiver makes a table that is sent.
fn made(ends: &Ends<'_>, sent: &Sent<'_>) -> Option<Span> {
    let table = ends.down.objects(ends.cluster).find_table(&sent.table).filter(|table| table.is_plain())?;
    table.created.first().map(|created| created.span)
}

fn missing(
    cx: &Context<'_>,
    ends: &Ends<'_>,
    create: &CreateSubscription,
    sent: &Sent<'_>,
    made: Option<Span>,
) -> Option<Finding> {
    let objects = ends.down.objects(cx.cluster);
    if may_be_made(ends, objects, &sent.table) {
        return None;
    }
    let made = made?;
    let message = format!(
        "table `{}` is sent to subscription `{}`, and `{}` does not make it",
        sent.table,
        cx.show(create.name.span),
        ends.down.called()
    );
    let subject = Subject::Subscription(create.name.text.clone());
    let label = Label::new(create.name.span, "is refused");
    let finding = Finding::new(CLUSTER_TABLE_MISSING, subject, ends.down.majors, label, message);
    let finding = finding.related(sent.span, "published here").related(made, "the subscriber makes this one");
    Some(finding.help(format!("make the table on `{}` before the subscription", ends.down.called())))
}

/// The columns of the sender's table that the receiver's lacks.
fn columns(cx: &Context<'_>, ends: &Ends<'_>, create: &CreateSubscription, sent: &Sent<'_>) -> Option<Finding> {
    let whole = |table: &Table| table.is_plain() && !table.reshaped;
    let theirs = ends.up.objects(cx.cluster).find_table(&sent.table);
    let ours = ends.down.objects(cx.cluster).find_table(&sent.table).filter(|table| whole(table))?;
    if cx.cluster.topology.loose(cx.cluster).tables_like(&sent.table).next().is_some() {
        return None;
    }
    let names: Vec<&str> = match sent.listed.and_then(|listed| listed.columns.as_ref()) {
        Some((names, _)) if names.iter().any(|name| name.dynamic) => return None,
        Some((names, _)) => names.iter().map(|name| name.text.as_str()).collect(),
        // Computed columns are not sent by themselves.
        None => theirs?.columns()?.into_iter().filter(|(_, generated)| !generated).map(|(name, _)| name).collect(),
    };
    let own = ours.columns()?.into_iter().map(|(name, _)| name).collect::<BTreeSet<_>>();
    let lacking = names.iter().filter(|name| !own.contains(**name)).map(|name| format!("`{name}`")).collect::<Vec<_>>();
    let created = ours.created.first()?;
    if lacking.is_empty() {
        return None;
    }
    let message = format!(
        "table `{}` on `{}` lacks {} that subscription `{}` is sent",
        sent.table,
        ends.down.called(),
        lacking.join(", "),
        cx.show(create.name.span)
    );
    let subject = Subject::Subscription(create.name.text.clone());
    let label = Label::new(created.span, "the subscription stops at this table");
    let finding = Finding::new(CLUSTER_COLUMN_MISSING, subject, ends.down.majors, label, message);
    let finding = finding.related(sent.span, "published here").related(create.name.span, "sent by this subscription");
    Some(finding.help("add the columns, or publish the table with a column list (15 and later)"))
}
