//! Whom a row lets in from elsewhere.

use crate::finding::Label;
use crate::model::hba::{DbKind, UserItem, UserKind};
use crate::rule::{Sink, id};

use super::view::{Reach, Row};

pub(super) fn check(row: &Row<'_>, out: &mut Sink<'_>) {
    if row.reach() != Reach::Remote || super::address::never_matches(row) {
        return;
    }
    let from = row.from();
    let item = row.entry.users.iter().find(|item| is_superuser(item));
    // One machine from which the superuser logs in over TLS is a decision, not an oversight.
    let decided = row.single_address().is_some() && row.is_encrypted();
    if let Some(item) = item.filter(|_| !decided) {
        let message = format!("the superuser `{}` may log in from {from}", row.show(item.span));
        let finding = row.finding(id::HBA_SUPERUSER_REMOTE, row.live, Label::new(item.span, "the cluster's superuser"), message);
        out.push(finding.help("let the superuser log in through `local` with `peer` only, and use a role with fewer rights here"));
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

/// Whether the word names a superuser. The name of the role that `initdb` makes is known by custom.
fn is_superuser(item: &UserItem) -> bool {
    matches!(&item.kind, UserKind::Name(name) if SUPERUSERS.contains(&name.as_str()))
}

/// Names that are taken for superusers' without a look at the roles.
pub(crate) const SUPERUSERS: &[&str] = &["postgres"];
