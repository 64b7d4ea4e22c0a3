//! Which rows take a connection before a later row is tried: the server uses the first that matches.

use pgassay_plugin::Network;
use pgassay_plugin::types::{HbaAddress, HbaName, HbaRow};

use super::role::Role;

/// Whether `above` matches every connection of the role to `database` that `row` matches, whatever it then does with it.
pub(super) fn takes(above: &HbaRow, row: &HbaRow, address: &HbaAddress, database: &HbaName, role: &Role<'_>) -> bool {
    takes_connection(&above.connection, &row.connection)
        && above.address.as_ref().is_some_and(|above| takes_address(above, address))
        && above.databases.iter().any(|above| takes_database(above, database))
        && role.reached_by(above).is_some()
}

/// A connection with TLS has no GSS encryption, and the other way round.
fn takes_connection(above: &str, row: &str) -> bool {
    above == row
        || match above {
            "host" => row != "local",
            "hostnossl" => row == "hostgssenc",
            "hostnogssenc" => row == "hostssl",
            _ => false,
        }
}

fn takes_address(above: &HbaAddress, row: &HbaAddress) -> bool {
    let covers = || {
        // With holes in its mask, `above` matches less than the network around it.
        let above = Network::of(above).filter(|_| above.prefix.is_some())?;
        Some(above.contains(row))
    };
    above.kind == "all" || above.kind == "network" && covers().unwrap_or(false)
}

/// `all` does not match replication.
fn takes_database(above: &HbaName, row: &HbaName) -> bool {
    above.kind == "all" && row.kind != "replication" || above.kind == row.kind && above.name == row.name
}
