//! Rows of pg_hba.conf and which of them let a role in from where it may not come from.

use pgassay_plugin::prelude::*;
use pgassay_plugin::types::{
    Effective, Grant, Hba, HbaAddress, HbaName, HbaRow, Node, Role, RoleAttribute, Setting, SqlName,
};

use crate::plugin;

const OPTIONS: &str = r#"{"role-networks": {"payments": ["10.2.0.0/16"]}, "pgaudit-classes": []}"#;

fn names(words: &str) -> Vec<HbaName> {
    let name = |word: &str| {
        let (kind, name) = match word {
            "all" | "replication" => (word, ""),
            _ if word.starts_with('+') => ("member", &word[1..]),
            _ if word.starts_with('/') => ("regex", &word[1..]),
            _ => ("name", word),
        };
        HbaName { kind: kind.into(), name: name.into(), place: 1 }
    };
    words.split(',').map(name).collect()
}

fn address(text: &str) -> HbaAddress {
    let octets = |address: &str| address.split('.').map(|octet| octet.parse().unwrap()).collect();
    match text.split_once('/') {
        Some((address, prefix)) => HbaAddress {
            kind: "network".into(),
            text: text.into(),
            octets: octets(address),
            prefix: Some(prefix.parse().unwrap()),
            ..HbaAddress::default()
        },
        None => {
            let kind = if text.contains('.') { "host-name" } else { text };
            HbaAddress { kind: kind.into(), text: text.into(), ..HbaAddress::default() }
        }
    }
}

/// A file of lines for PostgreSQL 16.
fn model(lines: &[&str]) -> Model {
    let row = |line: &&str| {
        let words: Vec<&str> = line.split(' ').collect();
        let [connection, databases, users, from, method] = words[..] else { panic!("{line}") };
        HbaRow {
            majors: Majors::only(16).bits(),
            connection: connection.into(),
            databases: names(databases),
            users: names(users),
            address: (connection != "local").then(|| address(from)),
            method: method.into(),
            ..HbaRow::default()
        }
    };
    let hba = Hba { file: 0, rows: lines.iter().map(row).collect(), complete: true };
    Model { nodes: vec![Node { hba: Some(hba), ..Node::default() }], ..Model::default() }
}

fn messages(model: &Model) -> Vec<String> {
    let options = plugin().read_options(OPTIONS).unwrap();
    plugin().check_all(model, &options).into_iter().map(|finding| finding.message).collect()
}

#[test]
fn a_row_may_only_be_as_wide_as_the_networks() {
    for good in ["10.2.0.0/16", "10.2.3.4/32", "samehost", "samenet", "db.example.com"] {
        assert!(messages(&model(&[&format!("hostssl app payments {good} scram-sha-256")])).is_empty(), "{good}");
    }
    for bad in ["10.0.0.0/8", "10.3.0.1/32", "0.0.0.0/0", "all"] {
        assert_eq!(
            messages(&model(&[&format!("hostssl app payments {bad} scram-sha-256")])),
            [format!("`payments` may log in from `{bad}`, outside `10.2.0.0/16`")]
        );
    }
    let others = ["local all all - trust", "host all payments all reject", "host all report all md5"];
    assert!(messages(&model(&others)).is_empty());
}

#[test]
fn all_is_everyone_until_a_row_above_takes_the_role() {
    let all = "hostssl all all 10.0.0.0/8 scram-sha-256";
    assert_eq!(messages(&model(&[all])), ["`payments` may log in by `all` from `10.0.0.0/8`, outside `10.2.0.0/16`"]);
    let own = "hostssl app payments 10.2.0.0/16 scram-sha-256";
    for above in [
        "host all payments all reject",
        "hostssl all +payments 10.0.0.0/8 reject",
        "hostnogssenc all all 8.0.0.0/5 reject",
    ] {
        assert!(messages(&model(&[own, above, all])).is_empty(), "{above}");
    }
    for above in [
        "hostnossl all payments all reject",
        "host app payments all reject",
        "host all payments 10.2.0.0/15 reject",
        "host all report all reject",
    ] {
        assert_eq!(messages(&model(&[own, above, all])).len(), 1, "{above}");
    }
    assert_eq!(messages(&model(&[all, "host all payments all reject"])).len(), 1);
}

#[test]
fn replication_is_a_database_of_its_own() {
    let reject = "host all payments all reject";
    assert!(messages(&model(&["hostssl replication all 10.9.0.0/24 scram-sha-256"])).is_empty());
    assert!(messages(&model(&[reject, "hostssl all,replication all 10.9.0.0/24 scram-sha-256"])).is_empty());
    assert_eq!(messages(&model(&[reject, "hostssl replication payments 10.9.0.0/24 scram-sha-256"])).len(), 1);
}

#[test]
fn what_cannot_be_read_may_turn_the_role_away() {
    let mut open = model(&["hostgssenc all all all gss", "hostssl report,app payments all scram-sha-256"]);
    assert_eq!(messages(&open).len(), 2);
    open.nodes[0].hba.as_mut().unwrap().complete = false;
    assert_eq!(messages(&open), ["`payments` may log in from `all`, outside `10.2.0.0/16`"]);
}

#[test]
fn without_tls_no_connection_is_hostssl() {
    let line = "hostssl app payments 10.0.0.0/8 scram-sha-256";
    let ssl = |state: &str, value: &str| {
        let value = Effective { state: state.into(), value: value.into(), majors: 1 << 16, ..Effective::default() };
        let mut model = model(&[line]);
        model.nodes[0].settings = vec![Setting { name: "ssl".into(), values: vec![value], ..Setting::default() }];
        messages(&model).len()
    };
    assert_eq!([ssl("set", "off"), ssl("set", "on"), ssl("dynamic", "")], [0, 1, 1]);
}

#[test]
fn a_group_reaches_whom_sql_puts_in_it() {
    let line = "hostssl all +staff 10.0.0.0/8 scram-sha-256";
    assert!(messages(&model(&[line])).is_empty());
    let name = |text: &str| SqlName { text: text.into(), ..SqlName::default() };
    let grant = |group: &str, member: &str, revoked| Grant {
        kind: "role".into(),
        objects: vec![name(group)],
        grantees: vec![name(member)],
        revoked,
        ..Grant::default()
    };
    let granted = vec![grant("staff", "apps", false), grant("apps", "payments", false)];
    let with = |grants: Vec<Grant>| messages(&Model { grants, ..model(&[line]) });
    assert_eq!(with(granted.clone()), ["`payments` may log in by `+staff` from `10.0.0.0/8`, outside `10.2.0.0/16`"]);
    assert!(with([granted, vec![grant("staff", "apps", true)]].concat()).is_empty());
}

#[test]
fn create_role_puts_roles_into_groups() {
    let name = |text: &str| SqlName { text: text.into(), ..SqlName::default() };
    let create = |role: &str, attribute: &str, other: SqlName| {
        let attribute = RoleAttribute { name: attribute.into(), roles: vec![other], ..RoleAttribute::default() };
        let role = Role { name: name(role), created: true, attributes: vec![attribute], ..Role::default() };
        messages(&Model { roles: vec![role], ..model(&["hostssl all +staff 10.0.0.0/8 scram-sha-256"]) }).len()
    };
    assert_eq!(create("payments", "in role", name("staff")), 1);
    assert_eq!(create("staff", "admin", name("payments")), 1);
    assert_eq!(create("staff", "in role", name("payments")), 0);
    assert_eq!(create("staff", "role", SqlName { dynamic: true, ..name("payments") }), 0);
}

#[test]
fn regular_expressions_reach_nobody() {
    assert!(messages(&model(&["hostssl all /^pay 10.0.0.0/8 scram-sha-256"])).is_empty());
}
