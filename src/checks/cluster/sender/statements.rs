//! What statements say of a sender's publications, tables, policies and roles.

use super::{MOST_GROUPS, Sender};
use crate::model::sql::{AttributeKind, Statement, TableAction, What};

/// Whether a statement makes or changes what is asked of a sender.
pub(super) fn matters(statement: &Statement) -> bool {
    matches!(
        statement.what,
        What::CreatePublication(_)
            | What::AlterPublication(_)
            | What::DropPublication(_)
            | What::AlterTable(_)
            | What::Policy(_)
            | What::AlterSubscription(_)
            | What::Role(_)
            | What::Grant(_)
    )
}

impl<'a> Sender<'a> {
    /// Takes in a statement.
    pub(super) fn add(&mut self, statement: &'a Statement) {
        self.account(statement);
        self.object(statement);
    }

    fn object(&mut self, statement: &'a Statement) {
        match &statement.what {
            What::CreatePublication(create) => {
                self.closed &= !create.name.dynamic;
                let own = self.own.contains(&create.name.span.file);
                self.publications.entry(&create.name.text).or_default().created(create, own);
            }
            What::AlterPublication(alter) => {
                self.closed &= !alter.name.dynamic;
                self.publications.entry(&alter.name.text).or_default().altered(alter);
            }
            What::DropPublication(drop) => {
                for name in &drop.names {
                    self.publications.entry(&name.text).or_default().dropped = true;
                }
            }
            What::AlterTable(alter) => {
                let name = alter.name.name.text.as_str();
                for action in &alter.actions {
                    match action {
                        TableAction::AddColumn(column) => {
                            self.added.entry(name).or_default().insert(&column.text);
                        }
                        TableAction::Reshape => {
                            self.reshaped.insert(name);
                        }
                        TableAction::RowSecurity(what, span) => {
                            self.row_security.entry(name).or_default().push((*what, *span));
                        }
                        _ => {}
                    }
                }
            }
            What::Policy(policy) => self.policies.push(policy),
            What::AlterSubscription(alter) => {
                use crate::model::sql::SubscriptionAction::{AddPublication, DropPublication, SetPublication};
                if alter.name.dynamic {
                    self.closed = false;
                }
                let given = self.options.entry(&alter.name.text).or_default();
                given.extend(alter.options.iter().map(|item| item.name.text.as_str()));
                if matches!(alter.action, SetPublication(_) | AddPublication(_) | DropPublication(_)) {
                    self.changed.insert(&alter.name.text);
                }
            }
            _ => {}
        }
    }

    fn account(&mut self, statement: &'a Statement) {
        match &statement.what {
            What::Role(role) => {
                self.closed &= !role.name.dynamic;
                let own = self.own.contains(&role.name.span.file);
                let account = self.accounts.entry(&role.name.text).or_default();
                if role.created && own {
                    account.made.push(role.name.span);
                }
                if role.created && role.kind == crate::model::sql::RoleKind::User {
                    let not = |attribute: &crate::model::sql::Attribute| {
                        matches!(attribute.kind, AttributeKind::Flag("login", false))
                    };
                    if !role.attributes.iter().any(not) {
                        account.given.insert("login");
                    }
                }
                let mut memberships = Vec::new();
                for attribute in &role.attributes {
                    match &attribute.kind {
                        AttributeKind::Flag(flag, true) => {
                            account.given.insert(flag);
                        }
                        AttributeKind::Flag(flag, false) => {
                            account.taken.entry(flag).or_insert(attribute.span);
                        }
                        AttributeKind::Password(password) => account.passwords.push(password),
                        AttributeKind::InRole(groups) => {
                            account.groups.extend(groups.iter().map(|name| name.text.as_str()));
                        }
                        AttributeKind::Members(names) | AttributeKind::Admins(names) => memberships.extend(names),
                        _ => {}
                    }
                }
                for member in memberships {
                    self.accounts.entry(&member.text).or_default().groups.insert(&role.name.text);
                }
            }
            What::Grant(grant) => {
                self.grants.push(statement);
                let crate::model::sql::Granted::Roles(groups) = &grant.what else { return };
                // What is taken back again is not looked at: it may have been.
                for grantee in &grant.grantees {
                    let crate::model::sql::Grantee::Role(member) = grantee else { continue };
                    let account = self.accounts.entry(&member.text).or_default();
                    account.groups.extend(groups.iter().take(MOST_GROUPS).map(|name| name.text.as_str()));
                }
            }
            _ => {}
        }
    }
}
