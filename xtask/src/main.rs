//! Tasks of the repository. `cargo xtask help` lists them.
//!
//! Plain Rust that builds without libclang, so that it can install what the rest needs.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "tasks talk to people and to files; the lints guard the library"
)]

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Result, bail};

mod bench;
mod book;
mod catalog;
mod corpus;
mod demo;
mod fuzz;
mod guests;
mod libpq;
mod new_rule;
mod oracle;
mod package;
mod pairs;
mod reach;
mod run;
mod servers;
mod setup;
mod test;
mod upgrade;
mod wire;

const HELP: &str = "\
cargo xtask <task>

  demo                         build pgassay and run it on a fixture tree
  test [ARGS]                  run every test
  setup                        install what building and testing need, and say what
  bench [ROWS]                 compare the release binary with what is installed of ripgrep, squawk and libpg_query on
                               trees that it makes (0.7 GB), and say which goals are missed; rows by number, or all
         --counts              compare counts of instructions with benches/instructions.toml; exit code 1 if they are off
         --counts --write      write that file
  book [--pages]               make the documentation into a book, target/book/html, with mdBook
  new-rule FAMILY/ID           write the two files of a new rule
  guests [NAMES]               build the example plugins, or those of these names, into target/guests
  guests --env                 print the environment in which `cargo build` makes a plugin here
  guests --bindings            make the SDKs' bindings from plugins/wit
  catalog [--check | --cases | --queries]
                               write the facts in src/catalog from real servers, compare them, or make cases of
                               values of settings or of queries
  corpus FOLDER                hold refusals against servers' verdicts on a folder of files; exit code 1 if they disagree
  oracle [OPTIONS]             compare with real servers on generated inputs; exit code 1 if they disagree
         --all | --majors 10,15,18     all majors, or these (the default)
         --kind KIND                   hba, ident, conf, conninfo, sql, recovery or values; may be repeated
         --count N | --seed S          inputs of each kind (500), a 5th of recovery and a 10th of values; which ones (1)
         --full                        access rules, with the servers in /usr/lib/postgresql that have LDAP and others
  reach [OPTIONS]              make connections to real servers, and compare the rows of pg_hba.conf that they use with
                               those that pgassay names; exit code 1 if they disagree
         --all | --majors 10,15,18     all majors, or these (the default)
         --count N | --seed S          files with 60 connections each (40); which ones (1)
  pairs [CASES] [OPTIONS]      play fixtures/pairs on pairs of real servers: what is broken fails, what is mended replicates,
                               and pgassay says so; exit code 1 if not
         --majors 15,18                these (the default)
         --servers-only                without pgassay
         --write FOLDER                write the trees there and play nothing
  upgrade [OPTIONS]            make the edits of `pgassay upgrade --fix` in fixtures/upgrade and in files with every
                               setting, and ask servers before and after; exit code 1 if one is not taken
         --majors 10,15,18             these (all are the default)
  package [PARTS]              try what users install: lint, crate, wheel, action, hooks, or all of them
  embed                        copy what the crate needs of plugins/ to embedded/, before `cargo publish`
  fuzz [TARGETS] [--seconds N] fuzz the readers, or these targets, for N seconds each
";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match dispatch(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(args: &[&str]) -> Result<()> {
    match args {
        ["demo"] => demo::demo(),
        ["test", rest @ ..] => test::test(rest),
        ["setup"] => setup::setup(),
        ["bench", rest @ ..] => bench::bench(rest),
        ["book", rest @ ..] => book::book(rest),
        ["new-rule", path] => new_rule::new_rule(path),
        ["guests", "--env"] => guests::print_environment(),
        ["guests", "--bindings"] => guests::write_bindings(),
        ["guests", names @ ..] => guests::guests(names),
        ["catalog"] => catalog::write(),
        ["catalog", "--check"] => catalog::check(),
        ["catalog", "--cases"] => catalog::cases::write(None),
        ["catalog", "--cases", path] => catalog::cases::write(Some(path)),
        ["corpus", folder] => corpus::corpus(Path::new(folder)),
        ["package", rest @ ..] => package::package(rest),
        ["embed"] => package::embed(),
        ["fuzz", rest @ ..] => fuzz::fuzz(rest),
        ["catalog", "--queries"] => catalog::queries::write(),
        ["oracle", rest @ ..] => oracle::oracle(rest),
        ["reach", rest @ ..] => reach::reach(rest),
        ["pairs", rest @ ..] => pairs::pairs(rest),
        ["upgrade", rest @ ..] => upgrade::upgrade(rest),
        [] | ["help" | "--help" | "-h"] => {
            print!("{HELP}");
            Ok(())
        }
        other => bail!("there is no task `{}`\n\n{HELP}", other.join(" ")),
    }
}
