//! The `postgresql` provider (cyrilgdn/postgresql): its connection, and roles, grants, publications and subscriptions
//! as the statements that it runs for them.
//!
//! Source of the attributes and their defaults: the provider's documentation, pages `index`, `postgresql_role`,
//! `postgresql_grant`, `postgresql_grant_role`, `postgresql_default_privileges`, `postgresql_publication`, `postgresql_subscription`.

use std::ops::Range;

use hcl_edit::structure::{Block, Body};

use super::value;
use crate::discover::Kind;
use crate::extract::{Draft, Found, Quoting};
use crate::syntax::literal::Literal;

/// The connection of a provider block; without `sslmode` the provider asks for TLS.
pub(super) fn connection(block: &Block, text: &Literal, found: &mut Found<'_>) {
    const KEYWORDS: [(&str, &str); 6] = [
        ("host", "host"),
        ("port", "port"),
        ("database", "dbname"),
        ("username", "user"),
        ("password", "password"),
        ("sslrootcert", "sslrootcert"),
    ];
    let mut draft = Draft::new(text, 0);
    for (attribute, keyword) in KEYWORDS {
        if let Some(value) = value::of(&block.body, attribute, text) {
            draft.keyword(keyword, &value);
        }
    }
    if draft.is_empty() {
        return;
    }
    match value::of(&block.body, "sslmode", text) {
        Some(mode) => draft.keyword("sslmode", &mode),
        None => draft.then(b" sslmode='require'"),
    }
    found.add(Kind::Conninfo, draft.build());
}

/// Starts a statement about the object that `name` names.
fn statement<'a>(words: &str, body: &Body, text: &'a Literal) -> Option<Draft<'a>> {
    let name = value::of(body, "name", text)?;
    let mut draft = Draft::new(text, name.span(0, 0).start as usize);
    draft.then(words.as_bytes());
    draft.then(b" ");
    draft.name(&name);
    Some(draft)
}

pub(super) fn role(block: &Block, text: &Literal, found: &mut Found<'_>) {
    const FLAGS: [(&str, &str); 6] = [
        ("superuser", "SUPERUSER"),
        ("create_database", "CREATEDB"),
        ("create_role", "CREATEROLE"),
        ("login", "LOGIN"),
        ("replication", "REPLICATION"),
        ("bypass_row_level_security", "BYPASSRLS"),
    ];
    let body = &block.body;
    let Some(mut draft) = statement("CREATE ROLE", body, text) else { return };
    // What is computed may be either, so that nothing can be said of the role.
    if FLAGS.iter().any(|(flag, _)| value::is_computed(body, flag)) {
        return;
    }
    for (flag, word) in FLAGS {
        if let Some(place) = value::set(body, flag) {
            draft.then(b" ");
            draft.decoded(word.as_bytes(), place);
        }
    }
    if let Some(password) = value::of(body, "password", text) {
        draft.then(b" PASSWORD ");
        draft.string(&password);
    }
    if let Some(until) = value::of(body, "valid_until", text) {
        draft.then(b" VALID UNTIL ");
        draft.string(&until);
    }
    draft.then(b";");
    found.sql(draft.build(), None);
    if let Some(name) = value::of(body, "name", text) {
        membership(&value::list(body, "roles", text), &name, None, text, found);
    }
}

pub(super) fn grant_role(block: &Block, text: &Literal, found: &mut Found<'_>) {
    let body = &block.body;
    if let (Some(role), Some(granted)) = (value::of(body, "role", text), value::of(body, "grant_role", text)) {
        membership(&[granted], &role, value::set(body, "with_admin_option"), text, found);
    }
}

fn membership(groups: &[Literal], role: &Literal, admin: Option<Range<usize>>, text: &Literal, found: &mut Found<'_>) {
    let Some(first) = groups.first() else { return };
    let mut draft = Draft::new(text, first.span(0, 0).start as usize);
    draft.then(b"GRANT ");
    draft.list(groups, Draft::name);
    draft.then(b" TO ");
    draft.name(role);
    if let Some(place) = admin {
        draft.then(b" ");
        draft.decoded(b"WITH ADMIN OPTION", place);
    }
    draft.then(b";");
    found.sql(draft.build(), None);
}

pub(super) fn default_privileges(block: &Block, text: &Literal, found: &mut Found<'_>) {
    let body = &block.body;
    let of = |key: &str| value::of(body, key, text);
    let (Some(role), Some(owner), Some(kind)) = (of("role"), of("owner"), of("object_type")) else { return };
    let privileges = value::list(body, "privileges", text);
    let known = ["table", "sequence", "function", "routine", "type", "schema"];
    let Some(kind) = known.into_iter().find(|known| kind.text() == known.as_bytes()) else { return };
    if privileges.is_empty() {
        return;
    }
    let mut draft = Draft::new(text, role.span(0, 0).start as usize);
    draft.then(b"ALTER DEFAULT PRIVILEGES FOR ROLE ");
    draft.name(&owner);
    if let Some(schema) = of("schema") {
        draft.then(b" IN SCHEMA ");
        draft.name(&schema);
    }
    draft.then(b" GRANT ");
    draft.list(&privileges, Draft::text);
    draft.then(format!(" ON {}S TO ", kind.to_ascii_uppercase()).as_bytes());
    grantee(&mut draft, &role);
    if let Some(place) = value::set(body, "with_grant_option") {
        draft.then(b" ");
        draft.decoded(b"WITH GRANT OPTION", place);
    }
    draft.then(b";");
    found.sql(draft.build(), None);
}

/// The provider takes the word for everybody in any case.
fn grantee(draft: &mut Draft<'_>, role: &Literal) {
    if role.text().eq_ignore_ascii_case(b"public") {
        draft.text(role);
    } else {
        draft.name(role);
    }
}

pub(super) fn grant(block: &Block, text: &Literal, found: &mut Found<'_>) {
    let body = &block.body;
    let (Some(role), Some(kind)) = (value::of(body, "role", text), value::of(body, "object_type", text)) else {
        return;
    };
    let privileges = value::list(body, "privileges", text);
    let mut draft = Draft::new(text, role.span(0, 0).start as usize);
    draft.then(b"GRANT ");
    draft.list(&privileges, Draft::text);
    let Some(kind) = std::str::from_utf8(kind.text()).ok() else { return };
    let (schema, objects) = (value::of(body, "schema", text), value::list(body, "objects", text));
    draft.then(b" ON ");
    match (kind, schema, value::of(body, "database", text)) {
        ("database", _, Some(database)) => {
            draft.then(b"DATABASE ");
            draft.name(&database);
        }
        ("schema", Some(schema), _) => {
            draft.then(b"SCHEMA ");
            draft.name(&schema);
        }
        ("table" | "sequence" | "function" | "procedure" | "routine", Some(schema), _) if objects.is_empty() => {
            draft.then(format!("ALL {}S IN SCHEMA ", kind.to_ascii_uppercase()).as_bytes());
            draft.name(&schema);
        }
        ("table" | "sequence", Some(schema), _) => {
            draft.then(kind.to_ascii_uppercase().as_bytes());
            draft.then(b" ");
            draft.list(&objects, |draft, object| {
                draft.name(&schema);
                draft.then(b".");
                draft.name(object);
            });
        }
        _ => return,
    }
    draft.then(b" TO ");
    grantee(&mut draft, &role);
    if let Some(place) = value::set(body, "with_grant_option") {
        draft.then(b" ");
        draft.decoded(b"WITH GRANT OPTION", place);
    }
    draft.then(b";");
    if !privileges.is_empty() {
        found.sql(draft.build(), None);
    }
}

pub(super) fn publication(block: &Block, text: &Literal, found: &mut Found<'_>) {
    let body = &block.body;
    let Some(mut draft) = statement("CREATE PUBLICATION", body, text) else { return };
    let tables = value::list(body, "tables", text);
    if let Some(place) = value::set(body, "all_tables") {
        draft.then(b" FOR ");
        draft.decoded(b"ALL TABLES", place);
    } else if !tables.is_empty() {
        draft.then(b" FOR TABLE ");
        draft.list(&tables, Draft::text);
    }
    let publish = value::list(body, "publish_param", text);
    if !publish.is_empty() {
        draft.then(b" WITH (publish = '");
        draft.list(&publish, |draft, operation| draft.quoted(operation, Quoting::String));
        draft.then(b"')");
    }
    draft.then(b";");
    found.sql(draft.build(), None);
}

pub(super) fn subscription(block: &Block, text: &Literal, found: &mut Found<'_>) {
    let body = &block.body;
    let (Some(conninfo), Some(mut draft)) =
        (value::of(body, "conninfo", text), statement("CREATE SUBSCRIPTION", body, text))
    else {
        return;
    };
    draft.then(b" CONNECTION ");
    draft.string(&conninfo);
    draft.then(b" PUBLICATION ");
    draft.list(&value::list(body, "publications", text), Draft::name);
    let slot = value::of(body, "slot_name", text);
    match (value::flag(body, "create_slot"), slot) {
        (Some(false), Some(slot)) => {
            draft.then(b" WITH (create_slot = false, slot_name = ");
            draft.string(&slot);
            draft.then(b")");
        }
        (Some(false), None) => draft.then(b" WITH (create_slot = false)"),
        (_, Some(slot)) => {
            draft.then(b" WITH (slot_name = ");
            draft.string(&slot);
            draft.then(b")");
        }
        _ => {}
    }
    draft.then(b";");
    found.sql(draft.build(), None);
}
