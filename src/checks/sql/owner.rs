//! Objects that superusers own.

use std::collections::BTreeMap;

use crate::finding::{Finding, Label, Subject};
use crate::model::objects::{Site, role_name};
use crate::model::sql::What;
use crate::rule::id::OBJECT_OWNER_SUPERUSER;
use crate::rule::{Context, Sink};
use crate::source::{FileId, Span};
use crate::syntax::sql::Name;

/// Once for each owner of a file: dumps have thousands of them.
pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
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
