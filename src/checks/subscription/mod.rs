//! Rules on subscriptions.

pub(crate) mod option;
pub(crate) mod owner;
pub(crate) mod refused;
pub(crate) mod retain;
pub(crate) mod slot;
pub(crate) mod transaction;
