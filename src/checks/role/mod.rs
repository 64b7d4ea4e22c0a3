//! Rules on roles: their passwords, attributes, names and settings.

pub(crate) mod attribute;
pub(crate) mod environment;
pub(crate) mod name;
pub(crate) mod password;
pub(crate) mod repeat;
pub(crate) mod setting;
