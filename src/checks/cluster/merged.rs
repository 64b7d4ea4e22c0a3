//! A table that one subscription takes from two publications, whose column lists or row filters do not go together.

use std::collections::{HashMap, HashSet};

use super::ends::{Ends, ends};
use super::published::{Entry, Published};
use super::sender::Senders;
use super::table;
use crate::catalog::Majors;
use crate::finding::{Finding, Label, Subject};
use crate::model::objects::TableName;
use crate::model::sql::CreateSubscription;
use crate::rule::id::{CLUSTER_COLUMN_LIST_CONFLICT, CLUSTER_FILTER_BYPASSED};
use crate::rule::{Context, Sink, shorten};

/// Column lists and row filters came with 15.
const LISTS: Majors = Majors::since(15);

/// A table in one of the publications of a subscription.
#[derive(Clone, Copy)]
struct Part<'a, 's> {
    name: &'a str,
    publication: &'s Published<'a>,
    entry: Entry<'a>,
}

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    let senders = Senders::new(cx);
    for ends in ends(cx) {
        let Some(create) = ends.edge.subscription(cx.cluster).filter(|create| create.publications.len() > 1) else {
            continue;
        };
        let (Some(up), Some(down)) = (senders.of(&ends), senders.receiver(&ends)) else { continue };
        if (ends.up.majors & LISTS).is_empty() || down.changed.contains(create.name.text.as_str()) {
            continue;
        }
        let mut parts: HashMap<String, (TableName, Vec<Part<'_, '_>>)> = HashMap::new();
        let mut whole = Vec::new();
        let mut seen = HashSet::new();
        for name in create.publications.iter().filter(|name| seen.insert(name.text.as_str())) {
            let Some(publication) = up.publications.get(name.text.as_str()).filter(|of| of.is_known()) else {
                continue;
            };
            if !senders.spend(publication.tables.len()) {
                return;
            }
            for table in &publication.tables {
                let Some(of) = TableName::of(&table.name) else { continue };
                let key = format!("{}.{}", of.schema.as_deref().unwrap_or("public"), of.name);
                let part = Part { name: &name.text, publication, entry: Entry::Table(table) };
                parts.entry(key).or_insert_with(|| (of, Vec::new())).1.push(part);
            }
            whole.extend(publication.all.map(|span| Part { name: &name.text, publication, entry: Entry::All(span) }));
        }
        let mut tables = parts.into_values().collect::<Vec<_>>();
        tables.sort_by_key(|(_, parts)| parts.first().map(|part| part.entry.span()));
        for (name, mut parts) in tables {
            parts.extend(whole.first().copied());
            lists(cx, &ends, create, &name, &parts, out);
            filters(cx, &ends, create, &name, &parts, out);
        }
    }
}

/// The columns of a table in a publication: those of its list, unless these are all there are.
enum List<'a> {
    Some(HashSet<&'a str>),
    All,
    Unknown,
}

fn list<'a>(ends: &Ends<'a>, name: &TableName, part: Part<'a, '_>) -> List<'a> {
    let objects = ends.up.objects(ends.cluster);
    let table = objects.find_table(name).filter(|of| table::is_plain(objects, of));
    let all = table.and_then(|of| table::columns(ends.cluster, objects, of));
    match (part.entry.columns(), all) {
        (None, Some(_)) => List::All,
        (Some(Some(list)), Some(all)) if all.iter().all(|column| list.contains(column)) => List::All,
        (Some(Some(list)), _) => List::Some(list),
        _ => List::Unknown,
    }
}

fn lists<'a>(
    cx: &Context<'_>,
    ends: &Ends<'a>,
    create: &CreateSubscription,
    name: &TableName,
    parts: &[Part<'a, '_>],
    out: &mut Sink<'_>,
) {
    let Some((first, others)) = parts.split_first().filter(|(_, others)| !others.is_empty()) else { return };
    let one = list(ends, name, *first);
    let conflict = others.iter().find(|other| match (&one, list(ends, name, **other)) {
        (List::Some(one), List::Some(other)) => *one != other,
        (List::Some(_), List::All) | (List::All, List::Some(_)) => true,
        _ => false,
    });
    let Some(other) = conflict else { return };
    let message = format!(
        "subscription `{}` takes table `{}` from `{}` and `{}` with different columns",
        cx.name(create.name.span),
        shorten(&name.to_string()),
        shorten(first.name),
        shorten(other.name)
    );
    let subject = Subject::Subscription(create.name.text.clone());
    let label = Label::new(create.name.span, "is refused with these publications together");
    out.push(
        Finding::new(CLUSTER_COLUMN_LIST_CONFLICT, subject, ends.up.majors & LISTS, label, message)
            .related(first.entry.span(), "these columns")
            .related(other.entry.span(), "other columns")
            .help("give both publications one list, or make a subscription for each")
            .confidence(ends.confidence()),
    );
}

fn filters(
    cx: &Context<'_>,
    ends: &Ends<'_>,
    create: &CreateSubscription,
    name: &TableName,
    parts: &[Part<'_, '_>],
    out: &mut Sink<'_>,
) {
    let Some((filtered, span)) = parts.iter().find_map(|part| Some((part, part.entry.filter()?))) else { return };
    let open = parts.iter().filter(|part| part.entry.filter().is_none()).find(|part| {
        let ops = filtered.publication.operations.zip(part.publication.operations);
        ops.is_some_and(|(one, other)| {
            one.insert && other.insert || one.update && other.update || one.delete && other.delete
        })
    });
    let Some(open) = open else { return };
    let message = format!(
        "the row filter of table `{}` in `{}` is of no use to subscription `{}`, which takes all rows from `{}`",
        shorten(&name.to_string()),
        shorten(filtered.name),
        cx.name(create.name.span),
        shorten(open.name)
    );
    let subject = Subject::Subscription(create.name.text.clone());
    let label = Label::new(span, "keeps no row back");
    out.push(
        Finding::new(CLUSTER_FILTER_BYPASSED, subject, ends.up.majors & LISTS, label, message)
            .related(open.entry.span(), "published without a filter")
            .related(create.name.span, "the subscription to both")
            .help("take one of the publications off the subscription, or filter in both")
            .confidence(ends.confidence()),
    );
}
