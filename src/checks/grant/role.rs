//! Memberships that open doors: predefined roles, superusers, ADMIN OPTION.

use crate::finding::{Finding, Label, Subject};
use crate::model::objects::{Site, role_name};
use crate::model::sql::{AttributeKind, Grant, Granted, Grantee, What};
use crate::rule::id::{GRANT_SERVER_FILES, GRANT_SUPERUSER_ROLE, GRANT_WIDE_PREDEFINED, GRANT_WITH_ADMIN_OPTION};
use crate::rule::{Context, Sink};
use crate::syntax::sql::Name;

/// Predefined roles that reach the server's files and programs, and so, with some work, everything.
const SERVER: [(&str, &str); 3] = [
    ("pg_execute_server_program", "run any program as the server's operating system user"),
    ("pg_read_server_files", "read any file that the server can read"),
    ("pg_write_server_files", "write any file that the server can write"),
];

/// Predefined roles that reach far within the database.
const WIDE: [(&str, &str); 6] = [
    ("pg_read_all_data", "read all tables"),
    ("pg_write_all_data", "change all tables"),
    ("pg_maintain", "lock and rewrite all tables"),
    ("pg_create_subscription", "make the server connect to other servers"),
    ("pg_signal_backend", "end the sessions of others"),
    ("pg_use_reserved_connections", "use the connections kept for administrators"),
];

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for (site, statement) in cx.cluster.statements() {
        match &statement.what {
            What::Grant(grant) if !grant.revoked => granted(cx, out, site, grant),
            What::Role(role) => {
                for attribute in &role.attributes {
                    if let AttributeKind::InRole(groups) = &attribute.kind {
                        for group in groups {
                            membership(cx, out, site, group, &cx.show(role.name.span));
                        }
                    }
                }
            }
            _ => {}
        }
    }
}

fn granted(cx: &Context<'_>, out: &mut Sink<'_>, site: &Site, grant: &Grant) {
    let Granted::Roles(groups) = &grant.what else { return };
    let members: Vec<String> = grant
        .grantees
        .iter()
        .map(|grantee| match grantee {
            Grantee::Public(span) => cx.show(*span),
            Grantee::Role(name) => cx.show(name.span),
        })
        .collect();
    let members = members.join("`, `");
    let told: usize = groups.iter().map(|group| usize::from(membership(cx, out, site, group, &members))).sum();
    if let (Some(option), 0, [first, ..]) = (grant.option, told, groups.as_slice()) {
        let message = format!("`{members}` may hand membership in `{}` on", cx.show(first.span));
        let label = Label::new(option, "who is a member is no longer decided here");
        out.push(
            Finding::new(GRANT_WITH_ADMIN_OPTION, Subject::Role(first.text.clone()), site.majors, label, message)
                .help("leave out `WITH ADMIN OPTION`"),
        );
    }
}

fn membership(cx: &Context<'_>, out: &mut Sink<'_>, site: &Site, group: &Name, members: &str) -> bool {
    let Some(name) = role_name(group) else { return false };
    let of =
        |table: &[(&'static str, &'static str)]| table.iter().find(|(known, _)| *known == name).map(|(_, what)| *what);
    let label = |text: &str| Label::new(group.span, text);
    let subject = Subject::Role(name.to_owned());
    if let Some(what) = of(&SERVER) {
        let message = format!("`{members}` may {what}, by membership in `{name}`");
        out.push(
            Finding::new(GRANT_SERVER_FILES, subject, site.majors, label("as good as superuser"), message)
                .help("let the program run or the file be read by a job outside of the database"),
        );
        return true;
    }
    if let Some(what) = of(&WIDE) {
        let message = format!("`{members}` may {what}, by membership in `{name}`");
        out.push(
            Finding::new(GRANT_WIDE_PREDEFINED, subject, site.majors, label("holds in every database"), message)
                .help("grant the privileges on the objects that are needed"),
        );
        return true;
    }
    let facts = cx.cluster.objects.roles.get(name);
    let superuser = facts.and_then(|role| role.has("superuser"));
    let first = name == "postgres" && !facts.is_some_and(|role| role.lacks("superuser"));
    if superuser.is_none() && !first {
        return false;
    }
    let message = format!("`{members}` can become superuser `{}` by `SET ROLE`", cx.show(group.span));
    let mut finding = Finding::new(GRANT_SUPERUSER_ROLE, subject, site.majors, label("a superuser"), message)
        .help("grant a role that has just the privileges needed");
    if let Some(span) = superuser {
        finding = finding.related(span, "made a superuser here");
    }
    out.push(finding);
    true
}
