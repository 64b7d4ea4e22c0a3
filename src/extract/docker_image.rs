//! Environment of the official image of PostgreSQL: what its entrypoint makes of variables.

use super::{Draft, Found};
use crate::discover::Kind;
use crate::syntax::literal::Literal;

/// Reads a variable of a container that runs the image.
pub(super) fn environment(name: &str, value: &Literal, found: &mut Found<'_>) {
    // The entrypoint appends this row to the pg_hba.conf of a new data directory.
    if name == "POSTGRES_HOST_AUTH_METHOD" && !value.text().is_empty() {
        let mut row = Draft::new(value, 0);
        row.decoded(b"host all all all ", 0..value.text().len());
        row.text(value);
        row.glue(b"\n", value.text().len());
        found.add(Kind::PgHba, row.build());
    }
}
