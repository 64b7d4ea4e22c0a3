//! Which names are looked at, and on which majors.

use pgassay_plugin::types::{Node, Property, Recovery, SqlName, SqlOption, Subscription};

use super::*;
use crate::plugin;

fn messages(model: &Model) -> Vec<String> {
    let options = plugin().read_options(r#"{"slot-pattern": "app_.+", "pgaudit-classes": []}"#).unwrap();
    plugin().check_all(model, &options).into_iter().map(|finding| finding.message).collect()
}

#[test]
fn subscriptions_and_their_slots_have_names() {
    let slot = |value: &str| SqlOption { name: "slot_name".into(), value: value.into(), ..SqlOption::default() };
    let of = |action: &str, name: &str, slot: SqlOption| Subscription {
        action: action.into(),
        name: SqlName { text: name.into(), ..SqlName::default() },
        options: vec![slot],
        ..Subscription::default()
    };
    let dynamic = SqlOption { dynamic: true, ..slot("x") };
    let subscriptions =
        vec![of("create", "app_a", slot("a")), of("create", "b", slot("none")), of("options", "c", dynamic)];
    let found = messages(&Model { subscriptions, ..Model::default() });
    assert_eq!(found, ["slot `a` does not match `app_.+`", "subscription `b` does not match `app_.+`"]);
}

#[test]
fn recovery_conf_is_for_the_majors_that_read_it() {
    let line = Definition { name: "primary_slot_name".into(), text: "x".into(), ..Definition::default() };
    let recovery = Recovery { definitions: vec![line], ..Recovery::default() };
    let node = |majors| Node { recovery: recovery.clone(), majors: Majors::only(majors).bits(), ..Node::default() };
    assert_eq!(messages(&Model { nodes: vec![node(11)], ..Model::default() }).len(), 1);
    assert!(messages(&Model { nodes: vec![node(12)], ..Model::default() }).is_empty());
}

#[test]
fn dropping_a_slot_makes_none() {
    let property = |name: &str, value: &str| Property { name: name.into(), value: value.into(), ..Property::default() };
    let call = |function: &str| Statement {
        kind: "replication slot".into(),
        properties: vec![property("function", function), property("slot_name", "x")],
        ..Statement::default()
    };
    let statements = vec![call("pg_drop_replication_slot"), call("pg_copy_physical_replication_slot")];
    assert_eq!(messages(&Model { statements, ..Model::default() }).len(), 1);
}
