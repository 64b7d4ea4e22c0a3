//! What the files mean together: clusters of nodes, settings with provenance, access rows, SQL objects.

pub mod check_hook;
mod encoding;
pub mod list;
mod number;
mod standby_names;
mod timestamp;
mod unit;
pub mod value;

/// All that belongs together: nodes, and the SQL and client files beside them.
#[derive(Debug, Default)]
pub struct Cluster {}
