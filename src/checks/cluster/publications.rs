//! Publications that the sender does not make, and tables that come by several publications in different ways.
//!
//! Source: `LoadPublications` in pgoutput.c ("publication does not exist", which the sender says once there is a change
//! to send), `fetch_table_list` in subscriptioncmds.c ("cannot use different column lists for table").

use std::collections::{BTreeSet, HashMap, HashSet};

use crate::catalog::{Majors, nearest};
use crate::checks::cluster::ends::{Ends, ends};
use crate::checks::cluster::published::{BUDGET, Sent, publications, sent};
use crate::finding::{Finding, Label, Subject};
use crate::model::sql::CreateSubscription;
use crate::rule::id::{CLUSTER_COLUMN_LIST_CONFLICT, CLUSTER_FILTER_BYPASSED, CLUSTER_PUBLICATION_MISSING};
use crate::rule::{Context, Sink};
use crate::source::Span;
use crate::syntax::sql::Name;

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    let mut budget = BUDGET;
    for ends in ends(cx) {
        let Some(create) = ends.edge.subscription(cx.cluster) else { continue };
        if judges(&ends) {
            for name in create.publications.iter().filter(|name| !name.dynamic) {
                missing(cx, &ends, create, name, out);
            }
        }
        if create.publications.len() > 1 && budget > 0 {
            let looked = several(cx, &ends, create, out);
            budget = budget.saturating_sub(looked);
        }
    }
}

/// The subscriptions, by the places of their names, whose publications are looked for here.
pub(in crate::checks) fn judged(cx: &Context<'_>) -> HashSet<Span> {
    let judged = ends(cx).filter(judges).filter_map(|ends| Some(ends.edge.subscription(cx.cluster)?.name.span));
    judged.collect()
}

/// Whether the sender's SQL is seen to make publications, all of them by names that are known.
fn judges(ends: &Ends<'_>) -> bool {
    let objects = ends.up.objects(ends.cluster);
    let loose = ends.cluster.topology.loose(ends.cluster);
    let makes = objects.publications.values().any(|publication| !publication.created.is_empty());
    makes && !objects.dynamic.publications && !loose.dynamic.publications
}

/// So many publications are looked through for a name that is near.
const MOST: usize = 200;

fn missing(cx: &Context<'_>, ends: &Ends<'_>, create: &CreateSubscription, name: &Name, out: &mut Sink<'_>) {
    let (own, loose) = (ends.up.objects(ends.cluster), ends.cluster.topology.loose(ends.cluster));
    let makes = |of: &crate::model::Objects| {
        of.publications.get(&name.text).is_some_and(|publication| !publication.created.is_empty())
            || of.renamed_publications.contains(&name.text)
    };
    if makes(own) || makes(loose) {
        return;
    }
    let made = own.publications.iter().filter(|(_, publication)| !publication.created.is_empty());
    let made = made.take(MOST).collect::<Vec<_>>();
    let near = nearest(&name.text, made.iter().map(|(name, _)| name.as_str()));
    let sender = ends.up.called();
    let message = format!(
        "subscription `{}` wants publication `{}`, which `{sender}` does not make",
        cx.show(create.name.span),
        cx.show(name.span)
    );
    let subject = Subject::Subscription(create.name.text.clone());
    let label = Label::new(name.span, "nothing is sent for it");
    let finding = Finding::new(CLUSTER_PUBLICATION_MISSING, subject, ends.down.majors, label, message);
    let elsewhere = cx.cluster.objects.publications.get(&name.text).and_then(|other| other.created.first());
    let shown = match (elsewhere, near) {
        (Some((_, span)), _) => Some((*span, "made on another server")),
        (None, Some(near)) => made
            .iter()
            .find(|(name, _)| *name == near)
            .and_then(|(_, of)| of.created.first())
            .map(|(_, span)| (*span, "of a name that is near")),
        (None, None) => {
            made.first().and_then(|(_, of)| of.created.first()).map(|(_, span)| (*span, "the sender makes this one"))
        }
    };
    let help = match near.filter(|_| elsewhere.is_none()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("make the publication on `{sender}`, or take it off the list"),
    };
    let finding = shown.into_iter().fold(finding, |finding, (span, text)| finding.related(span, text));
    out.push(finding.confidence(ends.confidence()).help(help));
}

/// What of a table comes: its columns, if they are known.
fn columns<'a>(ends: &Ends<'a>, sent: &Sent<'a>) -> Option<BTreeSet<&'a str>> {
    match sent.listed.and_then(|listed| listed.columns.as_ref()) {
        Some((names, _)) if names.iter().any(|name| name.dynamic) => None,
        Some((names, _)) => Some(names.iter().map(|name| name.text.as_str()).collect()),
        None => {
            let table = ends.up.objects(ends.cluster).find_table(&sent.table)?;
            Some(table.columns()?.into_iter().filter(|(_, generated)| !generated).map(|(name, _)| name).collect())
        }
    }
}

/// Tables that come by more than one publication of a subscription. Gives how many were looked at.
fn several(cx: &Context<'_>, ends: &Ends<'_>, create: &CreateSubscription, out: &mut Sink<'_>) -> usize {
    let majors = ends.down.majors & Majors::since(15);
    if majors.is_empty() || publications(ends, create).count() < 2 {
        return create.publications.len();
    }
    let all = sent(ends, create);
    let mut first: HashMap<(String, String), &Sent<'_>> = HashMap::new();
    let mut told = BTreeSet::new();
    for this in &all {
        let schema = this.table.schema.clone().unwrap_or_else(|| "public".to_owned());
        let other = *first.entry((schema, this.table.name.clone())).or_insert(this);
        if other.publication == this.publication || !told.insert(this.table.to_string()) {
            continue;
        }
        let shown = &this.table;
        let subject = Subject::Subscription(create.name.text.clone());
        let lists = columns(ends, other).zip(columns(ends, this));
        if lists.is_some_and(|(one, two)| one != two) {
            let message = format!(
                "subscription `{}` gets table `{shown}` with different column lists, from publications `{}` and `{}`",
                cx.show(create.name.span),
                other.publication,
                this.publication
            );
            let label = Label::new(create.name.span, "is refused");
            let finding = Finding::new(CLUSTER_COLUMN_LIST_CONFLICT, subject, majors, label, message);
            let finding = finding.related(other.span, "one list").related(this.span, "another list");
            out.push(finding.confidence(ends.confidence()).help("give both publications the same column list"));
            continue;
        }
        let filter = |sent: &Sent<'_>| sent.listed.and_then(|listed| listed.filter);
        let (filtered, whole) = match (filter(other), filter(this)) {
            (Some(filter), None) => (filter, this),
            (None, Some(filter)) => (filter, other),
            _ => continue,
        };
        let message = format!(
            "subscription `{}` gets every row of table `{shown}` by publication `{}`, whatever the row filter of the other says",
            cx.show(create.name.span),
            whole.publication
        );
        let label = Label::new(filtered, "has no effect for this subscription");
        let finding = Finding::new(CLUSTER_FILTER_BYPASSED, subject, majors, label, message);
        let finding =
            finding.related(whole.span, "published without a filter").related(create.name.span, "subscribes to both");
        out.push(finding.confidence(ends.confidence()).help("take the table off the publication that has no filter"));
    }
    all.len()
}
