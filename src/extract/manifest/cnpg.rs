//! Resources of CloudNativePG. What the operator sets itself is left out; statements are those that it runs.

use std::collections::{BTreeMap, BTreeSet};

use super::settings::Lines;
use super::{sql, standby};
use crate::discover::Kind;
use crate::extract::image;
use crate::extract::tree::{Child, Node, Scalar};
use crate::extract::{Draft, Found, Writer};
use crate::syntax::literal::Literal;

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

/// The external clusters of a file by the names of the cluster that lists one and of the external one.
pub(super) type Externals<'a> = BTreeMap<(&'a str, &'a str), External<'a>>;

/// An external cluster.
#[derive(Default)]
pub(super) struct External<'a> {
    /// What is said of it; nothing where two have the same names, or none is in the file.
    node: Option<&'a Node>,
    /// Whether a subscription of the file connects to it.
    subscribed: bool,
}

/// The external clusters that the clusters and subscriptions of a file name.
pub(super) fn externals(documents: &[Child]) -> Externals<'_> {
    let is_ours =
        |root: &&Node| root.known("apiVersion").is_some_and(|version| version.starts_with("postgresql.cnpg.io/"));
    let mut externals = Externals::new();
    let mut seen = BTreeSet::new();
    for root in documents.iter().map(|document| &*document.node).filter(is_ours) {
        let Some(spec) = root.get("spec") else { continue };
        match root.known("kind") {
            Some("Cluster") => {
                let Some(cluster) = root.get("metadata").and_then(|metadata| metadata.known("name")) else { continue };
                for external in spec.get("externalClusters").into_iter().flat_map(Node::items) {
                    let Some(name) = external.known("name") else { continue };
                    let is_first = seen.insert((cluster, name));
                    externals.entry((cluster, name)).or_default().node = Some(external).filter(|_| is_first);
                }
            }
            Some("Subscription") => {
                let cluster = spec.get("cluster").and_then(|cluster| cluster.known("name"));
                if let Some(key) = cluster.zip(spec.known("externalClusterName")) {
                    externals.entry(key).or_default().subscribed = true;
                }
            }
            _ => {}
        }
    }
    externals
}

/// The string by which the operator connects to an external cluster (`external.ConfigureConnectionToServer`): its
/// parameters, and files with what secrets hold. `database` takes the place of theirs.
fn connection(external: &Node, database: Option<&Scalar>) -> Option<Literal> {
    const OF_SECRETS: [(&str, &str); 4] =
        [("password", "passfile"), ("sslCert", "sslcert"), ("sslKey", "sslkey"), ("sslRootCert", "sslrootcert")];
    let parameters = external.get("connectionParameters")?;
    let mut writer: Option<Writer> = None;
    for (keyword, value) in parameters.entries() {
        let Some(value) = value.as_scalar() else { continue };
        if !(database.is_some() && keyword.is("dbname")) {
            writer.get_or_insert_with(|| Writer::new(&keyword.text)).pair(&keyword.text, &value.text);
        }
    }
    let mut writer = writer?;
    if let Some(database) = database {
        writer.keyword("dbname", &database.text);
    }
    for (_, keyword) in OF_SECRETS.iter().filter(|(key, _)| external.get(key).is_some()) {
        writer.words(&format!(" {keyword}="));
        writer.gap();
    }
    Some(writer.build())
}

pub(super) fn read(root: &Node, kind: &str, externals: &Externals<'_>, steered: bool, found: &mut Found<'_>) {
    let Some(spec) = root.get("spec") else { return };
    match kind {
        "Cluster" => cluster(root, spec, externals, steered, found),
        "Publication" => publication(spec, found),
        "Subscription" => subscription(spec, externals, found),
        _ => {}
    }
}

fn cluster(root: &Node, spec: &Node, externals: &Externals<'_>, steered: bool, found: &mut Found<'_>) {
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
    let source = source(root, spec);
    if let Some((external, by)) = source
        && let Some(text) = connection(external, None)
    {
        standby::follow(&text, None, by, found);
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
        // What connects there shows the string itself.
        let own = || Some((root.get("metadata")?.known("name")?, external.known("name")?));
        let shown = own().and_then(|own| externals.get(&own)).is_some_and(|of| of.subscribed && of.node.is_some())
            || source.is_some_and(|(source, _)| std::ptr::eq(source, external));
        if let Some(text) = external.get("connectionParameters").and_then(sql::conninfo).filter(|_| !shown) {
            found.add(Kind::Conninfo, text);
        }
    }
    for role in spec.at(&["managed", "roles"]).into_iter().flat_map(Node::items) {
        self::role(role, found);
    }
}

/// What a replica cluster follows, with what says that it is one (`Cluster.IsReplica`): it is enabled, or another is the
/// primary of a distributed topology.
fn source<'a>(root: &'a Node, spec: &'a Node) -> Option<(&'a Node, &'a Scalar)> {
    let replica = spec.get("replica")?;
    let by = match replica.scalar("enabled") {
        Some(enabled) => Some(enabled).filter(|enabled| enabled.flag() == Some(true)),
        None => {
            let own = replica.known("self").or_else(|| root.get("metadata")?.known("name"));
            replica.scalar("primary").filter(|primary| primary.known().zip(own).is_some_and(|(one, own)| one != own))
        }
    };
    let name = replica.known("source")?;
    let mut named = spec.get("externalClusters")?.items().filter(|external| external.known("name") == Some(name));
    let external = named.next().filter(|_| named.next().is_none())?;
    Some((external, by?))
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
fn subscription(spec: &Node, externals: &Externals<'_>, found: &mut Found<'_>) {
    let (Some(name), Some(publication)) = (spec.scalar("name"), spec.scalar("publicationName")) else { return };
    let Some(external) = spec.scalar("externalClusterName") else { return };
    let of = || {
        let key = (spec.get("cluster")?.known("name")?, external.known()?);
        connection(externals.get(&key)?.node?, spec.scalar("publicationDBName"))
    };
    let mut statement = Writer::about("CREATE SUBSCRIPTION", &name.text);
    statement.words(" CONNECTION ");
    statement.string(&of().unwrap_or_else(|| Draft::computed(&external.text, 0..external.text.text().len())));
    statement.words(" PUBLICATION ");
    statement.name(&publication.text);
    sql::options(&mut statement, spec.get("parameters"));
    found.statement(statement);
}
