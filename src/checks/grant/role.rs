//! Memberships that open doors: predefined roles, superusers, ADMIN OPTION.

use crate::finding::{Finding, Label, Subject};
use crate::model::objects::{Site, role_name};
use crate::model::sql::{AttributeKind, Grant, Granted, Grantee, What};
use crate::rule::id::{GRANT_SERVER_FILES, GRANT_SUPERUSER_ROLE, GRANT_WIDE_PREDEFINED, GRANT_WITH_ADMIN_OPTION};
use crate::rule::{Context, Sink, shorten};
use crate::source::Span;
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
                            membership(cx, out, site, group, &cx.name(role.name.span), true);
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
            Grantee::Role(name) => cx.name(name.span),
        })
        .collect();
    let members = members.join("`, `");
    // A superuser gains nothing by it.
    let gains = |grantee: &Grantee| match grantee {
        Grantee::Public(_) => true,
        Grantee::Role(name) => role_name(name).is_none_or(|name| is_superuser(cx, name).is_none()),
    };
    let set = grant.set && grant.grantees.iter().any(gains);
    let told: usize = groups.iter().map(|group| usize::from(membership(cx, out, site, group, &members, set))).sum();
    if let (Some(option), 0, [first, ..]) = (grant.option, told, groups.as_slice()) {
        let message = format!("`{members}` may hand membership in `{}` on", cx.show(first.span));
        let label = Label::new(option, "who is a member is no longer decided here");
        out.push(
            Finding::new(GRANT_WITH_ADMIN_OPTION, Subject::Role(first.text.clone()), site.majors, label, message)
                .help("leave out `WITH ADMIN OPTION`"),
        );
    }
}

fn membership(cx: &Context<'_>, out: &mut Sink<'_>, site: &Site, group: &Name, members: &str, set: bool) -> bool {
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
    // The attribute itself is not inherited; SET ROLE is the way to it, also over several roles.
    let Some((path, made)) = set.then(|| superuser(cx, name)).flatten() else { return false };
    let last = path.last().map_or(name, |(role, _)| role.as_str());
    let by = if path.is_empty() { String::new() } else { format!(", which `{name}` leads to") };
    let message = format!("`{members}` can become superuser `{}` by `SET ROLE`{by}", shorten(last));
    let at = if path.is_empty() { "a superuser" } else { "leads to a superuser" };
    let mut finding = Finding::new(GRANT_SUPERUSER_ROLE, subject, site.majors, label(at), message)
        .help("grant a role that has just the privileges needed");
    for (role, span) in &path {
        finding = finding.related(*span, format!("gives `{}`", shorten(role)));
    }
    if let Some(span) = made {
        finding = finding.related(span, "made a superuser here");
    }
    out.push(finding);
    true
}

/// So many roles are looked at on the way to a superuser.
const MOST: usize = 100;

/// How a role leads to a superuser: the memberships on the way, and where the last role is made one.
type Way = (Vec<(String, Span)>, Option<Span>);

/// Whether a role is a superuser, and where it is made one.
fn is_superuser(cx: &Context<'_>, role: &str) -> Option<Option<Span>> {
    let facts = cx.cluster.objects.roles.get(role);
    let made = facts.and_then(|facts| facts.has("superuser"));
    let first = role == "postgres" && !facts.is_some_and(|facts| facts.lacks("superuser"));
    (made.is_some() || first).then_some(made)
}

/// The shortest way from a role to a superuser; an empty one where it is itself one.
fn superuser(cx: &Context<'_>, name: &str) -> Option<Way> {
    let objects = &cx.cluster.objects;
    let mut seen = vec![(name.to_owned(), Vec::new())];
    let mut at = 0;
    while let Some((role, way)) = seen.get(at).cloned() {
        if let Some(made) = is_superuser(cx, &role) {
            return Some((way, made));
        }
        at += 1;
        // A membership that some statement takes back may be gone.
        let taken =
            |group: &str| objects.memberships.iter().any(|of| of.revoked && of.member == role && of.group == group);
        for of in objects.memberships.iter().filter(|of| of.member == role && !of.revoked && of.set) {
            if seen.len() < MOST && !seen.iter().any(|(known, _)| *known == of.group) && !taken(&of.group) {
                let mut way: Vec<(String, Span)> = way.clone();
                way.push((of.group.clone(), of.span));
                seen.push((of.group.clone(), way));
            }
        }
    }
    None
}
