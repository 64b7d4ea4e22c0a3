//! The command line: from arguments to an exit code. With `discover`, `source` and plugins, the only code that
//! touches the environment, the clock and the terminal.

use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::{CommandFactory, Parser};

mod args;
mod check;
mod configuration;
mod settings;

use args::{App, ColorChoice, Command, GlobalArgs, SchemaOf};

/// Nothing (at or above the limit) was found.
const CLEAN: u8 = 0;
/// Something was found.
const FINDINGS: u8 = 1;
/// The job could not be done.
const ERROR: u8 = 2;

/// Runs the command that the process's arguments name.
#[must_use]
pub fn run() -> ExitCode {
    let app = match App::try_parse() {
        Ok(app) => app,
        Err(error) => {
            // clap says 0 for help and version, 2 for wrong usage; a closed pipe is nobody's fault.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { ERROR } else { CLEAN });
        }
    };
    match dispatch(app) {
        Ok(code) => ExitCode::from(code),
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr().lock(), "pgassay: {error:#}");
            ExitCode::from(ERROR)
        }
    }
}

fn dispatch(app: App) -> Result<u8> {
    let global = app.global;
    match app.command {
        None => check::check(&app.check, &global),
        Some(Command::Check(args)) => check::check(&args, &global),
        Some(Command::Rules(args)) => rules(&args, &global),
        Some(Command::Explain(args)) => explain(&args.rule, &global),
        Some(Command::Settings(args)) => settings::settings(&args, &global),
        Some(Command::Schema(args)) => schema(args.of),
        Some(Command::Completions(args)) => {
            clap_complete::generate(args.shell, &mut App::command(), "pgassay", &mut io::stdout().lock());
            Ok(CLEAN)
        }
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| cause.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe))
}
