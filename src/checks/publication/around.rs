//! What lies around the tables of a publication: the foreign keys that lead to them, the sequences that fill them, and
//! other publications that hand out the rows which a filter holds back.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::Majors;
use crate::finding::{Finding, Label, Subject};
use crate::model::objects::{Publication, Site, Table, TableName};
use crate::rule::id::{
    PUBLICATION_FILTER_ELSEWHERE, PUBLICATION_SENSITIVE_COLUMNS, PUBLICATION_SEQUENCES,
    PUBLICATION_TRUNCATE_FOREIGN_KEY,
};
use crate::rule::{Context, RuleId, Sink};
use crate::source::Span;

/// So many tables are named in a message, and shown beside a finding.
const SHOWN: usize = 5;

/// So many publications, and so many tables of each, are compared with each other.
const MOST: usize = 200;

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    let objects = &cx.cluster.objects;
    // Who refers to each table, by its last name.
    let mut referring: BTreeMap<&str, Vec<(&Table, &TableName, Span)>> = BTreeMap::new();
    for table in objects.tables.values().flatten() {
        for (to, span) in &table.references {
            referring.entry(&to.name).or_default().push((table, to, *span));
        }
    }
    for (name, publication) in objects.publications.iter().take(MOST) {
        let [(file, place)] = publication.created.as_slice() else { continue };
        let Some(site) = objects.sites.get(*file) else { continue };
        let of = Of { cx, site, name, publication, place: *place };
        of.sequences(out);
        of.sensitive(out);
        if publication.known && !publication.changed {
            of.truncates(&referring, out);
            of.filters(*file, out);
        }
    }
}

struct Of<'a> {
    cx: &'a Context<'a>,
    site: &'a Site,
    name: &'a str,
    publication: &'a Publication,
    place: Span,
}

impl Of<'_> {
    fn finding(&self, rule: RuleId, majors: Majors, span: Span, label: &str, message: String) -> Finding {
        let subject = Subject::Publication(self.name.to_owned());
        Finding::new(rule, subject, majors, Label::new(span, label), message)
    }

    /// The tables that it names and the tree makes.
    fn tables(&self) -> impl Iterator<Item = &Table> {
        let names = self.publication.tables.iter().filter_map(|(_, table)| TableName::of(&table.name));
        names.filter_map(|name| self.cx.cluster.objects.find_table(&name))
    }

    fn names(&self, table: &Table) -> bool {
        self.publication
            .tables
            .iter()
            .any(|(_, of)| TableName::of(&of.name).is_none_or(|name| name.may_be(&table.name)))
    }

    /// `ApplyTruncate` truncates what is in the subscription, and a foreign key from another table refuses it.
    fn truncates(&self, referring: &BTreeMap<&str, Vec<(&Table, &TableName, Span)>>, out: &mut Sink<'_>) {
        let whole = self.publication.all_tables.is_some() || !self.publication.schemas.is_empty();
        if whole || !self.publication.operations().truncate {
            return;
        }
        let mut found = BTreeMap::new();
        for table in self.tables() {
            for (from, to, span) in referring.get(table.name.name.as_str()).into_iter().flatten() {
                if to.is(&table.name) && !from.name.is(&table.name) && !self.names(from) {
                    found.entry(from.name.to_string()).or_insert((table.name.to_string(), *span));
                }
            }
        }
        let Some((from, (to, _))) = found.iter().next() else { return };
        let more = match found.len() {
            1 => String::new(),
            2 => " (and one more)".to_owned(),
            number => format!(" (and {} more)", number - 1),
        };
        let message = format!(
            "publication `{}` passes on `TRUNCATE` of `{to}`, and not table `{from}`, which refers to it{more}",
            self.name
        );
        let label = "a subscriber that has the foreign key cannot apply it, and stops";
        let majors = self.site.majors & Majors::since(11);
        let finding = self.finding(PUBLICATION_TRUNCATE_FOREIGN_KEY, majors, self.place, label, message);
        let related = found.values().take(SHOWN);
        let finding = related.fold(finding, |finding, (_, span)| finding.related(*span, "refers to a published table"));
        out.push(finding.help("publish these tables too, or leave `truncate` out of `publish`"));
    }

    fn sequences(&self, out: &mut Sink<'_>) {
        let mut found = BTreeMap::new();
        for made in self.tables().flat_map(|table| &table.created) {
            if let Some(column) = made.serial.first() {
                found.entry(self.cx.show(made.span)).or_insert((column.clone(), made.span));
            }
        }
        let Some((table, (column, _))) = found.iter().next() else { return };
        let message = match found.len() {
            1 => format!("publication `{}` does not pass on the sequence of `{table}.{column}`", self.name),
            number => format!(
                "publication `{}` does not pass on the sequences of {number} of its tables, such as `{table}.{column}`",
                self.name
            ),
        };
        let label = "subscribers get the rows and not the numbers that come next";
        let finding = self.finding(PUBLICATION_SEQUENCES, self.site.majors, self.place, label, message);
        let related = found.values().take(SHOWN);
        let finding = related.fold(finding, |finding, (_, span)| finding.related(*span, "filled by a sequence"));
        out.push(finding.help("set the sequences with `setval` before the subscriber takes writes"));
    }

    /// Columns that are called like secrets, in tables that are published with all of their columns.
    fn sensitive(&self, out: &mut Sink<'_>) {
        let words = out.list(PUBLICATION_SENSITIVE_COLUMNS, "words").into_iter().map(str::to_owned).collect::<Vec<_>>();
        let whole = self.publication.tables.iter().filter(|(_, table)| table.columns.is_none());
        for (_, published) in whole {
            let table = TableName::of(&published.name).and_then(|name| self.cx.cluster.objects.find_table(&name));
            let Some([made]) = table.map(|table| table.created.as_slice()) else { continue };
            let secret = |column: &&String| {
                let parts = column.split('_').collect::<Vec<_>>();
                words.iter().any(|word| parts.contains(&word.as_str()) || *column == word)
            };
            let found = made.columns.iter().filter(secret).map(|column| format!("`{column}`")).collect::<Vec<_>>();
            if found.is_empty() {
                continue;
            }
            let message = format!(
                "publication `{}` hands out {} of `{}`",
                self.name,
                found.join(", "),
                self.cx.show(published.name.span)
            );
            let label = "every column of the table goes to the subscribers";
            let majors = self.site.majors & Majors::since(15);
            out.push(
                self.finding(PUBLICATION_SENSITIVE_COLUMNS, majors, published.name.span, label, message)
                    .related(made.span, "the table")
                    .help("list the columns that subscribers need"),
            );
        }
    }

    /// There are no privileges on publications: who may replicate may subscribe to any.
    fn filters(&self, file: usize, out: &mut Sink<'_>) {
        let topology = &self.cx.cluster.topology;
        let mut told = BTreeSet::new();
        for (_, published) in self.publication.tables.iter().take(MOST) {
            let (Some(filter), Some(table)) = (published.filter, TableName::of(&published.name)) else { continue };
            let others =
                self.cx.cluster.objects.publications.iter().take(MOST).filter(|(other, _)| *other != self.name);
            let open = others.filter_map(|(name, other)| {
                let same = |of: usize| topology.of_sql(of) == topology.of_sql(file);
                let whole = other.all_tables.filter(|(of, _)| same(*of)).map(|(_, span)| span);
                let named = || {
                    let mut of = other.tables.iter().filter(|(of, _)| same(*of)).map(|(_, of)| of);
                    of.find(|of| of.filter.is_none() && TableName::of(&of.name).is_some_and(|name| name.is(&table)))
                        .map(|of| of.span)
                };
                Some((name, whole.or_else(named)?))
            });
            let Some((other, span)) = open.into_iter().next().filter(|_| told.insert(table.to_string())) else {
                continue;
            };
            let message = format!(
                "publication `{}` filters the rows of `{table}`, and publication `{other}` hands out all of them",
                self.name
            );
            let label = "keeps nothing from a role that may subscribe";
            let majors = self.site.majors & Majors::since(15);
            out.push(
                self.finding(PUBLICATION_FILTER_ELSEWHERE, majors, filter, label, message)
                    .related(span, "every row, to whoever may replicate")
                    .help(
                        "do not rely on the filter to hide rows: any role with `REPLICATION` may use any publication",
                    ),
            );
        }
    }
}
