//! Rules on SQL statements at large: syntax, settings, functions, policies, extensions, the system catalogue.

pub(crate) mod definer_path;
pub(crate) mod extension;
pub(crate) mod function;
pub(crate) mod language;
pub(crate) mod lookup;
pub(crate) mod owner;
pub(crate) mod policy;
pub(crate) mod replica_role;
pub(crate) mod server;
pub(crate) mod setting;
pub(crate) mod syntax;
pub(crate) mod view;
