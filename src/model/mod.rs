//! What the files mean together: clusters of nodes, settings with provenance, access rows, SQL objects.

pub mod client;

/// All that belongs together: nodes, and the SQL and client files beside them.
#[derive(Debug, Default)]
pub struct Cluster {}
