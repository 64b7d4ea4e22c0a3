//! A role of the policy, and which rows of pg_hba.conf are about it.

use std::collections::BTreeSet;

use pgassay_plugin::Network;
use pgassay_plugin::types::{HbaAddress, HbaName, HbaRow};

/// A role and what is known of it on a node.
pub(super) struct Role<'a> {
    pub(super) name: &'a str,
    pub(super) networks: &'a [Network],
    pub(super) groups: BTreeSet<&'a str>,
}

impl Role<'_> {
    /// The word that makes a row match the role: its name before others.
    pub(super) fn reached_by<'r>(&self, row: &'r HbaRow) -> Option<&'r HbaName> {
        let by = |kind: &str| row.users.iter().find(|user| user.kind == kind && self.is_meant(user));
        by("name").or_else(|| by("member")).or_else(|| by("all"))
    }

    fn is_meant(&self, user: &HbaName) -> bool {
        match user.kind.as_str() {
            "name" => user.name == self.name,
            // A role is a member of itself.
            "member" => user.name == self.name || self.groups.contains(user.name.as_str()),
            kind => kind == "all",
        }
    }

    /// What is wrong with an address that lies elsewhere.
    pub(super) fn outside(&self) -> String {
        let networks: Vec<String> = self.networks.iter().map(|network| format!("`{network}`")).collect();
        if networks.is_empty() { "which has no network".to_owned() } else { format!("outside {}", networks.join(", ")) }
    }

    /// Whether the address is known to match some that the role may not come from.
    pub(super) fn is_outside(&self, address: &HbaAddress) -> bool {
        let everywhere = [Network::ANY_V4, Network::ANY_V6];
        match address.kind.as_str() {
            "all" => !everywhere.iter().all(|family| family.lies_in(self.networks)),
            "network" => match Network::of(address) {
                Some(network) => !network.lies_in(self.networks),
                None => false,
            },
            _ => false,
        }
    }
}
