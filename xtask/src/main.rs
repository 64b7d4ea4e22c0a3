//! Tasks of the repository. `cargo xtask help` lists them.
//!
//! Plain Rust that builds without libclang, so that it can install what the rest needs.

use std::process::ExitCode;

mod demo;
mod new_rule;
mod run;
mod setup;
mod test;

const HELP: &str = "\
cargo xtask <task>

  demo        build pgassay and run it on a fixture tree
  test        run every test
  setup       install what building and testing need, and say what
  new-rule    FAMILY/ID: write the two files of a new rule
";

#[expect(clippy::print_stdout, clippy::print_stderr, reason = "a task talks to the terminal")]
fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let task = args.first().map_or("help", String::as_str);
    let rest = args.get(1..).unwrap_or_default();
    let result = match task {
        "demo" => demo::demo(),
        "test" => test::test(rest),
        "setup" => setup::setup(),
        "new-rule" => new_rule::new_rule(rest),
        "help" | "--help" | "-h" => {
            print!("{HELP}");
            Ok(())
        }
        other => Err(anyhow::anyhow!("there is no task `{other}`\n\n{HELP}")),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask {task}: {error:#}");
            ExitCode::FAILURE
        }
    }
}
