//! Extensions: those that some majors do not bring, those that a policy does not allow, and their schemas.

use super::language::UNTRUSTED;
use crate::catalog::Majors;
use crate::finding::{Finding, Label, Subject};
use crate::model::sql::What;
use crate::rule::id::{EXTENSION_MAJORS, EXTENSION_NOT_ALLOWED, EXTENSION_SCHEMA};
use crate::rule::{Context, Sink};

/// Extensions of the server's own packages that not every major has.
const BUNDLED: [(&str, Majors); 16] = [
    ("adminpack", Majors::until(16)),
    ("bool_plperl", Majors::since(13)),
    ("bool_plperlu", Majors::since(13)),
    ("chkpass", Majors::only(10)),
    ("hstore_plpython2u", Majors::until(14)),
    ("hstore_plpythonu", Majors::until(14)),
    ("jsonb_plpython2u", Majors::range(11, 14)),
    ("jsonb_plpythonu", Majors::range(11, 14)),
    ("ltree_plpython2u", Majors::until(14)),
    ("ltree_plpythonu", Majors::until(14)),
    ("old_snapshot", Majors::range(14, 16)),
    ("pg_logicalinspect", Majors::since(18)),
    ("pg_surgery", Majors::since(14)),
    ("pg_walinspect", Majors::since(15)),
    ("plpythonu", Majors::until(14)),
    ("timetravel", Majors::until(11)),
];

/// Extensions whose control files name their schema.
const FIXED: [&str; 12] = [
    "adminpack",
    "aws_commons",
    "aws_s3",
    "citus",
    "pg_cron",
    "pg_graphql",
    "pg_partman",
    "pg_surgery",
    "pgagent",
    "pgsodium",
    "postgis_tiger_geocoder",
    "postgis_topology",
];

/// How an extension reaches out of its database.
fn reach(name: &str) -> Option<&'static str> {
    Some(match name {
        "dblink" | "postgres_fdw" | "mysql_fdw" | "oracle_fdw" | "tds_fdw" => "connects to other servers",
        "http" | "pg_net" | "pgsql_http" => "sends requests over the network",
        "file_fdw" | "adminpack" => "reaches files of the server",
        "pg_cron" | "pgagent" => "runs statements later, on its own",
        _ if UNTRUSTED.contains(&name) => "does whatever the server's own user can",
        _ => return None,
    })
}

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    let allowed = out.list(EXTENSION_NOT_ALLOWED, "allowed").into_iter().map(str::to_owned).collect::<Vec<_>>();
    for (site, statement) in cx.cluster.statements() {
        let What::Extension(extension) = &statement.what else { continue };
        if extension.name.dynamic {
            continue;
        }
        let name = extension.name.text.as_str();
        let (shown, span) = (cx.name(extension.name.span), extension.name.span);
        let subject = || Subject::Object(format!("extension/{name}"));
        if let Some((_, has)) = BUNDLED.iter().find(|(known, _)| *known == name) {
            let majors = site.refused(Majors::ALL - *has);
            if !majors.is_empty() {
                let message = format!(
                    "PostgreSQL {majors} does not bring extension `{shown}`; {has} {}",
                    if has.len() == 1 { "does" } else { "do" }
                );
                let label = Label::new(span, "not available");
                out.push(
                    Finding::new(EXTENSION_MAJORS, subject(), majors, label, message)
                        .help("leave the extension out, or run the statement on those majors only"),
                );
                continue;
            }
        }
        if !allowed.iter().any(|allowed| allowed == name) {
            let message = format!("extension `{shown}` is not among those that are allowed");
            let label = Label::new(span, reach(name).unwrap_or("not on the list"));
            out.push(
                Finding::new(EXTENSION_NOT_ALLOWED, subject(), site.majors, label, message)
                    .help("leave it out, or add it to the option `allowed` of this rule"),
            );
        }
        let public = extension.schema.as_ref().is_none_or(|schema| schema.text == "public" && !schema.dynamic);
        if public && !FIXED.contains(&name) && !name.starts_with("pl") {
            let message = match &extension.schema {
                Some(_) => format!("extension `{shown}` is put into schema `public`"),
                None => format!("extension `{shown}` is made without a schema, so it goes where `search_path` leads"),
            };
            let at = extension.schema.as_ref().map_or(span, |schema| schema.span);
            let label = Label::new(at, "its functions lie among the application's own");
            out.push(
                Finding::new(EXTENSION_SCHEMA, subject(), site.majors, label, message)
                    .help("make a schema for extensions, and name it with `SCHEMA`"),
            );
        }
    }
}
