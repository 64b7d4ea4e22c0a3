//! Tasks of this repository, run as `cargo xtask <task>`.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "tasks talk to people and to files; the lints guard the library"
)]

mod catalog;
mod servers;
mod wire;

use anyhow::{Result, bail};

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["catalog"] => catalog::write(),
        ["catalog", "--check"] => catalog::check(),
        ["catalog", "--cases"] => catalog::cases::write(),
        _ => bail!("usage: cargo xtask catalog [--check | --cases]"),
    }
}
