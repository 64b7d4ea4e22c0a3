//! database.yml of Rails: connections whose keys Active Record hands to libpq.

use super::sql::{self, Keyword};
use crate::discover::Kind;
use crate::extract::Found;
use crate::extract::tree::{Node, Scalar};

/// Keys of database.yml that are parameters of libpq, by libpq's names (`PostgreSQLAdapter.new_client`).
const KEYWORDS: &[(&str, &str)] = &[
    ("host", "host"),
    ("port", "port"),
    ("database", "dbname"),
    ("username", "user"),
    ("password", "password"),
    ("sslmode", "sslmode"),
    ("sslrootcert", "sslrootcert"),
    ("sslcert", "sslcert"),
    ("sslkey", "sslkey"),
    ("connect_timeout", "connect_timeout"),
    ("application_name", "application_name"),
    ("target_session_attrs", "target_session_attrs"),
];

pub(super) fn read(root: &Node, found: &mut Found<'_>) {
    if !found.host.file_name().is_some_and(|name| name.starts_with("database.")) {
        return;
    }
    for (_, environment) in root.entries() {
        connection(environment, found);
        // An application of several databases has one more level.
        environment.entries().for_each(|(_, of)| connection(of, found));
    }
}

fn connection(map: &Node, found: &mut Found<'_>) {
    let is_ours = map.known("adapter").is_some_and(|adapter| matches!(adapter, "postgresql" | "postgis"));
    // A connection without a password or a host has nothing to tell; what is computed is unknown.
    if !is_ours || map.scalar("url").is_some() {
        return;
    }
    let known = |(name, value): (&Scalar, &Node)| {
        let name = name.known()?;
        let (_, keyword) = KEYWORDS.iter().find(|(key, _)| *key == name)?;
        Some((*keyword, value.as_scalar()?.text.clone()))
    };
    let pairs = map.entries().filter_map(known).collect::<Vec<_>>();
    if let Some(text) = sql::conninfo(pairs.iter().map(|(keyword, value)| (Keyword::Meant(keyword), value))) {
        found.add(Kind::Conninfo, text);
    }
}
