//! What lies around the tables of a publication: the foreign keys that lead to them, the sequences that fill them, and
//! other publications that hand out the rows which a filter holds back.

use std::collections::BTreeMap;

use crate::catalog::Majors;
use crate::finding::{Finding, Label, Subject};
use crate::model::objects::{Publication, Site, Table, TableName};
use crate::rule::{Context, RuleId, Sink};
use crate::source::Span;

mod columns;
mod filters;
mod sequences;
mod truncate;

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

/// A publication with what is known of it.
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
}
