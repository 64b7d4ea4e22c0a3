//! Rules on publications.

pub(crate) mod content;
pub(crate) mod identity;
pub(crate) mod refused;
pub(crate) mod table;
