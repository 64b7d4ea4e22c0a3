//! Roles: their attributes, who is a member of whom, and what they are given.

use std::collections::BTreeMap;

use super::{Objects, role_name};
use crate::model::sql::{self, AttributeKind, Grant, Granted, Grantee, ObjectKind, Statement};
use crate::source::Span;
use crate::syntax::sql::Name;

/// All that the tree says of a role.
#[derive(Debug, Clone, Default)]
pub struct Role {
    /// Where it is made.
    pub created: Vec<Span>,
    /// Its attributes by the positive word, and where they are given.
    pub flags: BTreeMap<&'static str, Vec<(bool, Span)>>,
    /// The first privilege to write tables, where it is granted.
    pub granted: Option<Span>,
}

impl Role {
    /// Whether an attribute is taken from it.
    #[must_use]
    pub fn lacks(&self, flag: &str) -> bool {
        self.flags.get(flag).is_some_and(|given| given.iter().any(|(given, _)| !given))
    }

    /// Where an attribute is given, if it is given and never taken.
    #[must_use]
    pub fn has(&self, flag: &str) -> Option<Span> {
        let given = self.flags.get(flag)?;
        given.iter().all(|(given, _)| *given).then(|| given.first().map(|(_, span)| *span)).flatten()
    }
}

/// A role that is made a member of another.
#[derive(Debug, Clone)]
pub struct Membership {
    /// The role that is granted.
    pub group: String,
    /// The role that gets it.
    pub member: String,
    /// Where.
    pub span: Span,
    /// Whether it is taken back instead.
    pub revoked: bool,
    /// Whether the member may become the role by SET ROLE.
    pub set: bool,
}

/// So many memberships of one statement count: it gives as many as the product of its two lists.
const MOST_MEMBERSHIPS: usize = 10_000;

impl Objects {
    pub(super) fn role(&mut self, role: &sql::Role) {
        let Some(name) = role_name(&role.name) else {
            self.dynamic.roles |= role.name.dynamic;
            return;
        };
        let name = name.to_owned();
        let entry = self.roles.entry(name.clone()).or_default();
        if role.created {
            entry.created.push(role.name.span);
        }
        for attribute in &role.attributes {
            if let AttributeKind::Flag(flag, given) = attribute.kind {
                entry.flags.entry(flag).or_default().push((given, attribute.span));
            }
        }
        if role.created && role.kind == sql::RoleKind::User {
            let login = entry.flags.entry("login").or_default();
            if login.is_empty() {
                login.push((true, role.name.span));
            }
        }
        for attribute in &role.attributes {
            let (others, groups) = match &attribute.kind {
                AttributeKind::InRole(names) => (names, true),
                AttributeKind::Members(names) | AttributeKind::Admins(names) => (names, false),
                _ => continue,
            };
            for other in others.iter().filter_map(role_name) {
                let (group, member) = if groups { (other, name.as_str()) } else { (name.as_str(), other) };
                self.memberships.push(Membership {
                    group: group.to_owned(),
                    member: member.to_owned(),
                    span: attribute.span,
                    revoked: false,
                    set: true,
                });
            }
        }
    }

    pub(super) fn grant(&mut self, grant: &Grant, statement: &Statement) {
        let grantees = grant.grantees.iter().filter_map(|grantee| match grantee {
            Grantee::Role(name) => role_name(name),
            Grantee::Public(_) => None,
        });
        match &grant.what {
            Granted::Roles(groups) => {
                let pairs = grantees.flat_map(|member| {
                    groups.iter().filter_map(move |name: &Name| role_name(name).map(|group| (member, group)))
                });
                for (member, group) in pairs.take(MOST_MEMBERSHIPS) {
                    self.memberships.push(Membership {
                        group: group.to_owned(),
                        member: member.to_owned(),
                        span: statement.span,
                        revoked: grant.revoked,
                        set: grant.set,
                    });
                }
            }
            Granted::Privileges { kind: ObjectKind::Table, privileges, objects, .. } if !grant.revoked => {
                // SELECT is what copying the tables of a subscription needs; tools that capture changes write a
                // table of signals or heartbeats.
                let Some(writes) = privileges.iter().find(|privilege| privilege.name != "select") else { return };
                let own = |word: &str| objects.iter().all(|object| object.name.text.contains(word));
                if !objects.is_empty() && (own("signal") || own("heartbeat")) {
                    return;
                }
                for member in grantees {
                    let role = self.roles.entry(member.to_owned()).or_default();
                    role.granted = role.granted.or(Some(writes.span));
                }
            }
            Granted::Privileges { .. } => {}
        }
    }
}
