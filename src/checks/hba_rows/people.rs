//! Whom a row lets in from elsewhere.

use std::collections::HashMap;

use crate::finding::Label;
use crate::model::hba::{DbKind, UserItem, UserKind};
use crate::rule::{Sink, id};

use super::Superusers;
use super::view::{Reach, Row};

/// What stands where in a list of users.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Places {
    superuser: Option<usize>,
    all: Option<usize>,
}

/// The places in lists of users, by the list's address: rows may share one.
pub(super) type Known = HashMap<usize, Places>;

pub(super) fn check(row: &Row<'_>, superusers: &Superusers, known: &mut Known, out: &mut Sink<'_>) {
    if row.reach() != Reach::Remote || super::address::never_matches(row) {
        return;
    }
    let from = row.from();
    let users = &row.entry.users;
    let made = |item: &UserItem| match &item.kind {
        UserKind::Name(name) => superusers.get(name),
        _ => None,
    };
    let places = *known.entry(users.as_ptr().addr()).or_insert_with(|| Places {
        superuser: users.iter().position(|item| made(item).is_some()),
        all: users.iter().position(|item| item.kind == UserKind::All),
    });
    let item = places.superuser.and_then(|at| users.get(at)).and_then(|item| Some((item, made(item)?)));
    // One machine from which the superuser logs in over TLS is a decision, not an oversight.
    let decided = row.single_address().is_some() && row.is_encrypted();
    if let Some((item, made)) = item.filter(|_| !decided) {
        let message = format!("the superuser `{}` may log in from {from}", row.show(item.span));
        let finding =
            row.finding(id::HBA_SUPERUSER_REMOTE, row.live, Label::new(item.span, "the cluster's superuser"), message);
        let finding = made.iter().fold(finding, |finding, &span| finding.related(span, "made a superuser here"));
        out.push(
            finding.help(
                "let the superuser log in through `local` with `peer` only, and use a role with fewer rights here",
            ),
        );
    }
    let all_databases = row.entry.databases.iter().any(|item| item.kind == DbKind::All);
    let Some(all) = places.all.and_then(|at| users.get(at)) else { return };
    if row.entry.is_replication() {
        let message = format!("every role with `REPLICATION` may replicate the whole cluster from {from}");
        let finding = row.finding(id::HBA_REPLICATION_ANY_USER, row.live, Label::new(all.span, "any role"), message);
        out.push(finding.help("name the role that the standbys use"));
    }
    if all_databases {
        let message = format!("any user, superusers too, may log in to any database from {from}");
        let finding = row.finding(id::HBA_ALL_ALL, row.live, Label::new(all.span, "any user, any database"), message);
        out.push(finding.help("name the databases and the users"));
    }
}
