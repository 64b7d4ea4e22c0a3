//! Lines of pg_ident.conf that let in more people than a map is for.

use std::collections::BTreeMap;

use super::Row;
use crate::checks::hba_rows::{Anchors, anchors};
use crate::finding::Severity;
use crate::model::ident::{DATABASE_USER_MAJORS, DatabaseUserKind, SystemUser};
use crate::rule::{Sink, id};
use crate::source::Span;

/// Whether an expression takes every name.
fn takes_all(pattern: &str) -> bool {
    let inner = pattern.strip_prefix('^').unwrap_or(pattern);
    let inner = inner.strip_suffix('$').unwrap_or(inner);
    matches!(inner, "" | ".*" | ".+" | "(.*)" | "(.+)" | ".")
}

pub(super) fn check(row: &Row<'_>, superusers: &BTreeMap<String, Option<Span>>, out: &mut Sink<'_>) {
    let &Row { cx, row: entry, .. } = row;
    let (system, database) = (cx.show(entry.system_user_span), cx.show(entry.database_user_span));
    let any_system = matches!(&entry.system_user, SystemUser::Regex { pattern, .. } if takes_all(pattern));
    let any_database = match &entry.database_user.kind {
        DatabaseUserKind::All => true,
        DatabaseUserKind::Regex(pattern) => takes_all(pattern) && !entry.database_user.refers_back,
        _ => false,
    };
    // The name itself, handed on by `\1`, is no more than there would be without a map.
    let hands_on = entry.database_user.refers_back;
    if any_database || any_system && !hands_on {
        let (majors, severity, message) = match (any_system, any_database) {
            (true, true) => (
                entry.majors & DATABASE_USER_MAJORS,
                Severity::Error,
                "any system user may log in as any database user".to_owned(),
            ),
            (false, _) => {
                let message = format!("`{system}` may log in as any database user, superusers too");
                (entry.majors & DATABASE_USER_MAJORS, Severity::Warning, message)
            }
            (true, false) => {
                let is_superuser = superusers.contains_key(&entry.database_user.text);
                let severity = if is_superuser { Severity::Error } else { Severity::Warning };
                (entry.majors, severity, format!("any system user may log in as `{database}`"))
            }
        };
        let span = if any_system { entry.system_user_span } else { entry.database_user_span };
        let finding = row.finding(id::IDENT_CATCH_ALL, majors, span, "takes every name", message);
        out.push(
            finding.severity(severity).help("write a line for each system user and the database user that it needs"),
        );
        return;
    }
    if let SystemUser::Regex { pattern, .. } = &entry.system_user {
        unanchored(row, pattern, &system, out);
    }
    // The account of that name, and root, can be the superuser anyway.
    let own =
        matches!(&entry.system_user, SystemUser::Name(name) if *name == entry.database_user.text || name == "root");
    let Some(made) = superusers
        .get(&entry.database_user.text)
        .filter(|_| !own && entry.database_user.kind == DatabaseUserKind::Name)
    else {
        return;
    };
    let message = format!("`{system}` may log in as the superuser `{database}`");
    let finding = row.finding(id::IDENT_SUPERUSER, entry.majors, entry.database_user_span, "a superuser", message);
    let finding = made.iter().fold(finding, |finding, &span| finding.related(span, "made a superuser here"));
    out.push(
        finding.help("map to a role with the rights that are needed, or let the user become the server's account"),
    );
}

fn unanchored(row: &Row<'_>, pattern: &str, shown: &str, out: &mut Sink<'_>) {
    let message = match anchors(pattern) {
        Anchors::Both => return,
        Anchors::Start => format!("`{shown}` takes every system user that starts so, as no `$` ends it"),
        Anchors::End => format!("`{shown}` takes every system user that ends so, as no `^` starts it"),
        Anchors::None => format!("`{shown}` takes every system user that holds it anywhere"),
    };
    let finding = row.finding(
        id::IDENT_UNANCHORED_REGEX,
        row.row.majors,
        row.row.system_user_span,
        "matches parts of names",
        message,
    );
    out.push(finding.help("write `^` at the start and `$` at the end"));
}

#[cfg(test)]
mod tests {
    use super::takes_all;

    #[test]
    fn tells_expressions_that_take_everything() {
        for pattern in ["^.*$", ".*", "(.*)", "^(.+)$", ""] {
            assert!(takes_all(pattern), "{pattern}");
        }
        for pattern in ["^a.*$", "^(.*)@example.com$", "x"] {
            assert!(!takes_all(pattern), "{pattern}");
        }
    }
}
