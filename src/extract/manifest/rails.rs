//! database.yml of Rails: connections whose keys Active Record hands to libpq (`PostgreSQLAdapter.new_client`).

use super::sql;
use crate::discover::Kind;
use crate::extract::Found;
use crate::extract::tree::Node;

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
    let known = map.entries().filter_map(|(key, value)| Some((sql::keyword(key)?, value.as_scalar()?)));
    if let Some(text) = sql::pairs(known) {
        found.add(Kind::Conninfo, text);
    }
}
