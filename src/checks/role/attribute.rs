//! Attributes of roles that open doors.

use crate::catalog::Majors;
use crate::checks::edit;
use crate::finding::{Finding, Label, Safety, Subject};
use crate::model::objects::Site;
use crate::model::sql::{Attribute, AttributeKind, Role, What};
use crate::rule::id::{
    ROLE_BYPASSRLS, ROLE_CONNECTION_LIMIT, ROLE_CREATEDB, ROLE_CREATEROLE, ROLE_REPLICATION_APP, ROLE_SUPERUSER,
    ROLE_SYSID, ROLE_VALID_UNTIL,
};
use crate::rule::{Context, RuleId, Sink};
use crate::source::Span;

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for (site, statement) in cx.cluster.statements() {
        if let What::Role(role) = &statement.what {
            judge(cx, out, site, role);
        }
    }
}

fn judge(cx: &Context<'_>, out: &mut Sink<'_>, site: &Site, role: &Role) {
    let shown = cx.name(role.name.span);
    let mut push = |rule: RuleId, majors: Majors, span: Span, label: &str, message: String, help: &str| {
        let subject = Subject::Role(role.name.text.clone());
        let found = Finding::new(rule, subject, majors, Label::new(span, label), message).help(help);
        let edit = vec![(edit::after_blanks(cx, span), String::new())];
        out.push(if rule == ROLE_SYSID { found.fix("remove it", Safety::Safe, edit) } else { found });
    };
    let given = |wanted: &str| {
        role.attributes
            .iter()
            .find(|attribute| matches!(attribute.kind, AttributeKind::Flag(flag, true) if flag == wanted))
    };
    for attribute in &role.attributes {
        if matches!(attribute.kind, AttributeKind::SysId) {
            let message = format!("`SYSID` of role `{shown}` has no effect");
            push(ROLE_SYSID, site.majors, attribute.span, "ignored by every supported server", message, "remove it");
        }
    }
    // The role that initdb makes is what it is; dumps of whole clusters restate it.
    if let Some(superuser) = given("superuser").filter(|_| role.name.text != "postgres") {
        let message = format!("role `{shown}` is made a superuser");
        push(
            ROLE_SUPERUSER,
            site.majors,
            superuser.span,
            "no privilege, policy or `pg_hba.conf` row within the server holds it back",
            message,
            "grant the privileges it needs, or predefined roles such as `pg_monitor`",
        );
        return;
    }
    if given("superuser").is_some() {
        return;
    }
    if let Some(bypass) = given("bypassrls") {
        let message = format!("role `{shown}` bypasses every row level security policy");
        push(
            ROLE_BYPASSRLS,
            site.majors,
            bypass.span,
            "sees and changes all rows",
            message,
            "write a policy for the role instead",
        );
    }
    if let Some(createrole) = given("createrole") {
        let old = site.majors & Majors::until(15);
        let label =
            if old.is_empty() { "makes roles" } else { "up to 15 it can make itself a member of almost any role" };
        let message = format!("role `{shown}` may create and alter roles");
        push(
            ROLE_CREATEROLE,
            site.majors,
            createrole.span,
            label,
            message,
            "create roles as an administrator, not from an application",
        );
    }
    if let Some(createdb) = given("createdb") {
        let message = format!("role `{shown}` may create databases");
        push(
            ROLE_CREATEDB,
            site.majors,
            createdb.span,
            "owns what it makes, and may take up any space",
            message,
            "create databases as an administrator, and make the role their owner if it has to be",
        );
    }
    if let Some(replication) = given("replication") {
        for_application(cx, out, site, role, replication);
    }
    limits(cx, out, site, role);
}

fn for_application(cx: &Context<'_>, out: &mut Sink<'_>, site: &Site, role: &Role, replication: &Attribute) {
    let facts = cx.cluster.objects.roles.get(&role.name.text).filter(|_| !role.name.dynamic);
    let other = facts.and_then(|facts| {
        let flag = |flag, text| facts.has(flag).map(|span| (span, text));
        flag("createdb", "makes databases")
            .or_else(|| flag("createrole", "makes roles"))
            .or_else(|| facts.granted.map(|span| (span, "changes data")))
    });
    let Some((span, text)) = other else { return };
    let message = format!("role `{}` has `REPLICATION` and the rights of an application", cx.name(role.name.span));
    let label = Label::new(replication.span, "can copy every byte of the cluster");
    out.push(
        Finding::new(ROLE_REPLICATION_APP, Subject::Role(role.name.text.clone()), site.majors, label, message)
            .related(span, text)
            .help("make a role for replication alone, and let the application use another"),
    );
}

fn limits(cx: &Context<'_>, out: &mut Sink<'_>, site: &Site, role: &Role) {
    let facts = cx.cluster.objects.roles.get(&role.name.text);
    if !role.created || role.name.dynamic || facts.is_none_or(|facts| facts.has("login").is_none()) {
        return;
    }
    let has = |wanted: &dyn Fn(&AttributeKind) -> bool| role.attributes.iter().any(|attribute| wanted(&attribute.kind));
    let shown = cx.name(role.name.span);
    let mut push = |rule, label: &str, message: String, help: &str| {
        let subject = Subject::Role(role.name.text.clone());
        out.push(Finding::new(rule, subject, site.majors, Label::new(role.name.span, label), message).help(help));
    };
    let limited = |kind: &AttributeKind| matches!(kind, AttributeKind::ConnectionLimit(limit) if *limit != Some(-1));
    if !has(&limited) {
        let message = format!("role `{shown}` may open any number of connections");
        push(ROLE_CONNECTION_LIMIT, "no `CONNECTION LIMIT`", message, "add `CONNECTION LIMIT n`");
    }
    let password = |kind: &AttributeKind| matches!(kind, AttributeKind::Password(password) if password.text.is_some());
    let ends = |kind: &AttributeKind| match kind {
        AttributeKind::ValidUntil(text) => text.is_dynamic() || !text.text().trim().eq_ignore_ascii_case("infinity"),
        _ => false,
    };
    if has(&password) && !has(&ends) {
        let message = format!("the password of role `{shown}` never expires");
        push(ROLE_VALID_UNTIL, "no `VALID UNTIL`", message, "add `VALID UNTIL 'time'`");
    }
}
