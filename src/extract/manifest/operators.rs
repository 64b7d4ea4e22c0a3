//! Resources of other operators: Zalando's, Crunchy Data's, Percona's, StackGres.

use super::settings::Lines;
use super::{patroni, standby};
use crate::discover::Kind;
use crate::extract::tree::{Node, Scalar};
use crate::extract::{Found, Writer};

pub(super) fn read(root: &Node, version: &str, kind: &str, steered: bool, found: &mut Found<'_>) {
    let Some(spec) = root.get("spec") else { return };
    let group = version.split_once('/').map_or("", |(group, _)| group);
    match (group, kind) {
        ("acid.zalan.do", "postgresql") => zalando(spec, steered, found),
        ("postgres-operator.crunchydata.com", "PostgresCluster") | ("pgv2.percona.com", "PerconaPGCluster") => {
            crunchy(spec, steered, found);
        }
        ("stackgres.io", "SGPostgresConfig") => {
            major(spec.scalar("postgresVersion"), found);
            parameters(spec.get("postgresql.conf"), steered, found);
        }
        ("stackgres.io", "SGCluster") => stackgres(spec, found),
        _ => {}
    }
}

fn major(version: Option<&Scalar>, found: &mut Found<'_>) {
    let Some(version) = version else { return };
    let digits = version.text.text().iter().take_while(|byte| byte.is_ascii_digit()).count();
    found.add(Kind::Major, crate::extract::Draft::of(&version.text, 0..digits));
}

fn parameters(map: Option<&Node>, steered: bool, found: &mut Found<'_>) {
    let Some(map) = map else { return };
    let mut lines = Lines::new(steered, map.entries().next().map(|(key, _)| key));
    lines.map(map, |_, _| false);
    lines.add(Kind::PostgresqlConf, found);
}

fn rows(list: Option<&Node>, found: &mut Found<'_>) {
    let mut lines = Lines::default();
    lines.rows(list.into_iter().flat_map(Node::scalars));
    lines.add(Kind::PgHba, found);
}

/// A cluster that replicates from another of StackGres, or from a server elsewhere.
fn stackgres(spec: &Node, found: &mut Found<'_>) {
    major(spec.at(&["postgres", "version"]).and_then(Node::as_scalar), found);
    let Some(instance) = spec.at(&["replicateFrom", "instance"]) else { return };
    match instance.get("external") {
        Some(external) => standby::of_patroni(external.scalar("host"), external.scalar("port"), None, found),
        None => standby::of_patroni(instance.scalar("sgCluster"), None, None, found),
    }
}

fn zalando(spec: &Node, steered: bool, found: &mut Found<'_>) {
    major(spec.at(&["postgresql", "version"]).and_then(Node::as_scalar), found);
    // Spilo hands these to Patroni for all members.
    if let Some(map) = spec.at(&["postgresql", "parameters"]) {
        let mut lines = Lines::new(steered, map.entries().next().map(|(key, _)| key));
        lines.map(map, patroni::is_left_out_of_dcs);
        lines.add(Kind::PostgresqlConf, found);
    }
    if let Some(of) = spec.get("standby") {
        standby::of_patroni(of.scalar("standby_host"), of.scalar("standby_port"), None, found);
    }
    rows(spec.at(&["patroni", "pg_hba"]), found);
    for (name, flags) in spec.get("users").into_iter().flat_map(Node::entries) {
        role(name, flags.scalars(), found);
    }
}

/// Settings that Crunchy's operator and its fork set, whatever the resource says (`postgres.NewParameters`,
/// `pgbackrest.PostgreSQL`).
const OF_CRUNCHY: &[&str] = &[
    "archive_command",
    "archive_mode",
    "restore_command",
    "ssl",
    "ssl_ca_file",
    "ssl_cert_file",
    "ssl_key_file",
    "unix_socket_directories",
    "wal_level",
];

fn crunchy(spec: &Node, steered: bool, found: &mut Found<'_>) {
    major(spec.scalar("postgresVersion"), found);
    let dynamic = spec.at(&["patroni", "dynamicConfiguration", "postgresql"]);
    for map in [dynamic.and_then(|postgresql| postgresql.get("parameters")), spec.at(&["config", "parameters"])] {
        let Some(map) = map else { continue };
        let mut lines = Lines::new(steered, map.entries().next().map(|(key, _)| key));
        lines.map(map, |name, value| OF_CRUNCHY.contains(&name) || patroni::is_left_out_of_dcs(name, value));
        lines.add(Kind::PostgresqlConf, found);
    }
    // With a repository alone, what it follows is an archive.
    if let Some(of) = spec.get("standby").filter(|of| of.scalar("enabled").and_then(Scalar::flag) == Some(true)) {
        standby::of_patroni(of.scalar("host"), of.scalar("port").filter(|_| of.scalar("host").is_some()), None, found);
    }
    rows(dynamic.and_then(|postgresql| postgresql.get("pg_hba")), found);
    let rules = spec.at(&["authentication", "rules"]).into_iter().flat_map(Node::items);
    let mut lines = Lines::default();
    lines.rows(rules.filter_map(|rule| rule.scalar("hba")));
    lines.add(Kind::PgHba, found);
    for user in spec.get("users").into_iter().flat_map(Node::items) {
        if let (Some(name), Some(options)) = (user.scalar("name"), user.scalar("options")) {
            let mut statement = Writer::about("ALTER ROLE", &name.text);
            statement.words(" WITH ");
            statement.text(&options.text);
            found.statement(statement);
        }
    }
}

/// A role with flags; nothing of it if one of them is no attribute.
fn role<'a>(name: &Scalar, flags: impl Iterator<Item = &'a Scalar>, found: &mut Found<'_>) {
    const FLAGS: &[&str] =
        &["superuser", "inherit", "login", "nologin", "createrole", "createdb", "replication", "bypassrls"];
    let mut statement = Writer::about("CREATE ROLE", &name.text);
    for flag in flags {
        if !flag.known().is_some_and(|flag| FLAGS.iter().any(|known| flag.eq_ignore_ascii_case(known))) {
            return;
        }
        statement.words(" ");
        statement.text(&flag.text);
    }
    found.statement(statement);
}
