//! Who is a member of which role, as far as the SQL of a tree says it.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use crate::model::Cluster;
use crate::source::FileId;

/// Roles and their memberships.
#[derive(Debug, Clone, Default)]
pub struct Roles {
    /// Member to the roles that it is made a member of, with whether that is taken back somewhere.
    groups: BTreeMap<String, BTreeMap<String, bool>>,
    /// Roles that the SQL makes.
    created: BTreeSet<String>,
    /// Whether a membership of roles that the SQL makes would be said there.
    closed: bool,
}

/// So many roles are followed from one on; further ones make the answer unknown.
const MOST_GROUPS: usize = 10_000;

impl Roles {
    /// What the SQL that is for a node, given by its index, says; statements for other nodes do not count.
    #[must_use]
    pub fn of(cluster: &Cluster, node: usize) -> Self {
        // Files are in the order of their ids. Most trees have many, and few that speak of roles.
        let is_ours = |file: FileId| {
            let index = cluster.sql.binary_search_by_key(&file, |sql| sql.file);
            let site = index.ok().and_then(|index| cluster.objects.sites.get(index));
            site.is_some_and(|site| site.node.is_none_or(|of| of == node))
        };
        let mut roles = Self::default();
        for (name, role) in &cluster.objects.roles {
            if role.created.iter().any(|span| is_ours(span.file)) {
                roles.created.insert(name.clone());
            }
        }
        for membership in cluster.objects.memberships.iter().filter(|of| is_ours(of.span.file)) {
            roles.add(&membership.member, &membership.group, membership.revoked);
        }
        roles
    }

    /// Takes what the SQL does not say of two roles that it makes for untrue, unless `doubt`.
    #[must_use]
    pub fn closed(mut self, doubt: bool) -> Self {
        self.closed = !doubt;
        self
    }

    /// Adds a role.
    pub fn create(&mut self, name: &str) {
        self.created.insert(name.to_owned());
    }

    /// Adds that a role is made a member of another, or that this is taken back.
    pub fn add(&mut self, member: &str, group: &str, revoked: bool) {
        let groups = self.groups.entry(member.to_owned()).or_default();
        *groups.entry(group.to_owned()).or_default() |= revoked;
    }

    /// Every name that is said of.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let groups = self.groups.iter().flat_map(|(member, of)| of.keys().chain([member]));
        self.created.iter().chain(groups).map(String::as_str)
    }

    /// Whether `user`, whose role is taken to exist, is `group` or a direct or indirect member of it, as
    /// `is_member_of_role_nosuper` tells it: superusers are members of what they are granted only. None if unknown.
    #[must_use]
    pub fn is_member(&self, user: &str, group: &str) -> Option<bool> {
        if user == group {
            return Some(true);
        }
        let reached = self.reached(user, false)?;
        if reached.contains(group) {
            return Some(true);
        }
        let known = self.closed && self.created.contains(user) && self.created.contains(group);
        (known && !self.reached(user, true)?.contains(group)).then_some(false)
    }

    /// The roles that a role is a member of; with those where it was taken back, if `doubtful`.
    fn reached(&self, user: &str, doubtful: bool) -> Option<HashSet<&str>> {
        let mut reached = HashSet::new();
        let mut waiting = vec![user];
        while let Some(role) = waiting.pop() {
            for (group, revoked) in self.groups.get(role).into_iter().flatten() {
                if (doubtful || !revoked) && reached.insert(group.as_str()) {
                    waiting.push(group);
                }
            }
            if reached.len() > MOST_GROUPS {
                return None;
            }
        }
        Some(reached)
    }
}
