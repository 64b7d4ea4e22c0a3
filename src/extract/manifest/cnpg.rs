//! Resources of CloudNativePG. What the operator sets itself is left out; statements are those that it runs.

use super::settings::Lines;
use super::sql::{self, Keyword, Statement};
use super::image;
use crate::discover::Kind;
use crate::extract::tree::{Node, Scalar};
use crate::extract::{Draft, Found};
use crate::syntax::literal::Literal;

pub(super) fn read(root: &Node, kind: &str, steered: bool, found: &mut Found<'_>) {
    let Some(spec) = root.get("spec") else { return };
    match kind {
        "Cluster" => cluster(spec, steered, found),
        "Publication" => publication(spec, found),
        "Subscription" => subscription(spec, found),
        _ => {}
    }
}

fn cluster(spec: &Node, steered: bool, found: &mut Found<'_>) {
    if let Some(image) = spec.scalar("imageName") {
        image::major(image, found);
    }
    if let Some(major) = spec.at(&["imageCatalogRef", "major"]).and_then(Node::as_scalar) {
        found.add(Kind::Major, major.text.clone());
    }
    let first = |node: Option<&Node>| node.and_then(|node| node.entries().next().map(|(key, _)| key.clone()));
    if let Some(parameters) = spec.at(&["postgresql", "parameters"]) {
        let mut lines = Lines::new(steered, first(Some(parameters)).as_ref());
        lines.map(parameters, |_, _| false);
        lines.add(Kind::PostgresqlConf, found);
    }
    for (key, kind) in [("pg_hba", Kind::PgHba), ("pg_ident", Kind::PgIdent)] {
        let mut lines = Lines::default();
        lines.rows(spec.at(&["postgresql", key]).into_iter().flat_map(Node::scalars));
        lines.add(kind, found);
    }
    for key in ["postInitSQL", "postInitApplicationSQL", "postInitTemplateSQL"] {
        for statement in spec.at(&["bootstrap", "initdb", key]).into_iter().flat_map(Node::scalars) {
            found.sql(statement.text.clone(), None);
        }
    }
    for external in spec.get("externalClusters").into_iter().flat_map(Node::items) {
        if let Some(text) = external.get("connectionParameters").and_then(connection) {
            found.add(Kind::Conninfo, text);
        }
    }
    for role in spec.at(&["managed", "roles"]).into_iter().flat_map(Node::items) {
        self::role(role, found);
    }
}

/// The connection string of a map of keywords.
fn connection(map: &Node) -> Option<Literal> {
    sql::conninfo(map.entries().filter_map(|(name, value)| Some((Keyword::Written(&name.text), &value.as_scalar()?.text))))
}

/// Attributes of roles, by the operator's names.
const ATTRIBUTES: &[(&str, &str)] = &[
    ("superuser", "SUPERUSER"),
    ("createdb", "CREATEDB"),
    ("createrole", "CREATEROLE"),
    ("login", "LOGIN"),
    ("replication", "REPLICATION"),
    ("bypassrls", "BYPASSRLS"),
];

fn role(role: &Node, found: &mut Found<'_>) {
    let Some(name) = role.scalar("name") else { return };
    if role.known("ensure") == Some("absent") {
        return;
    }
    let mut statement = Statement::new("CREATE ROLE ", &name.text);
    statement.identifier(&name.text);
    for (key, word) in ATTRIBUTES {
        if let Some(flag) = role.scalar(key).filter(|flag| flag.flag() == Some(true)) {
            statement.words(" ");
            statement.meant(word, &flag.text);
        }
    }
    statement.add(None, found);
    let groups = role.get("inRoles").into_iter().flat_map(Node::scalars).collect::<Vec<_>>();
    if !groups.is_empty() {
        let mut statement = Statement::new("GRANT ", &groups[0].text);
        statement.list(groups.iter().copied(), Statement::identifier);
        statement.words(" TO ");
        statement.identifier(&name.text);
        statement.add(None, found);
    }
}

fn publication(spec: &Node, found: &mut Found<'_>) {
    let Some(name) = spec.scalar("name") else { return };
    let mut statement = Statement::new("CREATE PUBLICATION ", &name.text);
    statement.identifier(&name.text);
    let target = spec.get("target");
    if let Some(all) = target.and_then(|target| target.scalar("allTables")).filter(|all| all.flag() == Some(true)) {
        statement.words(" FOR ");
        statement.meant("ALL TABLES", &all.text);
    } else {
        let mut opened = false;
        for object in target.and_then(|target| target.get("objects")).into_iter().flat_map(Node::items) {
            let named = object.get("table").and_then(|table| Some((table, table.scalar("name")?)));
            let Some(first) = object.scalar("tablesInSchema").or(named.map(|(_, name)| name)) else { return };
            statement.words(if opened { ", " } else { " FOR " });
            opened = true;
            let Some((table, name)) = named else {
                statement.words("TABLES IN SCHEMA ");
                statement.identifier(&first.text);
                continue;
            };
            statement.words("TABLE ");
            if table.scalar("only").and_then(Scalar::flag) == Some(true) {
                statement.words("ONLY ");
            }
            if let Some(schema) = table.scalar("schema") {
                statement.identifier(&schema.text);
                statement.words(".");
            }
            statement.identifier(&name.text);
            if let Some(columns) = table.get("columns").filter(|columns| columns.scalars().next().is_some()) {
                statement.words(" (");
                statement.list(columns.scalars(), Statement::identifier);
                statement.words(")");
            }
        }
    }
    statement.options(spec.get("parameters"));
    statement.add(None, found);
}

/// The connection is that of an external cluster, which may be defined in another file.
fn subscription(spec: &Node, found: &mut Found<'_>) {
    let (Some(name), Some(publication)) = (spec.scalar("name"), spec.scalar("publicationName")) else { return };
    let Some(external) = spec.scalar("externalClusterName") else { return };
    let mut statement = Statement::new("CREATE SUBSCRIPTION ", &name.text);
    statement.identifier(&name.text);
    statement.words(" CONNECTION ");
    let mut unknown = Draft::new(&external.text, 0);
    unknown.hole(0..external.text.text().len());
    statement.string(&unknown.build());
    statement.words(" PUBLICATION ");
    statement.identifier(&publication.text);
    statement.options(spec.get("parameters"));
    statement.add(None, found);
}
