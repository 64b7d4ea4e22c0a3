//! The roles that a server's own SQL makes.

use std::collections::BTreeMap;

use crate::model::sql::{AttributeKind, PasswordForm, RoleKind, What};
use crate::model::topology::Member;
use crate::rule::Context;
use crate::source::Span;

/// A role of the server's own SQL.
#[derive(Debug)]
pub(super) struct Account {
    pub(super) made: Span,
    pub(super) login: bool,
    pub(super) replication: bool,
    pub(super) passwords: Vec<(PasswordForm, Span)>,
}

/// The roles that the server's own SQL makes and does not drop.
pub(super) fn accounts(cx: &Context<'_>, member: &Member) -> BTreeMap<String, Account> {
    let mut accounts = BTreeMap::<String, Account>::new();
    let own = member.sql.iter().filter_map(|&file| cx.cluster.sql.get(file));
    for statement in own.flat_map(|file| &file.sql.statements) {
        match &statement.what {
            What::Role(role) if !role.name.dynamic => {
                let name = role.name.text.clone();
                if role.created {
                    let (made, login) = (role.name.span, role.kind == RoleKind::User);
                    let account = Account { made, login, replication: false, passwords: Vec::new() };
                    accounts.entry(name.clone()).or_insert(account);
                }
                let Some(account) = accounts.get_mut(&name) else { continue };
                for attribute in &role.attributes {
                    match &attribute.kind {
                        AttributeKind::Flag("login", given) => account.login = *given,
                        AttributeKind::Flag("replication" | "superuser", true) => account.replication = true,
                        AttributeKind::Password(password) => account.passwords.push((password.form, attribute.span)),
                        _ => {}
                    }
                }
            }
            What::DropRole(drop) => drop.names.iter().for_each(|name| {
                accounts.remove(&name.text);
            }),
            _ => {}
        }
    }
    accounts
}
