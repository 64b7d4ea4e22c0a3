//! What a subscription is sent: the tables of its publications, as the sender's SQL makes them.

use crate::checks::cluster::ends::Ends;
use crate::model::objects::{Objects, Publication, TableName};
use crate::model::sql::{CreateSubscription, PublishedTable};
use crate::source::Span;

/// A table as a publication hands it on.
#[derive(Debug)]
pub(super) struct Sent<'a> {
    pub(super) table: TableName,
    /// The publication that has it.
    pub(super) publication: &'a str,
    /// Where that is said.
    pub(super) span: Span,
    /// How the publication lists it; none where it has all tables, or all of a schema.
    pub(super) listed: Option<&'a PublishedTable>,
}

/// So many tables of one subscription are looked at.
const MOST: usize = 10_000;

/// So many tables of all subscriptions are looked at.
pub(super) const BUDGET: usize = 1_000_000;

/// The publications of a subscription that are made once, and are what they are made as.
pub(super) fn publications<'a>(
    ends: &Ends<'a>,
    create: &'a CreateSubscription,
) -> impl Iterator<Item = (&'a str, &'a Publication)> {
    let objects = ends.up.objects(ends.cluster);
    create.publications.iter().filter(|name| !name.dynamic).filter_map(move |name| {
        let publication = objects.publications.get(&name.text)?;
        let plain = publication.created.len() == 1 && publication.known && !publication.changed;
        plain.then_some((name.text.as_str(), publication))
    })
}

/// The tables that are surely sent.
pub(super) fn sent<'a>(ends: &Ends<'a>, create: &'a CreateSubscription) -> Vec<Sent<'a>> {
    let objects = ends.up.objects(ends.cluster);
    let mut sent = Vec::new();
    for (publication, of) in publications(ends, create) {
        for (_, listed) in &of.tables {
            if let Some(table) = TableName::of(&listed.name) {
                sent.push(Sent { table, publication, span: listed.name.span, listed: Some(listed) });
            }
        }
        if let Some((_, span)) = of.all_tables {
            let plain = objects.tables.values().flatten().filter(|table| table.is_plain());
            let logged = plain.filter(|table| !table.created.iter().any(|created| created.unlogged));
            let all = logged.map(|table| Sent { table: table.name.clone(), publication, span, listed: None });
            sent.extend(all.take(MOST));
        }
    }
    sent.truncate(MOST);
    sent
}

/// Whether something that may run on the server, by statements of which it is not told where they run, or by names
/// that are known only at run time, may make a table of this name.
pub(super) fn may_be_made(ends: &Ends<'_>, objects: &Objects, table: &TableName) -> bool {
    let loose = ends.cluster.topology.loose(ends.cluster);
    objects.dynamic.tables
        || loose.dynamic.tables
        || objects.tables_like(table).next().is_some()
        || loose.tables_like(table).next().is_some()
        || objects.tables.values().flatten().any(|table| table.reshaped && table.created.is_empty())
}
