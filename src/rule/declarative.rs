//! The interpreter of declarative checks.
