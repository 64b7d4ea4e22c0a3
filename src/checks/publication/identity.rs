//! Published tables whose rows subscribers cannot tell apart, so that UPDATE and DELETE fail on the publisher.

use std::collections::{BTreeMap, HashSet};

use crate::catalog::Majors;
use crate::finding::{Confidence, Finding, Label, Subject};
use crate::model::Objects;
use crate::model::objects::{Identity, Operations, Publication, Site, Table, TableName};
use crate::model::sql::PublishedTable;
use crate::rule::id::{
    PUBLICATION_COLUMN_LIST_IDENTITY, PUBLICATION_FILTER_COLUMNS, PUBLICATION_IDENTITY_FULL,
    PUBLICATION_IDENTITY_NOTHING, PUBLICATION_NO_REPLICA_IDENTITY,
};
use crate::rule::{Context, RuleId, Sink};
use crate::source::Span;
use crate::syntax::sql::words_in;

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    let mut found = Found::new();
    tables(cx, &mut found, out);
    found.into_values().for_each(|finding| out.push(finding));
}

/// What is wrong with tables as such, each table once however many publications have it.
type Found = BTreeMap<(String, RuleId), Finding>;

fn tables(cx: &Context<'_>, found: &mut Found, out: &mut Sink<'_>) {
    let objects = &cx.cluster.objects;
    let mut all_tables = 0;
    for (name, publication) in &objects.publications {
        let operations = publication.operations();
        if !(operations.update || operations.delete) {
            continue;
        }
        let mut seen = HashSet::new();
        for (file, published) in &publication.tables {
            let (Some(site), Some(table)) = (objects.sites.get(*file), TableName::of(&published.name)) else {
                continue;
            };
            let objects = of_server(cx, *file, &table);
            let Some(table) = objects.find_table(&table).filter(|table| seen.insert(table.name.to_string())) else {
                continue;
            };
            let subject = Subject::Publication(name.clone());
            let place = Place { site, objects, subject, span: published.name.span, shared: false, operations };
            if !whole(found, &place, table) {
                columns(cx, out, &place, table, published);
            }
        }
        if let Some((file, span)) = publication.all_tables.filter(|_| all_tables < MOST) {
            all_tables += 1;
            all(cx, found, (name, publication), (file, span));
        }
    }
}

/// The objects among which a table of a SQL file is looked up: those of its server, if that is told by more than the
/// SQL and nothing that may be for any server speaks of the table, else all of the tree.
fn of_server<'a>(cx: &Context<'a>, file: usize, table: &TableName) -> &'a Objects {
    let (cluster, topology) = (cx.cluster, &cx.cluster.topology);
    let member = topology.of_sql(file).and_then(|index| topology.members.get(index));
    let own = member.filter(|member| !member.nodes.is_empty() || member.said.is_some());
    let own = own.filter(|_| topology.loose(cluster).tables_like(table).next().is_none());
    own.map_or(&cluster.objects, |member| member.objects(cluster))
}

/// So many publications of all tables are looked at; one is what a database has.
const MOST: usize = 8;

struct Place<'a> {
    site: &'a Site,
    /// What the server's SQL makes.
    objects: &'a Objects,
    subject: Subject,
    /// Where it is published.
    span: Span,
    /// Whether that is one place for many tables.
    shared: bool,
    operations: Operations,
}

impl Place<'_> {
    fn verbs(&self) -> &'static str {
        match (self.operations.update, self.operations.delete) {
            (true, true) => "`UPDATE` and `DELETE`",
            (true, false) => "`UPDATE`",
            _ => "`DELETE`",
        }
    }
}

/// Tables of a publication of all tables: those made in the same folder or below it, since nobody says which database
/// other files are for.
fn all(cx: &Context<'_>, found: &mut Found, (name, publication): (&str, &Publication), (file, span): (usize, Span)) {
    let objects = &cx.cluster.objects;
    let path = |file: usize| cx.cluster.sql.get(file).map(|of| cx.sources.file(of.file).path());
    let (Some(site), Some(folder)) = (objects.sites.get(file), path(file).and_then(camino::Utf8Path::parent)) else {
        return;
    };
    for table in objects.tables.values().flatten() {
        let near = table.created.iter().all(|created| path(created.file).is_some_and(|path| path.starts_with(folder)));
        // An unlogged table is passed over by a publication of all tables.
        if !near || table.created.iter().any(|created| created.unlogged) {
            continue;
        }
        let subject = Subject::Publication(name.to_owned());
        let objects = of_server(cx, file, &table.name);
        let Some(table) = objects.find_table(&table.name) else { continue };
        let place = Place { site, objects, subject, span, shared: true, operations: publication.operations() };
        whole(found, &place, table);
    }
}

/// Judges the identity as such; `true` if there is none or it is the whole row.
fn whole(found: &mut Found, place: &Place<'_>, table: &Table) -> bool {
    let verbs = place.verbs();
    let shown = &table.name;
    let (rule, at, label, message, help) = match place.objects.identity(table) {
        Identity::Missing(span) => (
            PUBLICATION_NO_REPLICA_IDENTITY,
            span,
            "no primary key and no replica identity",
            format!("{verbs} on table `{shown}` will fail: it is published and has no replica identity"),
            "add a primary key, or name a unique index with `ALTER TABLE ... REPLICA IDENTITY USING INDEX`",
        ),
        Identity::Deferrable(span) => (
            PUBLICATION_NO_REPLICA_IDENTITY,
            span,
            "a key that may be deferred identifies no row",
            format!("{verbs} on table `{shown}` will fail: it is published and its primary key is deferrable"),
            "make the primary key `NOT DEFERRABLE`",
        ),
        Identity::Nothing(span) => (
            PUBLICATION_IDENTITY_NOTHING,
            span,
            "says that nothing identifies a row",
            format!("{verbs} on table `{shown}` will fail: it is published with `REPLICA IDENTITY NOTHING`"),
            "set `REPLICA IDENTITY DEFAULT` and have a primary key, or publish `insert` alone",
        ),
        Identity::Full(span) => (
            PUBLICATION_IDENTITY_FULL,
            span,
            "every column of the old row goes into the WAL",
            format!("published table `{shown}` identifies rows by all of their columns"),
            "add a primary key and set `REPLICA IDENTITY DEFAULT`",
        ),
        Identity::Unknown | Identity::Key(..) => return false,
    };
    let key = (shown.to_string(), rule);
    if let Some(known) = found.get_mut(&key) {
        known.related.push(Label::new(place.span, "published here too"));
        return true;
    }
    let published = Label::new(place.span, "published here");
    let made = Label::new(at, label);
    // A publication of all tables is one place for many tables.
    let (subject, primary, other) = if place.shared {
        (Subject::Object(format!("table/{shown}")), made, published)
    } else {
        (place.subject.clone(), published, made)
    };
    let finding = Finding::new(rule, subject, place.site.majors, primary, message);
    found.insert(key, finding.related(other.span, other.text).help(help));
    true
}

/// Judges the column list and the row filter against the identity's columns (`CheckCmdReplicaIdentity`).
fn columns(cx: &Context<'_>, out: &mut Sink<'_>, place: &Place<'_>, table: &Table, published: &PublishedTable) {
    let Identity::Key(Some(key), at) = place.objects.identity(table) else { return };
    let majors = place.site.majors & Majors::since(15);
    let (verbs, shown) = (place.verbs(), &table.name);
    if let Some((list, span)) = &published.columns
        && !list.iter().any(|column| column.dynamic)
    {
        let lacking = key.iter().filter(|column| !list.iter().any(|listed| listed.text == **column));
        let lacking = lacking.map(|column| format!("`{column}`")).collect::<Vec<_>>();
        if !lacking.is_empty() {
            let message = format!(
                "{verbs} on table `{shown}` will fail: its column list lacks {} of the replica identity",
                lacking.join(", ")
            );
            out.push(
                Finding::new(
                    PUBLICATION_COLUMN_LIST_IDENTITY,
                    place.subject.clone(),
                    majors,
                    Label::new(*span, "columns that are published"),
                    message,
                )
                .related(at, "the replica identity")
                .help("add the columns of the replica identity to the list"),
            );
        }
    }
    let Some(filter) = published.filter else { return };
    // Which words of the filter are columns is known only where the columns are.
    let [created] = table.created.as_slice() else { return };
    let used = words_in(cx.sources.bytes(filter));
    let strange = created.columns.iter().filter(|column| used.contains(column.as_str()) && !key.contains(column));
    let strange = strange.map(|column| format!("`{column}`")).collect::<Vec<_>>();
    if !strange.is_empty() {
        let message = format!(
            "{verbs} on table `{shown}` will fail: its row filter uses {}, which {} not in the replica identity",
            strange.join(", "),
            if strange.len() == 1 { "is" } else { "are" }
        );
        out.push(
            Finding::new(
                PUBLICATION_FILTER_COLUMNS,
                place.subject.clone(),
                majors,
                Label::new(filter, "rows that are published"),
                message,
            )
            .confidence(Confidence::Medium)
            .related(at, "the replica identity")
            .help("filter by columns of the replica identity, set `REPLICA IDENTITY FULL`, or publish `insert` alone"),
        );
    }
}
