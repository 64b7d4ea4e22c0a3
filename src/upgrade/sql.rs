//! What SQL leaves to defaults that the target has otherwise: options of subscriptions, and the rights on `public`.

use crate::catalog::sql_options::SubscriptionOption;
use crate::catalog::{Majors, sql_options};
use crate::finding::{Finding, Label, Subject};
use crate::model::sql::{CreateSubscription, Grant, Granted, Grantee, ObjectKind, What};
use crate::rule::id;
use crate::source::Span;
use crate::upgrade::View;

pub(super) fn find(view: &View<'_>, out: &mut Vec<Finding>) {
    let mut asked: Vec<(&str, Span)> = Vec::new();
    for (_, statement) in view.cluster.statements() {
        let from = view.from(statement.span.file);
        let Some(first) = from.first() else { continue };
        match &statement.what {
            What::CreateSubscription(create) if view.wants(id::UPGRADE_SQL_DEFAULT) && !statement.dynamic => {
                for option in &sql_options::SUBSCRIPTION {
                    out.extend(default(view, create, option, first));
                }
            }
            What::Grant(grant)
                if view.wants(id::UPGRADE_PUBLIC_SCHEMA) && view.to >= 15 && !(from & Majors::until(14)).is_empty() =>
            {
                asked.extend(creators(grant));
            }
            _ => {}
        }
    }
    for (role, span) in asked {
        if may_create(view, role) {
            continue;
        }
        let message = format!(
            "role `{role}` gets privileges on a database, with which it may not create tables in its schema `public` from 15 on"
        );
        let label = Label::new(span, "gives no right on the schema `public`");
        let mut finding =
            Finding::new(id::UPGRADE_PUBLIC_SCHEMA, Subject::Role(role.to_owned()), view.holds(15), label, message)
                .help(format!(
                    "add `GRANT USAGE, CREATE ON SCHEMA public TO {role}`, or make the role the owner of the database"
                ));
        finding.step = view.step(15);
        out.push(finding);
    }
}

/// An option that is not given and whose default is another one.
fn default(view: &View<'_>, create: &CreateSubscription, option: &SubscriptionOption, first: u8) -> Option<Finding> {
    let given = |name: &str| create.options.iter().any(|item| item.name.dynamic || item.name.text == name);
    if given(option.name) {
        return None;
    }
    // A major without the option does what its first default says.
    let of = |major: u8| option.default(major).or_else(|| option.defaults.first().map(|(_, value)| *value));
    let (old, new) = (of(first)?, option.default(view.to)?);
    if old == new {
        return None;
    }
    let brings = (first + 1..=view.to).rev().find(|&major| of(major - 1) != Some(new))?;
    let name = &create.name.text;
    let message = format!(
        "subscription `{name}` does not say `{}`, and its default goes from `{old}` to `{new}` with {brings}",
        option.name
    );
    let label = Label::new(create.name.span, format!("without `{}`", option.name));
    let subject = Subject::Subscription(name.clone());
    let mut finding = Finding::new(id::UPGRADE_SQL_DEFAULT, subject, view.holds(brings), label, message)
        .help(format!("add `{} = {old}` to keep what it was", option.name));
    finding.step = view.step(brings);
    Some(finding)
}

/// The roles that get CREATE on a database, who mostly are to create tables, which that never allowed.
fn creators(grant: &Grant) -> Vec<(&str, Span)> {
    let Granted::Privileges { privileges, kind: ObjectKind::Database, .. } = &grant.what else { return Vec::new() };
    if grant.revoked || !privileges.iter().any(|privilege| matches!(privilege.name.as_str(), "all" | "create")) {
        return Vec::new();
    }
    let roles = grant.grantees.iter().filter_map(|grantee| match grantee {
        Grantee::Role(name) if !name.dynamic => Some((name.text.as_str(), name.span)),
        _ => None,
    });
    roles.collect()
}

/// Whether the SQL gives a role rights on the schema, or shows that it has them otherwise.
fn may_create(view: &View<'_>, role: &str) -> bool {
    let gets = |grant: &Grant| {
        let Granted::Privileges { privileges, kind: ObjectKind::Schema, objects, .. } = &grant.what else {
            return false;
        };
        !grant.revoked
            && privileges.iter().any(|privilege| matches!(privilege.name.as_str(), "all" | "create"))
            && objects.iter().any(|object| object.is_dynamic() || object.name.text == "public")
            && grant.grantees.iter().any(|grantee| match grantee {
                Grantee::Public(_) => true,
                Grantee::Role(name) => name.dynamic || name.text == role,
            })
    };
    let superuser = view.cluster.objects.roles.get(role).is_some_and(|role| role.has("superuser").is_some());
    // A file that speaks of owners may make the role one.
    let owns = view.cluster.sql.iter().any(|file| {
        let text = view.sources.file(file.file).bytes().to_ascii_lowercase();
        memchr::memmem::find(&text, b"owner").is_some()
    });
    let granted =
        view.cluster.statements().any(|(_, statement)| matches!(&statement.what, What::Grant(grant) if gets(grant)));
    superuser || owns || granted
}
