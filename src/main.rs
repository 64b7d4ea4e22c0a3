//! The `pgassay` command.

fn main() {}
