//! Rules on publications.

pub(crate) mod around;
pub(crate) mod content;
pub(crate) mod identity;
pub(crate) mod partition;
pub(crate) mod refused;
pub(crate) mod table;
