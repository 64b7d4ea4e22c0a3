//! What only both ends of a replication tell: whether it will work, and whether it is safe.
//!
//! Each rule looks at the edges whose two servers are known, and is silent where one is not. A finding stands at its
//! cause and shows the counterpart beside it.

pub(crate) mod certificate;
pub(crate) mod drift;
pub(crate) mod drift_hba;
pub(crate) mod failover;
pub(crate) mod itself;
pub(crate) mod limits;
pub(crate) mod loops;
pub(crate) mod merged;
pub(crate) mod option;
pub(crate) mod partition;
pub(crate) mod password;
pub(crate) mod privilege;
pub(crate) mod promotion;
pub(crate) mod publication;
pub(crate) mod retention;
pub(crate) mod role;
pub(crate) mod rows;
pub(crate) mod slots;
pub(crate) mod standby_parameter;
pub(crate) mod synchronous;
pub(crate) mod table;
pub(crate) mod wal_level;
pub(crate) mod workers;

mod connection;
mod ends;
mod identity;
mod published;
pub(super) mod sender;
mod side;
mod standby_name;
mod strange;
mod tally;
mod uses;
