//! Databases and schemas that are left open to everybody, since nothing takes what PUBLIC has of itself.

use std::collections::HashSet;
use std::sync::LazyLock;

use regex::bytes::Regex;

use crate::catalog::Majors;
use crate::checks::cluster::sender::is_open;
use crate::finding::{Finding, Label, Subject};
use crate::model::sql::{Granted, Grantee, ObjectKind, What};
use crate::rule::id::{GRANT_DATABASE_PUBLIC, GRANT_PUBLIC_SCHEMA_OPEN};
use crate::rule::{Context, Sink};

/// Where the schema is dropped, nobody creates anything in it.
static DROPS: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"(?i)drop\s+schema").ok());

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    databases(cx, out);
    schema(cx, out);
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

/// Whether the SQL of the tree says all there is.
fn is_closed(cx: &Context<'_>) -> bool {
    let mut sql = cx.cluster.sql.iter();
    sql.all(|file| file.sql.errors.is_empty() && !is_open(file, cx))
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
        let shown = cx.name(name.span);
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

/// Whether nothing in the tree takes `CREATE` on schema `public` from PUBLIC, which has it up to 14.
pub(crate) fn is_public_open(cx: &Context<'_>) -> bool {
    let (names, unknown) = taken(cx, ObjectKind::Schema, "create");
    let drops =
        |pattern: &Regex| cx.cluster.sql.iter().any(|file| pattern.is_match(cx.sources.file(file.file).bytes()));
    !unknown && !names.contains("public") && !DROPS.as_ref().is_none_or(drops) && is_closed(cx)
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
    if !is_public_open(cx) {
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
