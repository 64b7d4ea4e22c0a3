//! What scripts make together, put as questions to the index.

use std::sync::OnceLock;

use super::*;
use crate::discover::Kind;
use crate::model::sql;
use crate::syntax::sql::{Wants, read};

fn objects(files: &[(&str, &str)]) -> Objects {
    let mut sources = SourceMap::default();
    let mut sql = Vec::new();
    for (path, text) in files {
        let file = sources.add((*path).into(), Kind::Sql, text.as_bytes().to_vec()).unwrap();
        let sql_of = sql::read(read(file, text.as_bytes(), Wants { tables: true }, None));
        sql.push(SqlFile { file, sql: sql_of, open: OnceLock::new() });
    }
    Objects::read(&sql, &[], &sources, &Options::default())
}

fn identity(text: &str) -> Identity {
    let objects = objects(&[("a.sql", text)]);
    let name = TableName { schema: None, name: "t".to_owned() };
    objects.find_table(&name).map_or(Identity::Unknown, |table| objects.identity(table))
}

#[test]
fn what_identifies_a_row() {
    let columns = |names: &[&str]| Some(names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>());
    let key = |text: &str| match identity(text) {
        Identity::Key(columns, _) => columns,
        other => panic!("{text}: {other:?}"),
    };
    assert_eq!(key("create table t (a int primary key, b int)"), columns(&["a"]));
    assert_eq!(key("create table t (a int, b int, primary key (a, b))"), columns(&["a", "b"]));
    assert_eq!(
        key("create table t (a int); alter table only public.t add constraint x primary key (a)"),
        columns(&["a"])
    );
    assert_eq!(
        key("create table t (a int); create unique index i on t (a); alter table t add primary key using index i"),
        columns(&["a"])
    );
    assert_eq!(
        key(
            "create table t (a int not null unique); create unique index i on t (a); alter table t replica identity using index i"
        ),
        columns(&["a"])
    );
    for text in ["create table t (a int unique)", "create table public.t (a int)"] {
        assert!(matches!(identity(text), Identity::Missing(_)), "{text}");
    }
    for text in [
        "alter table t enable row level security",
        "create table t (like u)",
        "create table t () inherits (u)",
        "create table t as select 1",
        "create table t partition of u for values in (1)",
        "create table t (a int) partition by list (a)",
        "create temp table t (a int)",
        "create table t (a int); do $$ begin execute format('alter table %I add primary key (a)', x); end $$",
        "create function f() returns void language plpgsql as $$ begin create table t (a int); end $$",
        "create table t (a int); alter table t replica identity full; alter table t replica identity default",
    ] {
        assert_eq!(identity(text), Identity::Unknown, "{text}");
    }
    assert!(matches!(identity("create table t (a int primary key deferrable)"), Identity::Deferrable(_)));
    assert!(matches!(identity("create table t (a int); alter table t replica identity full"), Identity::Full(_)));
    assert!(matches!(identity("create table t (a int); alter table t replica identity nothing"), Identity::Nothing(_)));
}

#[test]
fn roles_keep_what_is_never_taken() {
    let objects = objects(&[
        (
            "a.sql",
            "create role a superuser; create user b in role a; create role c bypassrls; grant a to c, current_user",
        ),
        ("b.sql", "alter role c nobypassrls; grant select on t to a; grant insert, update on t to b; revoke a from c"),
    ]);
    let role = |name: &str| objects.roles.get(name).unwrap();
    assert!(role("a").has("superuser").is_some() && role("c").has("bypassrls").is_none());
    assert!(role("b").has("login").is_some() && role("a").has("login").is_none());
    assert!(role("b").granted.is_some() && role("a").granted.is_none());
    let pairs: Vec<(&str, &str, bool)> =
        objects.memberships.iter().map(|of| (of.group.as_str(), of.member.as_str(), of.revoked)).collect();
    assert_eq!(pairs, [("a", "b", false), ("a", "c", false), ("a", "c", true)]);
}

#[test]
fn publications_and_subscriptions() {
    let objects = objects(&[(
        "a.sql",
        "create publication p for table a, b with (publish = 'insert, update'); alter publication p add table c;
         create publication q for table :t; create subscription s connection 'x' publication p;
         alter subscription s set (slot_name = none); drop subscription s",
    )]);
    let p = objects.publications.get("p").unwrap();
    assert!(p.known && p.tables.len() == 3 && p.operations().update && !p.operations().delete);
    assert!(!objects.publications.get("q").unwrap().known);
    let s = objects.subscriptions.get("s").unwrap();
    assert_eq!((s.created.len(), s.parted.len(), s.dropped.len()), (1, 1, 1));
}

#[test]
fn memberships_that_grow_with_two_lists_end() {
    let names = |letter: char| (0..1000).map(|number| format!("{letter}{number}")).collect::<Vec<_>>().join(", ");
    let text = format!("grant {} to {}", names('a'), names('b'));
    assert_eq!(objects(&[("a.sql", &text)]).memberships.len(), 10_000);
}
