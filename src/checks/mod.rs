//! Native rules, one file per rule or tight family. A new one is a file here and a line below.

mod access;
pub(crate) mod hba_cover;
pub(crate) mod hba_refused;
pub(crate) mod hba_rows;
pub(crate) mod hba_settings;
pub(crate) mod ident_rows;
