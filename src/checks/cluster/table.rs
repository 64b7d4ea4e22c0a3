//! Published tables and columns that the receiver does not have.
//!
//! Only tables that a publication names are looked at, which the sender's SQL makes once as ordinary tables.

use std::cell::OnceCell;
use std::collections::HashSet;

use super::ends::{Ends, ends};
use super::identity;
use super::published::Entry;
use super::sender::{Sender, Senders};
use crate::finding::{Confidence, Finding, Label, Subject};
use crate::model::Cluster;
use crate::model::objects::{Objects, Operations, Table, TableName};
use crate::model::sql::CreateSubscription;
use crate::rule::id::{CLUSTER_COLUMN_MISSING, CLUSTER_TABLE_MISSING};
use crate::rule::{Context, RuleId, Sink, shorten};
use crate::source::Span;

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    let senders = Senders::new(cx);
    let mut seen = HashSet::new();
    let mut told = HashSet::new();
    for ends in ends(cx) {
        let Some(create) = ends.edge.subscription(cx.cluster) else { continue };
        let (Some(up), Some(down)) = (senders.of(&ends), senders.receiver(&ends)) else { continue };
        let changed = down.changed.contains(create.name.text.as_str());
        if changed || create.name.dynamic || !up.closed || !down.closed || senders.is_copied() {
            continue;
        }
        let both = Both { cx, ends, create, down, senders: &senders, siblings: OnceCell::new() };
        for publication in create.publications.iter().filter_map(|name| up.publications.get(name.text.as_str())) {
            // One pair of servers is judged once, however many subscriptions there are.
            let Some(made) = publication.made.first() else { continue };
            if !seen.insert((ends.edge.downstream, *made))
                || !publication.is_known()
                || !senders.spend(publication.tables.len())
            {
                continue;
            }
            for table in &publication.tables {
                let pair = (ends.edge.upstream, ends.edge.downstream);
                let name = TableName::of(&table.name).filter(|name| told.insert((pair, name.to_string())));
                if let Some(name) = name {
                    both.table(&name, Entry::Table(table), publication.operations, out);
                }
            }
        }
    }
}

struct Both<'a, 's> {
    cx: &'s Context<'a>,
    ends: Ends<'a>,
    create: &'a CreateSubscription,
    down: &'s Sender<'a>,
    senders: &'s Senders<'a>,
    siblings: OnceCell<Option<Confidence>>,
}

impl<'a> Both<'a, '_> {
    fn table(&self, name: &TableName, entry: Entry<'_>, operations: Option<Operations>, out: &mut Sink<'_>) {
        let Ends { cluster, up, down, .. } = self.ends;
        let (sends, receives) = (up.objects(cluster), down.objects(cluster));
        let Some(sent) = sends.find_table(name).filter(|table| is_plain(sends, table)) else { return };
        if receives.dynamic.tables || receives.reshaped_unknown || self.senders.is_renamed(&name.name) {
            return;
        }
        match self.received(name).as_slice() {
            [] => self.missing(name, entry, sent, out),
            [table] => {
                let span = entry.span();
                self.columns(name, entry, (sent, table), out);
                let own = self.ends.down.objects(cluster).find_table(&table.name);
                if let (Some(operations), Some(own)) = (operations, own.filter(|own| is_plain(receives, own))) {
                    let found = identity::finding(self.cx, &self.ends, self.create, (sent, own), span, operations);
                    found.into_iter().for_each(|finding| out.push(finding));
                }
            }
            _ => {}
        }
    }

    /// Every table that may be the receiver's of this name: those that no other server makes.
    fn received(&self, name: &TableName) -> Vec<&'a Table> {
        let Ends { cluster, up, .. } = self.ends;
        let own = |file: &usize| self.ends.down.sql.binary_search(file).is_ok();
        let others = |file: &usize| up.sql.binary_search(file).is_ok() && !own(file);
        let made = |table: &&Table| table.created.iter().any(|created| !others(&created.file));
        let of_name = cluster.objects.tables.get(&name.name).into_iter().flatten();
        let of_tree = of_name.filter(|table| table.name.may_be(name)).filter(made);
        let of_own = self.ends.down.objects(cluster);
        of_tree.map(|table| of_own.find_table(&table.name).unwrap_or(table)).collect()
    }

    fn finding(&self, rule: RuleId, name: &TableName, span: Span, label: String, message: String) -> Finding {
        let subject = Subject::Object(format!("table {name}"));
        Finding::new(rule, subject, self.ends.up.majors, Label::new(span, label), message)
            .confidence(self.ends.confidence())
    }

    /// How sure it is that the receiver's SQL makes what it subscribes to: it makes another published table, or it is
    /// no guide and makes any. `None` where it is not told.
    fn siblings(&self) -> Option<Confidence> {
        let Ends { cluster, down, .. } = self.ends;
        let objects = down.objects(cluster);
        let makes = |name: &TableName| objects.tables_like(name).any(|table| !table.created.is_empty());
        let up = self.senders.of(&self.ends)?;
        let publications = self.create.publications.iter().filter_map(|name| up.publications.get(name.text.as_str()));
        let mut tables = publications.flat_map(|of| &of.tables).filter_map(|table| TableName::of(&table.name));
        if tables.any(|table| makes(&table)) {
            return Some(self.ends.confidence());
        }
        // A guide need not show all of a server's tables.
        let part = self.down.own.iter().any(|&file| self.cx.sources.file(file).is_part());
        let any = objects.tables.values().flatten().any(Table::is_plain);
        (any && !part).then_some(Confidence::Medium)
    }

    fn missing(&self, name: &TableName, entry: Entry<'_>, sent: &Table, out: &mut Sink<'_>) {
        let down = self.ends.down;
        let Some(sure) = *self.siblings.get_or_init(|| self.siblings()) else { return };
        let down = down.shown();
        let message = format!(
            "table `{}` is published to subscription `{}`, and {down} does not make it",
            shorten(&name.to_string()),
            self.cx.name(self.create.name.span)
        );
        let label = "the subscriber has no such table".to_owned();
        let mut finding = self.finding(CLUSTER_TABLE_MISSING, name, entry.span(), label, message);
        if let Some(created) = sent.created.first() {
            finding = finding.related(created.span, "made on the publisher only");
        }
        out.push(
            finding
                .related(self.create.name.span, "the subscription")
                .help(format!("make the table on {down} before the subscription"))
                .confidence(sure),
        );
    }

    fn columns(&self, name: &TableName, entry: Entry<'_>, (sent, received): (&Table, &Table), out: &mut Sink<'_>) {
        let Ends { cluster, up, down, .. } = self.ends;
        let [target] = received.created.as_slice() else { return };
        if !received.is_plain() || down.sql.binary_search(&target.file).is_err() {
            return;
        }
        let Some(all) = columns(cluster, up.objects(cluster), sent) else { return };
        if self.down.reshaped.contains(name.name.as_str()) {
            return;
        }
        let added = self.down.added.get(name.name.as_str());
        let published = match entry.columns() {
            None => all,
            Some(Some(list)) => all.into_iter().filter(|column| list.contains(column)).collect(),
            Some(None) => return,
        };
        let has = |column: &&str| {
            target.columns.iter().any(|own| own == column) || added.is_some_and(|added| added.contains(column))
        };
        let missing = published.into_iter().filter(|column| !has(column)).collect::<Vec<_>>();
        let Some(first) = missing.first() else { return };
        let shown = missing.iter().take(3).map(|column| format!("`{}`", shorten(column))).collect::<Vec<_>>();
        let more = if missing.len() > 3 { format!(" and {} more", missing.len() - 3) } else { String::new() };
        let message = format!(
            "table `{}` of {} lacks {}{more}, which {} publishes",
            shorten(&name.to_string()),
            down.shown(),
            shown.join(", "),
            up.shown()
        );
        let label = format!("has no `{}`", shorten(first));
        let finding = self.finding(CLUSTER_COLUMN_MISSING, name, target.span, label, message);
        out.push(
            finding
                .related(entry.span(), "published here")
                .help("add the columns on the subscriber, or publish a list of those that it has"),
        );
    }
}

/// Whether a table is made once, as an ordinary one.
pub(super) fn is_plain(objects: &Objects, table: &Table) -> bool {
    let once = table.created.len() == 1 && objects.tables_like(&table.name).count() == 1;
    let other = objects.reshaped.get(&table.name.name).is_some_and(|reshape| reshape.other);
    once && table.is_plain() && !table.created.iter().any(|created| created.partitioned) && !other
}

/// The columns that a table surely has and sends, in order.
pub(super) fn columns<'a>(cluster: &'a Cluster, objects: &'a Objects, table: &'a Table) -> Option<Vec<&'a str>> {
    let created = table.created.first()?;
    let reshape = cluster.objects.reshaped.get(&table.name.name);
    let own = objects.reshaped.get(&table.name.name);
    let added = own.iter().flat_map(|reshape| &reshape.added);
    let gone = |column: &&String| {
        reshape.is_some_and(|reshape| reshape.removed.contains(*column)) || created.generated.contains(*column)
    };
    Some(created.columns.iter().chain(added).filter(|column| !gone(column)).map(String::as_str).collect())
}
