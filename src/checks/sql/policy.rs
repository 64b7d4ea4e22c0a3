//! Row level security: policies that do nothing, allow everything, or are refused.

use std::collections::BTreeSet;

use crate::finding::{Finding, Label, Subject};
use crate::model::objects::{Site, TableName};
use crate::model::sql::{Policy, RowSecurity, What};
use crate::rule::id::{POLICY_ALWAYS_TRUE, POLICY_COMMAND, POLICY_RLS_NOT_ENABLED, RLS_NOT_FORCED, RLS_WITHOUT_POLICY};
use crate::rule::{Context, Sink};
use crate::source::Span;

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    let objects = &cx.cluster.objects;
    let mut told = BTreeSet::new();
    for (site, statement) in cx.cluster.statements() {
        match &statement.what {
            What::Policy(policy) => {
                if !command(cx, out, site, policy) {
                    always_true(cx, out, site, policy);
                }
                let Some(name) = TableName::of(&policy.table) else { continue };
                let made = objects.find_table(&name).and_then(|table| table.created.first());
                let on = objects.tables_like(&name).any(|table| !table.row_security.is_empty());
                if let Some(made) = made.filter(|_| !on && !objects.dynamic.tables && !told.contains(&name.to_string()))
                {
                    let message = format!(
                        "policy `{}` has no effect: row level security of `{name}` is never enabled",
                        cx.name(policy.name.span)
                    );
                    out.push(
                        Finding::new(
                            POLICY_RLS_NOT_ENABLED,
                            subject(policy),
                            site.majors,
                            Label::new(policy.name.span, "not applied to any query"),
                            message,
                        )
                        .related(made.span, "the table is made here")
                        .help(format!("add `ALTER TABLE {} ENABLE ROW LEVEL SECURITY`", cx.show(policy.table.span))),
                    );
                    told.insert(name.to_string());
                }
            }
            What::AlterTable(alter) => {
                let Some(name) = TableName::of(&alter.name) else { continue };
                let enabled = alter.actions.iter().find_map(|action| match action {
                    crate::model::sql::TableAction::RowSecurity(RowSecurity::Enable, span) => Some(*span),
                    _ => None,
                });
                let Some(span) = enabled else { continue };
                not_forced(cx, out, site, &name, span);
                if objects.tables_like(&name).all(|table| table.policies.is_empty()) && !objects.dynamic.tables {
                    let message = format!("row level security of `{name}` is enabled and no policy is made for it");
                    let label = Label::new(span, "every row is hidden from all but the owner and superusers");
                    out.push(
                        Finding::new(
                            RLS_WITHOUT_POLICY,
                            Subject::Object(format!("table/{name}")),
                            site.majors,
                            label,
                            message,
                        )
                        .help("make the policies, or say in a comment that nobody is to see the rows"),
                    );
                }
            }
            _ => {}
        }
    }
}

/// A table's owner is not held back by its policies, unless they are forced (`check_enable_rls`).
fn not_forced(cx: &Context<'_>, out: &mut Sink<'_>, site: &Site, name: &TableName, span: Span) {
    let objects = &cx.cluster.objects;
    let forced = |(what, _): &(RowSecurity, Span)| *what == RowSecurity::Force;
    if objects.dynamic.tables || objects.tables_like(name).any(|table| table.row_security.iter().any(forced)) {
        return;
    }
    let Some(table) = objects.find_table(name) else { return };
    // Only the last owner counts, and which is the last of several is not known.
    let [owner] = table.owners.as_slice() else { return };
    // Superusers pass by policies even where they are forced.
    let role = objects.roles.get(&owner.text).filter(|role| !role.flags.contains_key("superuser") && !owner.dynamic);
    let named = cx.cluster.statements().find_map(|(_, statement)| match &statement.what {
        What::Policy(policy) if TableName::of(&policy.table).is_some_and(|of| of.is(name)) => {
            policy.roles.iter().find(|role| role.text == owner.text).map(|role| role.span)
        }
        _ => None,
    });
    let login = role.and_then(|role| role.has("login"));
    let Some((other, text)) =
        named.map(|span| (span, "this policy is for the owner")).or(login.map(|at| (at, "logs in")))
    else {
        return;
    };
    if role.is_none() && objects.roles.contains_key(&owner.text) {
        return;
    }
    let shown = cx.name(owner.span);
    let message = format!("row level security of `{name}` does not hold for its owner `{shown}`");
    let label = Label::new(span, "enabled, and not forced");
    out.push(
        Finding::new(RLS_NOT_FORCED, Subject::Object(format!("table/{name}")), site.majors, label, message)
            .related(owner.span, "the owner")
            .related(other, text)
            .help("add `ALTER TABLE ... FORCE ROW LEVEL SECURITY`, or let a role own the table that nobody logs in as"),
    );
}

fn subject(policy: &Policy) -> Subject {
    Subject::Object(format!("policy/{}.{}", policy.table.name.text, policy.name.text))
}

/// CreatePolicy of policy.c: INSERT has no old row, SELECT and DELETE have no new one.
fn command(cx: &Context<'_>, out: &mut Sink<'_>, site: &Site, policy: &Policy) -> bool {
    let (clause, span): (&str, Span) = match (policy.command.as_str(), policy.using, policy.check) {
        ("insert", Some(span), _) => ("USING", span),
        ("select" | "delete", _, Some(span)) => ("WITH CHECK", span),
        _ => return false,
    };
    let command = policy.command.to_uppercase();
    let message = format!("policy `{}` is for `{command}`, which takes no `{clause}`", cx.name(policy.name.span));
    let help =
        if clause == "USING" { "use `WITH CHECK` for the new row" } else { "use `USING` for the row that is there" };
    out.push(
        Finding::new(
            POLICY_COMMAND,
            subject(policy),
            site.majors,
            Label::new(span, "the server refuses the statement"),
            message,
        )
        .help(help),
    );
    true
}

fn always_true(cx: &Context<'_>, out: &mut Sink<'_>, site: &Site, policy: &Policy) {
    let everyone = policy.roles.is_empty() || policy.roles.iter().any(|role| role.text == "public");
    if !policy.permissive || !everyone {
        return;
    }
    // Rows that anyone may read are often meant to be; rows that anyone may change seldom are.
    let using =
        policy.using.filter(|_| policy.using_true && ["all", "update", "delete"].contains(&policy.command.as_str()));
    let check =
        policy.check.filter(|_| policy.check_true && ["all", "update", "insert"].contains(&policy.command.as_str()));
    let Some(span) = using.or(check) else { return };
    // Either condition that is not constant still holds back writes to some rows.
    let narrowed = (policy.using.is_some() && !policy.using_true) || (policy.check.is_some() && !policy.check_true);
    if narrowed {
        return;
    }
    let what = match policy.command.as_str() {
        "insert" => "insert any row",
        "update" => "change every row",
        "delete" => "delete every row",
        _ => "read and change every row",
    };
    let name = cx.name(policy.name.span);
    let message =
        format!("policy `{name}` lets every role {what} of `{}` that its privileges allow", cx.show(policy.table.span));
    out.push(
        Finding::new(POLICY_ALWAYS_TRUE, subject(policy), site.majors, Label::new(span, "always true"), message)
            .help("name the roles with `TO`, or give a condition on the row"),
    );
}
