//! Rules on what logical replication needs of the server.

pub(crate) mod limits;
pub(crate) mod output_plugin;
pub(crate) mod wal_level;
