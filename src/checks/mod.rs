//! Native rules, one file per rule or tight family. A new one is a file here and a line below.

pub(crate) mod conninfo;
pub(crate) mod passfile;
pub(crate) mod pgbouncer;
pub(crate) mod recovery;
pub(crate) mod service;
