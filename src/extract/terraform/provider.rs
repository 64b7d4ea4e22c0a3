//! The `postgresql` provider (cyrilgdn/postgresql): its connection, and roles, grants, publications and subscriptions
//! as the statements that it runs for them.
//!
//! Source of the attributes and their defaults: the provider's documentation, pages `index`, `postgresql_role`,
//! `postgresql_grant`, `postgresql_grant_role`, `postgresql_default_privileges`, `postgresql_publication`, `postgresql_subscription`.

use hcl_edit::structure::{Block, Body};

use super::value;
use crate::discover::Kind;
use crate::extract::{Found, Writer};
use crate::source::Span;
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
    let values = KEYWORDS.map(|(attribute, keyword)| (keyword, value::of(&block.body, attribute, text)));
    let mut values = values.into_iter().filter_map(|(keyword, value)| Some((keyword, value?))).peekable();
    let Some((_, first)) = values.peek() else { return };
    let mut conninfo = Writer::new(first);
    for (keyword, value) in values {
        conninfo.keyword(keyword, &value);
    }
    match value::of(&block.body, "sslmode", text) {
        Some(mode) => conninfo.keyword("sslmode", &mode),
        None => conninfo.words(" sslmode='require'"),
    }
    found.add(Kind::Conninfo, conninfo.build());
}

/// Starts a statement about the object that `name` names.
fn about(words: &str, body: &Body, text: &Literal) -> Option<Writer> {
    Some(Writer::about(words, &value::of(body, "name", text)?))
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
    let Some(mut statement) = about("CREATE ROLE", body, text) else { return };
    // What is computed may be either, so that nothing can be said of the role.
    if FLAGS.iter().any(|(flag, _)| value::is_computed(body, flag)) {
        return;
    }
    for (flag, word) in FLAGS {
        if let Some(place) = value::set(body, flag, text) {
            statement.words(" ");
            statement.meant(word, place);
        }
    }
    if let Some(password) = value::of(body, "password", text) {
        statement.words(" PASSWORD ");
        statement.string(&password);
    }
    if let Some(until) = value::of(body, "valid_until", text) {
        statement.words(" VALID UNTIL ");
        statement.string(&until);
    }
    found.statement(statement);
    if let Some(name) = value::of(body, "name", text) {
        membership(&value::list(body, "roles", text), &name, None, found);
    }
}

pub(super) fn grant_role(block: &Block, text: &Literal, found: &mut Found<'_>) {
    let body = &block.body;
    if let (Some(role), Some(granted)) = (value::of(body, "role", text), value::of(body, "grant_role", text)) {
        membership(&[granted], &role, value::set(body, "with_admin_option", text), found);
    }
}

fn membership(groups: &[Literal], role: &Literal, admin: Option<Span>, found: &mut Found<'_>) {
    let Some(first) = groups.first() else { return };
    let mut statement = Writer::new(first);
    statement.words("GRANT ");
    statement.list(groups, ", ", Writer::name);
    statement.words(" TO ");
    statement.name(role);
    if let Some(place) = admin {
        statement.words(" ");
        statement.meant("WITH ADMIN OPTION", place);
    }
    found.statement(statement);
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
    let mut statement = Writer::new(&role);
    statement.words("ALTER DEFAULT PRIVILEGES FOR ROLE ");
    statement.name(&owner);
    if let Some(schema) = of("schema") {
        statement.words(" IN SCHEMA ");
        statement.name(&schema);
    }
    statement.words(" GRANT ");
    statement.list(&privileges, ", ", Writer::text);
    statement.words(&format!(" ON {}S TO ", kind.to_ascii_uppercase()));
    grantee(&mut statement, &role);
    if let Some(place) = value::set(body, "with_grant_option", text) {
        statement.words(" ");
        statement.meant("WITH GRANT OPTION", place);
    }
    found.statement(statement);
}

/// The provider takes the word for everybody in any case.
fn grantee(statement: &mut Writer, role: &Literal) {
    if role.text().eq_ignore_ascii_case(b"public") {
        statement.text(role);
    } else {
        statement.name(role);
    }
}

pub(super) fn grant(block: &Block, text: &Literal, found: &mut Found<'_>) {
    let body = &block.body;
    let (Some(role), Some(kind)) = (value::of(body, "role", text), value::of(body, "object_type", text)) else {
        return;
    };
    let privileges = value::list(body, "privileges", text);
    let mut statement = Writer::new(&role);
    statement.words("GRANT ");
    statement.list(&privileges, ", ", Writer::text);
    let Some(kind) = std::str::from_utf8(kind.text()).ok() else { return };
    let (schema, objects) = (value::of(body, "schema", text), value::list(body, "objects", text));
    statement.words(" ON ");
    match (kind, schema, value::of(body, "database", text)) {
        ("database", _, Some(database)) => {
            statement.words("DATABASE ");
            statement.name(&database);
        }
        ("schema", Some(schema), _) => {
            statement.words("SCHEMA ");
            statement.name(&schema);
        }
        ("table" | "sequence" | "function" | "procedure" | "routine", Some(schema), _) if objects.is_empty() => {
            statement.words(&format!("ALL {}S IN SCHEMA ", kind.to_ascii_uppercase()));
            statement.name(&schema);
        }
        ("table" | "sequence", Some(schema), _) => {
            statement.words(&kind.to_ascii_uppercase());
            statement.words(" ");
            statement.list(&objects, ", ", |statement, object| {
                statement.name(&schema);
                statement.words(".");
                statement.name(object);
            });
        }
        _ => return,
    }
    statement.words(" TO ");
    grantee(&mut statement, &role);
    if let Some(place) = value::set(body, "with_grant_option", text) {
        statement.words(" ");
        statement.meant("WITH GRANT OPTION", place);
    }
    if !privileges.is_empty() {
        found.statement(statement);
    }
}

pub(super) fn publication(block: &Block, text: &Literal, found: &mut Found<'_>) {
    let body = &block.body;
    let Some(mut statement) = about("CREATE PUBLICATION", body, text) else { return };
    let tables = value::list(body, "tables", text);
    if let Some(place) = value::set(body, "all_tables", text) {
        statement.words(" FOR ");
        statement.meant("ALL TABLES", place);
    } else if !tables.is_empty() {
        statement.words(" FOR TABLE ");
        statement.list(&tables, ", ", Writer::text);
    }
    let publish = value::list(body, "publish_param", text);
    if let Some(first) = publish.first() {
        let mut operations = Writer::new(first);
        operations.list(&publish, ", ", Writer::text);
        statement.words(" WITH (publish = ");
        statement.string(&operations.build());
        statement.words(")");
    }
    found.statement(statement);
}

pub(super) fn subscription(block: &Block, text: &Literal, found: &mut Found<'_>) {
    let body = &block.body;
    let (Some(conninfo), Some(mut statement)) =
        (value::of(body, "conninfo", text), about("CREATE SUBSCRIPTION", body, text))
    else {
        return;
    };
    statement.words(" CONNECTION ");
    statement.string(&conninfo);
    statement.words(" PUBLICATION ");
    statement.list(&value::list(body, "publications", text), ", ", Writer::name);
    let slot = value::of(body, "slot_name", text);
    match (value::flag(body, "create_slot"), slot) {
        (Some(false), Some(slot)) => {
            statement.words(" WITH (create_slot = false, slot_name = ");
            statement.string(&slot);
            statement.words(")");
        }
        (Some(false), None) => statement.words(" WITH (create_slot = false)"),
        (_, Some(slot)) => {
            statement.words(" WITH (slot_name = ");
            statement.string(&slot);
            statement.words(")");
        }
        _ => {}
    }
    found.statement(statement);
}
