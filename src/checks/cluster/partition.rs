//! Partitioned tables that one subscription copies twice: as their root from one publication, as their partitions from
//! another.
//!
//! Source: `fetch_table_list` of subscriptioncmds.c and `pg_get_publication_tables`, which know of each other from 16 on;
//! tried on servers of 13, 15, 16 and 18. Changes come once in any case: `get_rel_sync_entry` of pgoutput.c.

use super::ends::{Ends, ends};
use super::published::Published;
use super::sender::Senders;
use super::uses::flag;
use crate::catalog::Majors;
use crate::finding::{Finding, Label, Subject};
use crate::model::objects::{Objects, TableName};
use crate::model::sql::CreateSubscription;
use crate::rule::id::CLUSTER_PARTITION_COPIED_TWICE;
use crate::rule::{Context, Sink, shorten};
use crate::source::Span;

/// The majors that publish partitions as their root and, as either end, let them be copied twice.
const TWICE: Majors = Majors::range(13, 15);

/// How deep partitions of partitions are followed.
const DEPTH: usize = 16;

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    let senders = Senders::new(cx);
    for ends in ends(cx) {
        let Some(create) = ends.edge.subscription(cx.cluster).filter(|create| create.publications.len() > 1) else {
            continue;
        };
        let copies = flag(create, "copy_data", true) == Some(true) && flag(create, "connect", true) == Some(true);
        let majors = majors(&ends);
        let (Some(up), Some(down)) = (senders.of(&ends), senders.receiver(&ends)) else { continue };
        if !copies || majors.is_empty() || down.changed.contains(create.name.text.as_str()) {
            continue;
        }
        let known = create.publications.iter().filter_map(|name| {
            let publication = up.publications.get(name.text.as_str()).filter(|of| of.is_known())?;
            publication.via_root.map(|_| (name.text.as_str(), publication))
        });
        let known = known.collect::<Vec<_>>();
        let roots = known.iter().filter(|(_, publication)| publication.via_root == Some(true));
        for (root, leaf) in roots.flat_map(|root| known.iter().map(move |leaf| (root, leaf))) {
            if root.0 == leaf.0 {
                continue;
            }
            if !senders.spend(root.1.tables.len().saturating_add(leaf.1.tables.len())) {
                return;
            }
            if let Some(finding) = twice(cx, &ends, create, [*root, *leaf], majors) {
                out.push(finding);
            }
        }
    }
}

/// The subscriber's majors on which it happens: all of them with an old publisher, else the old ones.
fn majors(ends: &Ends<'_>) -> Majors {
    let (up, down) = (ends.up.majors & Majors::since(13), ends.down.majors & Majors::since(13));
    let old = down & TWICE;
    if up.is_empty() || (up & TWICE).is_empty() && old.is_empty() {
        return Majors::NONE;
    }
    if TWICE.covers(up) || old.is_empty() { down } else { old }
}

fn twice(
    cx: &Context<'_>,
    ends: &Ends<'_>,
    create: &CreateSubscription,
    [(root, by_root), (leaf, by_leaf)]: [(&str, &Published<'_>); 2],
    majors: Majors,
) -> Option<Finding> {
    let objects = ends.up.objects(ends.cluster);
    let named = by_root.tables.iter().filter(|table| table.filter.is_none());
    let named = named.filter_map(|table| Some((TableName::of(&table.name)?, table.span)));
    // One table tells enough of a publication of all.
    let any = by_root.all.into_iter().flat_map(|all| {
        by_leaf.tables.iter().filter_map(move |table| Some((top(objects, TableName::of(&table.name)?), all)))
    });
    let (table, at, other) = named.chain(any).find_map(|(table, span)| {
        let other = covers(objects, by_leaf, &table).filter(|_| is_partitioned(objects, &table))?;
        Some((table, span, other))
    })?;
    let message = format!(
        "subscription `{}` copies the rows of partitioned table `{}` twice: as one table from `{}`, and as partitions from `{}`",
        cx.name(create.name.span),
        shorten(&table.to_string()),
        shorten(root),
        shorten(leaf)
    );
    let label = Label::new(create.name.span, "rows are there twice, or the second copy fails on a key");
    let subject = Subject::Subscription(create.name.text.clone());
    Some(
        Finding::new(CLUSTER_PARTITION_COPIED_TWICE, subject, majors, label, message)
            .related(at, "published as one table: `publish_via_partition_root` is on")
            .related(other, "published as partitions")
            .help("publish the whole table in both with `publish_via_partition_root`, or upgrade both servers to 16 or later")
            .confidence(ends.confidence()),
    )
}

fn is_partitioned(objects: &Objects, name: &TableName) -> bool {
    let made = objects.find_table(name).map_or(&[][..], |table| table.created.as_slice());
    matches!(made, [made] if made.partitioned && made.outright)
}

/// The table that a table is, in the end, a partition of.
fn top(objects: &Objects, name: TableName) -> TableName {
    let up = |name: &TableName| {
        let [made] = objects.find_table(name)?.created.as_slice() else { return None };
        TableName::of(made.partition_of.as_ref()?)
    };
    std::iter::successors(Some(name.clone()), up).take(DEPTH).last().unwrap_or(name)
}

/// Where a publication has the rows of the table as those of partitions. One that publishes partitions as their root does
/// so for partitions alone, whose root it has not.
fn covers(objects: &Objects, publication: &Published<'_>, root: &TableName) -> Option<Span> {
    let whole = || publication.tables.iter().filter(|table| table.filter.is_none());
    let named = whole().filter_map(|table| Some((TableName::of(&table.name)?, table.span)));
    let mut named = named.filter(|(name, _)| top(objects, name.clone()).is(root));
    if publication.via_root == Some(true) {
        let has_root = publication.all.is_some() || publication.schemas || named.clone().any(|(name, _)| name.is(root));
        return named.next().filter(|_| !has_root).map(|(_, span)| span);
    }
    named.next().map(|(_, span)| span).or(publication.all)
}
