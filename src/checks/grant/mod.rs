//! Rules on GRANT, REVOKE, default privileges and user mappings.

pub(crate) mod kind;
pub(crate) mod left_open;
pub(crate) mod mapping;
pub(crate) mod object;
pub(crate) mod public;
pub(crate) mod role;
