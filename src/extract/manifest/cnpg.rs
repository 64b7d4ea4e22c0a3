//! Resources of CloudNativePG. What the operator sets itself is left out; statements are those that it runs.

use super::settings::Lines;
use super::sql;
use crate::discover::Kind;
use crate::extract::image;
use crate::extract::tree::{Node, Scalar};
use crate::extract::{Draft, Found, Writer};

/// Settings that the operator sets, and refuses in the resource (its documentation, "Fixed parameters").
const FIXED: &[&str] = &[
    "allow_system_table_mods",
    "archive_cleanup_command",
    "archive_command",
    "archive_mode",
    "bonjour",
    "bonjour_name",
    "cluster_name",
    "config_file",
    "data_directory",
    "data_sync_retry",
    "event_source",
    "external_pid_file",
    "hba_file",
    "hot_standby",
    "ident_file",
    "jit_provider",
    "listen_addresses",
    "log_destination",
    "log_directory",
    "log_file_mode",
    "log_filename",
    "log_rotation_age",
    "log_rotation_size",
    "log_truncate_on_rotation",
    "logging_collector",
    "port",
    "primary_conninfo",
    "primary_slot_name",
    "promote_trigger_file",
    "recovery_end_command",
    "recovery_min_apply_delay",
    "recovery_target",
    "recovery_target_action",
    "recovery_target_inclusive",
    "recovery_target_lsn",
    "recovery_target_name",
    "recovery_target_time",
    "recovery_target_timeline",
    "recovery_target_xid",
    "restart_after_crash",
    "restore_command",
    "shared_preload_libraries",
    "ssl",
    "ssl_ca_file",
    "ssl_cert_file",
    "ssl_crl_file",
    "ssl_key_file",
    "ssl_passphrase_command",
    "ssl_passphrase_command_supports_reload",
    "stats_temp_directory",
    "synchronous_standby_names",
    "syslog_facility",
    "syslog_ident",
    "syslog_sequence_numbers",
    "syslog_split_messages",
    "unix_socket_directories",
    "unix_socket_group",
    "unix_socket_permissions",
];

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
        image::major(&image.text, found);
    }
    if let Some(major) = spec.at(&["imageCatalogRef", "major"]).and_then(Node::as_scalar) {
        found.add(Kind::Major, major.text.clone());
    }
    let first = |node: Option<&Node>| node.and_then(|node| node.entries().next().map(|(key, _)| key.clone()));
    if let Some(parameters) = spec.at(&["postgresql", "parameters"]) {
        let mut lines = Lines::new(steered, first(Some(parameters)).as_ref());
        lines.map(parameters, |name, _| FIXED.contains(&name));
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
        if let Some(text) = external.get("connectionParameters").and_then(sql::conninfo) {
            found.add(Kind::Conninfo, text);
        }
    }
    for role in spec.at(&["managed", "roles"]).into_iter().flat_map(Node::items) {
        self::role(role, found);
    }
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
    let mut statement = Writer::about("CREATE ROLE", &name.text);
    for (key, word) in ATTRIBUTES {
        if let Some(flag) = role.scalar(key).filter(|flag| flag.flag() == Some(true)) {
            statement.words(" ");
            statement.meant(word, flag.text.whole());
        }
    }
    found.statement(statement);
    let groups = role.get("inRoles").into_iter().flat_map(Node::scalars).collect::<Vec<_>>();
    if !groups.is_empty() {
        let mut statement = Writer::new(&groups[0].text);
        statement.words("GRANT ");
        statement.list(groups.iter().map(|group| &group.text), ", ", Writer::name);
        statement.words(" TO ");
        statement.name(&name.text);
        found.statement(statement);
    }
}

fn publication(spec: &Node, found: &mut Found<'_>) {
    let Some(name) = spec.scalar("name") else { return };
    let mut statement = Writer::about("CREATE PUBLICATION", &name.text);
    let target = spec.get("target");
    if let Some(all) = target.and_then(|target| target.scalar("allTables")).filter(|all| all.flag() == Some(true)) {
        statement.words(" FOR ");
        statement.meant("ALL TABLES", all.text.whole());
    } else {
        let mut opened = false;
        for object in target.and_then(|target| target.get("objects")).into_iter().flat_map(Node::items) {
            let named = object.get("table").and_then(|table| Some((table, table.scalar("name")?)));
            let Some(first) = object.scalar("tablesInSchema").or(named.map(|(_, name)| name)) else { return };
            statement.words(if opened { ", " } else { " FOR " });
            opened = true;
            let Some((table, name)) = named else {
                statement.words("TABLES IN SCHEMA ");
                statement.name(&first.text);
                continue;
            };
            statement.words("TABLE ");
            if table.scalar("only").and_then(Scalar::flag) == Some(true) {
                statement.words("ONLY ");
            }
            if let Some(schema) = table.scalar("schema") {
                statement.name(&schema.text);
                statement.words(".");
            }
            statement.name(&name.text);
            if let Some(columns) = table.get("columns").filter(|columns| columns.scalars().next().is_some()) {
                statement.words(" (");
                statement.list(columns.scalars().map(|column| &column.text), ", ", Writer::name);
                statement.words(")");
            }
        }
    }
    sql::options(&mut statement, spec.get("parameters"));
    found.statement(statement);
}

/// The connection is that of an external cluster, which may be defined in another file.
fn subscription(spec: &Node, found: &mut Found<'_>) {
    let (Some(name), Some(publication)) = (spec.scalar("name"), spec.scalar("publicationName")) else { return };
    let Some(external) = spec.scalar("externalClusterName") else { return };
    let mut statement = Writer::about("CREATE SUBSCRIPTION", &name.text);
    statement.words(" CONNECTION ");
    statement.string(&Draft::computed(&external.text, 0..external.text.text().len()));
    statement.words(" PUBLICATION ");
    statement.name(&publication.text);
    sql::options(&mut statement, spec.get("parameters"));
    found.statement(statement);
}
