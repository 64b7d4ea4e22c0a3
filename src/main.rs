//! The `pgassay` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    pgassay::cli::run()
}
