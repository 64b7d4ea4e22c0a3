//! Configuration of Patroni: what it writes into postgresql.conf and pg_hba.conf of its server.
//!
//! Which section wins, and which settings Patroni keeps for itself, is told by its documentation ("Patroni
//! configuration", "Dynamic configuration settings") and `Config._process_postgresql_parameters`.

use super::settings::Lines;
use super::{any, sql, standby};
use crate::discover::Kind;
use crate::extract::tree::{Node, Scalar};
use crate::extract::{Draft, Found, Writer};
use crate::syntax::literal::Literal;

/// Settings that only the dynamic configuration may set, each with the least value that Patroni takes from it.
const OF_DCS: &[(&str, i64)] = &[
    ("wal_level", 0),
    ("max_connections", 25),
    ("max_wal_senders", 3),
    ("wal_keep_segments", 1),
    ("wal_keep_size", 16),
    ("max_prepared_transactions", 0),
    ("max_locks_per_transaction", 32),
    ("track_commit_timestamp", 0),
    ("max_replication_slots", 4),
    ("max_worker_processes", 2),
];

/// Settings that Patroni sets, whatever its configuration says.
const OWN: &[&str] = &["listen_addresses", "port", "cluster_name", "hot_standby", "wal_log_hints"];

/// Whether it is a configuration of Patroni.
pub(super) fn is_patroni(root: &Node) -> bool {
    let postgresql = root.get("postgresql").is_some_and(Node::is_map);
    let bootstrap = root.get("bootstrap").is_some_and(Node::is_map);
    let says = |key: &str| root.get(key).is_some();
    let store = ["etcd", "etcd3", "consul", "zookeeper", "exhibitor", "raft", "kubernetes"].into_iter().any(says);
    root.at(&["bootstrap", "dcs"]).is_some()
        || postgresql && (bootstrap || says("scope") && (store || says("restapi") || says("patroni")))
}

pub(super) fn read(root: &Node, steered: bool, found: &mut Found<'_>) {
    let name = root.name("name").or_else(|| root.name("scope")).unwrap_or_default();
    found.within(&name, |found| {
        let local = root.get("postgresql");
        let dcs = root.at(&["bootstrap", "dcs", "postgresql"]);
        major(local, found);
        parameters(local, dcs, steered, found);
        if let Some(of) = root.at(&["bootstrap", "dcs", "standby_cluster"]) {
            standby::of_patroni(of.scalar("host"), of.scalar("port"), of.scalar("primary_slot_name"), found);
        }
        access(root, local, dcs, found);
        for user in root.at(&["bootstrap", "users"]).into_iter().flat_map(Node::entries) {
            role(user, found);
        }
        for of in ["replication", "rewind"] {
            let login = local.and_then(|local| local.at(&["authentication", of]));
            if let Some(text) = login.and_then(connection) {
                found.add(Kind::Conninfo, text);
            }
        }
        any::node(root, found);
    });
}

/// The folder of the programs often has the major in its name.
fn major(local: Option<&Node>, found: &mut Found<'_>) {
    let Some(folder) = local.and_then(|local| local.scalar("bin_dir")) else { return };
    let Some(text) = folder.known() else { return };
    let number = |part: &str| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
    let mut at = 0;
    for part in text.split(['/', '-']) {
        if number(part) {
            return found.add(Kind::Major, Draft::of(&folder.text, at..at + part.len()));
        }
        at += part.len() + 1;
    }
}

fn parameters(local: Option<&Node>, dcs: Option<&Node>, steered: bool, found: &mut Found<'_>) {
    let own = local.and_then(|local| local.get("parameters"));
    let shared = dcs.and_then(|dcs| dcs.get("parameters"));
    let first = shared.or(own).and_then(|map| map.entries().next()).map(|(key, _)| key);
    let mut lines = Lines::new(steered, first);
    if let Some(shared) = shared {
        let overridden = |name: &str| !is_of_dcs(name) && own.is_some_and(|own| own.scalar(name).is_some());
        lines.map(shared, |name, value| is_left_out_of_dcs(name, value) || overridden(name));
    }
    if let Some(own) = own {
        lines.map(own, |name, _| is_of_dcs(name) || is_own(name));
    }
    lines.add(Kind::PostgresqlConf, found);
}

fn is_own(name: &str) -> bool {
    OWN.iter().any(|own| own.eq_ignore_ascii_case(name))
}

fn is_of_dcs(name: &str) -> bool {
    OF_DCS.iter().any(|(known, _)| known.eq_ignore_ascii_case(name))
}

/// Whether Patroni takes no notice of a setting of the dynamic configuration: it is its own, or its value is one that
/// Patroni does not take.
pub(super) fn is_left_out_of_dcs(name: &str, value: &Scalar) -> bool {
    let name = name.to_ascii_lowercase();
    let Some(text) = value.known() else { return is_own(&name) };
    if name == "wal_level" {
        return !["hot_standby", "replica", "logical"].contains(&text.to_ascii_lowercase().as_str());
    }
    let least = OF_DCS.iter().find(|(known, _)| *known == name).map(|(_, least)| *least);
    is_own(&name) || least.zip(text.parse::<i64>().ok()).is_some_and(|(least, value)| value < least)
}

/// The rows of pg_hba.conf and pg_ident.conf. Local lists replace those of the dynamic configuration; those of the
/// bootstrap are used where there are none. None are written if a setting names another file.
fn access(root: &Node, local: Option<&Node>, dcs: Option<&Node>, found: &mut Found<'_>) {
    let bootstrap = root.get("bootstrap");
    for (key, kind, setting, last) in
        [("pg_hba", Kind::PgHba, "hba_file", bootstrap), ("pg_ident", Kind::PgIdent, "ident_file", None)]
    {
        let sections = [local, dcs];
        let named = sections.iter().flatten().any(|node| node.at(&["parameters", setting]).is_some());
        let mut lists = sections.into_iter().chain([last]).flatten().filter_map(|node| node.get(key));
        if let Some(list) = lists.find(|list| list.is_list()).filter(|_| !named) {
            let mut lines = Lines::default();
            lines.rows(list.scalars());
            lines.add(kind, found);
        }
    }
}

/// A role that the bootstrap creates.
fn role((name, role): (&Scalar, &Node), found: &mut Found<'_>) {
    let mut statement = Writer::about("CREATE ROLE", &name.text);
    statement.words(" WITH");
    let options = role.get("options").into_iter().flat_map(Node::scalars).collect::<Vec<_>>();
    for option in &options {
        statement.words(" ");
        statement.text(&option.text);
    }
    // `PostgreSQL.create_or_update_role`
    let decides = |option: &&Scalar| {
        ["login", "nologin"].iter().any(|word| option.text.text().eq_ignore_ascii_case(word.as_bytes()))
    };
    if !options.iter().any(decides) {
        statement.words(" LOGIN");
    }
    if let Some(password) = role.scalar("password") {
        statement.words(" PASSWORD ");
        statement.string(&password.text);
    }
    found.statement(statement);
}

/// What Patroni connects to other members with, as far as it is written.
fn connection(login: &Node) -> Option<Literal> {
    // `AUTH_ALLOWED_PARAMETERS`
    let is_taken = |key: &Scalar| {
        key.known().is_some_and(|key| {
            key.starts_with("ssl") || matches!(key, "username" | "password" | "gssencmode" | "channel_binding")
        })
    };
    let mut writer: Option<Writer> = None;
    for (key, value) in login.entries().filter(|(key, _)| is_taken(key)) {
        let (Some(keyword), Some(value)) = (sql::keyword(key), value.as_scalar()) else { continue };
        let writer = writer.get_or_insert_with(|| {
            let mut writer = Writer::new(&key.text);
            // Other members are found at run time.
            writer.keyword("host", &Draft::computed(&key.text, 0..0));
            writer
        });
        writer.pair(&keyword, &value.text);
    }
    writer.map(Writer::build)
}
