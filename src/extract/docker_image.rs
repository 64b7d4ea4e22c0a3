//! The official image of PostgreSQL and those made from it: what its variables and tag say of the server.
//!
//! The entry point appends `host all all all <POSTGRES_HOST_AUTH_METHOD>` to pg_hba.conf and hands
//! POSTGRES_INITDB_ARGS to initdb (<https://hub.docker.com/_/postgres>).

use std::ops::Range;

use super::shell::{Connection, initdb, words};
use super::{Draft, Found};
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

/// Reads a variable of a container that runs the image.
pub(super) fn environment(name: &str, value: &Literal, found: &mut Found<'_>) {
    match name {
        "POSTGRES_HOST_AUTH_METHOD" if !value.text().is_empty() => {
            let place = value.whole().range();
            let mut builder = Literal::builder(value.file()).at(place.start);
            builder.push(b"host all all all ", place.start, place.end);
            builder.append(value, 0..value.text().len());
            builder.push(b"\n", place.end, place.end);
            found.add(Kind::PgHba, builder.build());
        }
        "POSTGRES_PASSWORD" | "POSTGRESQL_PASSWORD" | "POSTGRESQL_POSTGRES_PASSWORD" => {
            found.add(Kind::Password, value.clone());
        }
        "POSTGRES_INITDB_ARGS" => initdb(&words(value), found),
        _ => {}
    }
}

/// The tag's major, as evidence.
pub(super) fn major(image: &Literal, found: &mut Found<'_>) {
    if let Some(range) = major_of(image.text()) {
        found.add(Kind::Major, Draft::of(image, range));
    }
}

/// Whether the name of an image is that of a PostgreSQL server: `postgres`, `bitnami/postgresql`, `postgis/postgis`.
pub(super) fn is_server(image: &[u8]) -> bool {
    const NAMES: [&[u8]; 6] = [b"postgres", b"postgresql", b"postgis", b"pgvector", b"timescaledb", b"timescaledb-ha"];
    let path = image.split(|byte| *byte == b'@').next().unwrap_or_default();
    let name = path.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
    let name = name.split(|byte| *byte == b':').next().unwrap_or_default();
    NAMES.contains(&name)
}

/// Where the major stands in `postgres:16.4-alpine`, `timescaledb:2.11-pg15` or `postgis:16-3.4`.
fn major_of(image: &[u8]) -> Option<Range<usize>> {
    let slash = memchr::memrchr(b'/', image).map_or(0, |at| at + 1);
    let tag = slash + memchr::memchr(b':', &image[slash..])? + 1;
    let text = &image[tag..];
    let own = memchr::memmem::find(&image[slash..tag], b"timescale").is_none();
    let start = match memchr::memmem::find(text, b"pg") {
        Some(at) => tag + at + 2,
        None if own => tag,
        None => return None,
    };
    let digits = image[start..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let after = image.get(start + digits);
    let ends = after.is_none_or(|byte| matches!(byte, b'.' | b'-' | b'@') || byte.is_ascii_alphabetic());
    ((1..=2).contains(&digits) && ends).then_some(start..start + digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_of_images() {
        for (image, major) in [
            ("postgres:16", Some("16")),
            ("postgres:16.4-alpine3.20", Some("16")),
            ("docker.io/library/postgres:15-bookworm", Some("15")),
            ("localhost:5000/postgres:14", Some("14")),
            ("timescale/timescaledb:2.11-pg15", Some("15")),
            ("timescale/timescaledb:2.11", None),
            ("pgvector/pgvector:pg17", Some("17")),
            ("postgres:latest", None),
            ("postgres:alpine", None),
            ("postgres", None),
            ("postgres:20240101", None),
            ("localhost:5000/postgres", None),
        ] {
            let found = major_of(image.as_bytes()).map(|range| &image[range]);
            assert_eq!(found, major, "{image}");
        }
        assert!(is_server(b"postgres:16") && is_server(b"ghcr.io/x/postgis") && !is_server(b"postgres-exporter:1"));
    }
}
