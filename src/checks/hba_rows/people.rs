//! Whom a row lets in from elsewhere.

use std::collections::{HashMap, HashSet};

use crate::catalog::Majors;
use crate::finding::Label;
use crate::model::hba::{DbKind, REGEX_MAJORS, UserItem, UserKind};
use crate::reach::{Patterns, Roles};
use crate::rule::{Sink, id};
use crate::source::FileId;

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

pub(super) fn check(row: &Row<'_>, superusers: &Superusers, groups: &Groups, known: &mut Known, out: &mut Sink<'_>) {
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
    if item.is_none() && !decided {
        indirect(row, superusers, groups, out);
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

/// What is known of the members of groups, and of expressions.
pub(super) struct Groups {
    pub(super) roles: Roles,
    pub(super) patterns: Patterns,
    /// The SQL files that surely run on the server.
    pub(super) own: HashSet<FileId>,
}

/// Longer lists, and more superusers, are not looked through.
const MOST: usize = 64;

/// A superuser that a group, an expression or `all` lets in, though no line so far names it.
fn indirect(row: &Row<'_>, superusers: &Superusers, groups: &Groups, out: &mut Sink<'_>) {
    let users = &row.entry.users;
    if users.len() > MOST {
        return;
    }
    // Of `postgres`, which is a superuser by custom, it is known only that `all` and every expression for all have it,
    // too; that is `hba-all-all`.
    for (name, made) in superusers.iter().take(MOST) {
        let found = users.iter().find_map(|item| match &item.kind {
            // `all` says nothing of the role; that it is this server's must be sure.
            UserKind::All if made.is_some_and(|span| groups.own.contains(&span.file)) => Some((item, Majors::ALL)),
            UserKind::Member(role) if groups.roles.is_member(name, role) == Some(true) => Some((item, Majors::ALL)),
            UserKind::Regex(pattern) if made.is_some() && groups.patterns.matches(pattern, name) == Some(true) => {
                Some((item, REGEX_MAJORS))
            }
            _ => None,
        });
        let Some((item, majors)) = found.filter(|(_, majors)| !(*majors & row.live).is_empty()) else { continue };
        let above = row.hba.rows.iter().take(row.index);
        let names_it = |item: &UserItem| matches!(&item.kind, UserKind::Name(other) if other == name);
        if row.index > MOST_ABOVE || above.take(MOST_ABOVE).any(|above| above.users.iter().any(names_it)) {
            return;
        }
        let (shown, from) = (row.show(item.span), row.from());
        let message = format!("`{shown}` lets the superuser `{name}` log in from {from}");
        let label = Label::new(item.span, "has a superuser");
        let finding = row.finding(id::HBA_SUPERUSER_INDIRECT, majors & row.live, label, message);
        let finding = made.iter().fold(finding, |finding, &span| finding.related(span, "made a superuser here"));
        out.push(finding.help("reject the superuser in a line above, or name those who are meant"));
        return;
    }
}

/// So many rows above are looked through for a name.
const MOST_ABOVE: usize = 1000;
