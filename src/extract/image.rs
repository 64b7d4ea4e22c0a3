//! Images of containers: which are PostgreSQL servers, and the release that a tag gives away.

use crate::discover::Kind;
use crate::extract::{Draft, Found};
use crate::syntax::literal::Literal;

/// Last parts of the names of images that start a server.
const SERVERS: &[&str] = &[
    "postgres",
    "postgresql",
    "postgis",
    "timescaledb",
    "timescaledb-ha",
    "timescaledb-postgis",
    "pgvector",
    "pgvecto-rs",
    "postgresql-repmgr",
    "crunchy-postgres",
    "crunchy-postgres-gis",
    "spilo",
    "paradedb",
    "citus",
];

/// Images whose entrypoint takes arguments that start with a dash for the server's: the official one and those built
/// on it.
const WITHOUT_ENTRYPOINT: &[&str] =
    &["postgresql", "postgresql-repmgr", "crunchy-postgres", "crunchy-postgres-gis", "spilo"];

/// What an image's name says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Image {
    /// Whether arguments that start with a dash are the server's.
    pub(super) takes_options: bool,
}

/// The image of a server, or nothing for what is none.
pub(super) fn server(image: &[u8]) -> Option<Image> {
    let name = parts(image).0;
    let is_one_of = |names: &[&str]| names.iter().any(|known| name == known.as_bytes());
    let numbered = name.strip_prefix(b"spilo-").is_some_and(|rest| rest.iter().all(u8::is_ascii_digit));
    let known = is_one_of(SERVERS) || numbered;
    known.then(|| Image { takes_options: !numbered && !is_one_of(WITHOUT_ENTRYPOINT) })
}

/// Adds the major, with the minor release where it is there, that the image of a server gives away.
pub(super) fn major(image: &Literal, found: &mut Found<'_>) {
    let text = image.text();
    let (name, tag) = parts(text);
    let (start, candidate) = match tag {
        _ if name.starts_with(b"spilo-") => (6, name),
        // The version of the extension comes first in these, and that of the server after `pg`.
        Some(tag) => match pg_number(tag) {
            Some(at) => (at, tag),
            None if matches!(
                name,
                b"timescaledb" | b"timescaledb-ha" | b"pgvector" | b"paradedb" | b"citus" | b"spilo"
            ) =>
            {
                return;
            }
            None => (distribution(tag), tag),
        },
        None => return,
    };
    let digits = candidate[start..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let ends = candidate.get(start + digits).is_none_or(|byte| !byte.is_ascii_alphanumeric() && *byte != b'_');
    if digits != 2 || !ends {
        return;
    }
    let rest = &candidate[start + digits..];
    let minor = rest.iter().skip(1).take_while(|byte| byte.is_ascii_digit()).count();
    let length = digits + if rest.starts_with(b".") && minor > 0 { 1 + minor } else { 0 };
    // Both are parts of the text.
    let offset = candidate.as_ptr().addr() - text.as_ptr().addr() + start;
    found.add(Kind::Major, Draft::of(image, offset..offset + length));
}

/// The last part of an image's name, and its tag.
fn parts(image: &[u8]) -> (&[u8], Option<&[u8]>) {
    let image = memchr::memchr(b'@', image).map_or(image, |at| &image[..at]);
    let last = memchr::memrchr(b'/', image).map_or(image, |at| &image[at + 1..]);
    match memchr::memchr(b':', last) {
        Some(at) => (&last[..at], Some(&last[at + 1..])),
        None => (last, None),
    }
}

/// Where a number stands after `pg`: `2.17.1-pg16`.
fn pg_number(tag: &[u8]) -> Option<usize> {
    memchr::memmem::find_iter(tag, b"pg").map(|at| at + 2).find(|&at| tag.get(at).is_some_and(u8::is_ascii_digit))
}

/// The length of the name of a distribution before a version: `ubi8-16.4-1`.
fn distribution(tag: &[u8]) -> usize {
    let named = tag.first().is_some_and(u8::is_ascii_alphabetic);
    let dash = memchr::memchr(b'-', tag).filter(|_| named);
    dash.map_or(0, |at| at + 1)
}

#[cfg(test)]
mod tests {
    use camino::Utf8Path;

    use super::*;
    use crate::source::{FileId, Span};

    #[test]
    fn tags_give_majors_away() {
        for (image, expected) in [
            ("postgres:16", Some("16")),
            ("postgres:16.2-alpine", Some("16.2")),
            ("postgres:16.", Some("16")),
            ("docker.io/library/postgres:15-bookworm", Some("15")),
            ("postgres", None),
            ("postgres:latest", None),
            ("postgres:alpine", None),
            ("postgres:9.6", None),
            ("postgis/postgis:15-3.4", Some("15")),
            ("timescale/timescaledb:2.14.2-pg16", Some("16")),
            ("timescale/timescaledb:2.14.2", None),
            ("pgvector/pgvector:pg17", Some("17")),
            ("bitnami/postgresql:14.5.0-debian-11-r3", Some("14.5")),
            ("localhost:5000/postgres:13@sha256:00", Some("13")),
            ("crunchydata/crunchy-postgres:ubi8-14.7-0", Some("14.7")),
            ("ghcr.io/zalando/spilo-15:3.0-p1", Some("15")),
            ("supabase/postgres:15.1.0.147", Some("15.1")),
            ("postgres:2024", None),
        ] {
            let text = Literal::plain(Span::new(FileId(0), 0, image.len()), image.as_bytes());
            assert!(server(image.as_bytes()).is_some(), "{image}");
            let mut found = Found::new(Utf8Path::new("x"));
            major(&text, &mut found);
            let fragments = found.joined();
            let said = fragments.first().map(|fragment| String::from_utf8(fragment.text.text().to_vec()).unwrap());
            assert_eq!(said.as_deref(), expected, "{image}");
        }
        for image in
            ["postgrest/postgrest:v12", "prometheuscommunity/postgres-exporter", "postgres-backup-local:16", ""]
        {
            assert!(server(image.as_bytes()).is_none(), "{image}");
        }
    }
}
