//! Objects that superusers own, and databases and schemas that are left open to everybody.

use std::collections::{BTreeMap, HashSet};

use crate::catalog::Majors;
use crate::finding::{Finding, Label, Subject};
use crate::model::objects::{Site, role_name};
use crate::model::sql::{Granted, Grantee, ObjectKind, What};
use crate::rule::id::{GRANT_DATABASE_PUBLIC, GRANT_PUBLIC_SCHEMA_OPEN, OBJECT_OWNER_SUPERUSER};
use crate::rule::{Context, Sink};
use crate::source::{FileId, Span};
use crate::syntax::sql::Name;

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    owners(cx, out);
    databases(cx, out);
    schema(cx, out);
}

/// Once for each owner of a file: dumps have thousands of them.
fn owners(cx: &Context<'_>, out: &mut Sink<'_>) {
    let objects = &cx.cluster.objects;
    let mut found: BTreeMap<(FileId, &str), (&Site, &Name, Span, usize)> = BTreeMap::new();
    for (site, statement) in cx.cluster.statements() {
        let What::Owner(of) = &statement.what else { continue };
        let Some(owner) = role_name(&of.owner) else { continue };
        let facts = objects.roles.get(owner);
        let initial = owner == "postgres" && !facts.is_some_and(|facts| facts.lacks("superuser"));
        // The owner of schema `public` from 15 on.
        let predefined = owner.starts_with("pg_") && owner != "pg_database_owner";
        if !initial && !predefined && facts.and_then(|facts| facts.has("superuser")).is_none() {
            continue;
        }
        let key = (of.owner.span.file, owner);
        found.entry(key).or_insert((site, &of.owner, of.name.span, 0)).3 += 1;
    }
    for ((_, owner), (site, name, object, number)) in found {
        let what = if owner.starts_with("pg_") { "predefined role" } else { "superuser" };
        let more = match number {
            1 => String::new(),
            2 => " and one more object".to_owned(),
            number => format!(" and {} more objects", number - 1),
        };
        let message = format!(
            "`{}`{more} {} to {what} `{owner}`",
            cx.show(object),
            if number == 1 { "belongs" } else { "belong" }
        );
        let label = Label::new(name.span, "nobody can change it without the rights of this role");
        out.push(
            Finding::new(OBJECT_OWNER_SUPERUSER, Subject::Role(owner.to_owned()), site.majors, label, message)
                .help("let a role own the objects that is neither a superuser nor logs in"),
        );
    }
}

/// What is taken from PUBLIC, by kind, privilege and the last name of the object.
fn taken(cx: &Context<'_>, kind: ObjectKind, privilege: &str) -> (HashSet<String>, bool) {
    let (mut names, mut unknown) = (HashSet::new(), false);
    for (_, statement) in cx.cluster.statements() {
        let What::Grant(grant) = &statement.what else { continue };
        let Granted::Privileges { privileges, kind: of, objects, .. } = &grant.what else { continue };
        let public = grant.grantees.iter().any(|grantee| matches!(grantee, Grantee::Public(_)));
        let named = privileges.iter().any(|of| of.name == privilege || of.name == "all");
        if grant.revoked && *of == kind && public && named {
            unknown |= statement.dynamic || objects.iter().any(crate::model::sql::ObjectName::is_dynamic);
            names.extend(objects.iter().map(|object| object.name.text.clone()));
        }
    }
    (names, unknown)
}

/// Whether all SQL of the tree could be read, and nothing runs text that is made up.
fn is_closed(cx: &Context<'_>) -> bool {
    cx.cluster.sql.iter().all(|file| {
        let bytes = cx.sources.file(file.file).bytes().to_ascii_lowercase();
        let has = |word: &str| memchr::memmem::find(&bytes, word.as_bytes()).is_some();
        // A grant that is made up at run time is what matters here.
        let made_up = has("\\gexec") || has("\n\\i") || has("execute") && has("revoke");
        file.sql.errors.is_empty() && !made_up
    })
}

fn databases(cx: &Context<'_>, out: &mut Sink<'_>) {
    if !out.wants(GRANT_DATABASE_PUBLIC) || !is_closed(cx) {
        return;
    }
    let (names, unknown) = taken(cx, ObjectKind::Database, "connect");
    let mut told = HashSet::new();
    for (site, statement) in cx.cluster.statements() {
        let What::Database(name) = &statement.what else { continue };
        if unknown || name.dynamic || names.contains(&name.text) || !site.ours || !told.insert(&name.text) {
            continue;
        }
        let shown = cx.show(name.span);
        let message = format!("every role may connect to database `{shown}`: nothing takes `CONNECT` from `PUBLIC`");
        let label = Label::new(name.span, "`PUBLIC` has `CONNECT` and `TEMPORARY` on a new database");
        out.push(
            Finding::new(
                GRANT_DATABASE_PUBLIC,
                Subject::Object(format!("database/{}", name.text)),
                site.majors,
                label,
                message,
            )
            .help(format!(
                "run `REVOKE ALL ON DATABASE {shown} FROM PUBLIC`, and grant `CONNECT` to those who need it"
            )),
        );
    }
}

/// Up to 14, everybody may create objects in schema `public`. Said only where the SQL makes roles that log in.
fn schema(cx: &Context<'_>, out: &mut Sink<'_>) {
    if !out.wants(GRANT_PUBLIC_SCHEMA_OPEN) {
        return;
    }
    let roles = cx.cluster.statements().filter_map(|(site, statement)| match &statement.what {
        What::Role(role) if role.created && !role.name.dynamic && role.name.text != "postgres" => Some((site, role)),
        _ => None,
    });
    let logs_in = |name: &str| cx.cluster.objects.roles.get(name).is_some_and(|role| role.has("login").is_some());
    let mut roles = roles.filter(|(site, role)| site.known && logs_in(&role.name.text));
    let Some((site, role)) = roles.find(|(site, _)| !(site.majors & Majors::until(14)).is_empty()) else { return };
    let (names, unknown) = taken(cx, ObjectKind::Schema, "create");
    let dropped = || {
        cx.cluster.sql.iter().any(|file| {
            let bytes = cx.sources.file(file.file).bytes().to_ascii_lowercase();
            memchr::memmem::find(&bytes, b"drop schema").is_some()
        })
    };
    if unknown || names.contains("public") || dropped() || !is_closed(cx) {
        return;
    }
    let message = "every role may create objects in schema `public`: nothing takes `CREATE` from `PUBLIC`".to_owned();
    let label = Label::new(role.name.span, "this role may, and every other");
    out.push(
        Finding::new(
            GRANT_PUBLIC_SCHEMA_OPEN,
            Subject::Object("schema/public".to_owned()),
            site.majors & Majors::until(14),
            label,
            message,
        )
        .help("run `REVOKE CREATE ON SCHEMA public FROM PUBLIC` in each database and in `template1`"),
    );
}
