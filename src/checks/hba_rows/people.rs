//! Whom a row lets in from elsewhere.

use crate::finding::Label;
use crate::model::hba::{DbKind, UserKind};
use crate::rule::{Sink, id};

use super::Superusers;
use super::view::{Reach, Row};

pub(super) fn check(row: &Row<'_>, superusers: &Superusers, out: &mut Sink<'_>) {
    if row.reach() != Reach::Remote || super::address::never_matches(row) {
        return;
    }
    let from = row.from();
    let item = row.entry.users.iter().find_map(|item| match &item.kind {
        UserKind::Name(name) => Some((item, superusers.get(name)?)),
        _ => None,
    });
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
    let all_users = row.entry.users.iter().find(|item| item.kind == UserKind::All);
    let all_databases = row.entry.databases.iter().any(|item| item.kind == DbKind::All);
    let Some(all) = all_users else { return };
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
