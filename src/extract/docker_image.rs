//! The official image of PostgreSQL and those made from it: what its variables say of the server.
//!
//! The entry point appends `host all all all <POSTGRES_HOST_AUTH_METHOD>` to pg_hba.conf and hands
//! POSTGRES_INITDB_ARGS to initdb (<https://hub.docker.com/_/postgres>).

use super::shell::{Connection, initdb, words};
use super::{Found, Writer};
use crate::discover::Kind;
use crate::syntax::literal::Literal;

/// Reads the variables of a container that runs the image.
pub(super) fn container(variables: &[(Vec<u8>, Literal)], found: &mut Found<'_>) {
    let mut connection = Connection::default();
    // The rows of initdb come before the one that the entry point adds.
    let mut ordered = variables.iter().collect::<Vec<_>>();
    ordered.sort_by_key(|(name, _)| name != b"POSTGRES_INITDB_ARGS");
    for (name, value) in ordered {
        environment(std::str::from_utf8(name).unwrap_or_default(), value, found);
        connection.variable(name, value);
    }
    connection.add_to(found);
}

/// Reads the variables of a container that runs something else, which may connect by them.
pub(super) fn client(variables: &[(Vec<u8>, Literal)], found: &mut Found<'_>) {
    let mut connection = Connection::default();
    for (name, value) in variables {
        connection.variable(name, value);
    }
    connection.add_to(found);
}

/// Reads a variable of a container that runs the image.
pub(super) fn environment(name: &str, value: &Literal, found: &mut Found<'_>) {
    match name {
        "POSTGRES_HOST_AUTH_METHOD" if !value.text().is_empty() => {
            let mut row = Writer::new(value);
            row.meant("host all all all ", value.whole());
            row.text(value);
            row.words("\n");
            found.add(Kind::PgHba, row.build());
        }
        "POSTGRES_PASSWORD" | "POSTGRESQL_PASSWORD" | "POSTGRESQL_POSTGRES_PASSWORD" => {
            found.add(Kind::Password, value.clone());
        }
        "POSTGRES_INITDB_ARGS" => initdb(&words(value), found),
        _ => {}
    }
}
