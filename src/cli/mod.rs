//! The command line: from arguments to an exit code. With `discover`, `source` and plugins, the only code that
//! touches the environment, the clock and the terminal.

use std::ffi::OsString;
use std::io::{self, BufWriter, Write};
use std::process::ExitCode;

use anyhow::{Result, bail};
use clap::{CommandFactory, FromArgMatches};

use crate::config::{ConfigFile, Settings};
use crate::plugin::Plugins;
use crate::report::{self, RulesFormat, Style};
use crate::rule::{RuleId, Selection};
use crate::secret::printable;

mod args;
mod baseline;
mod check;
mod cluster;
mod config;
mod configuration;
mod files;
mod fixing;
mod git;
mod hba;
mod init;
mod lsp;
mod named;
#[cfg(test)]
mod pages;
mod plugin;
mod progress;
mod reporting;
mod run;
mod settings;
mod since;
mod upgrade;

use args::{App, Command, ExplainArgs, GlobalArgs, RulesArgs, RulesAs, SchemaOf};
use configuration::{Configured, Said};

/// What `--version` prints.
const VERSION: &str = concat!("pgassay ", env!("CARGO_PKG_VERSION"));

/// Nothing (at or above the limit) was found.
const CLEAN: u8 = 0;
/// Something was found.
const FINDINGS: u8 = 1;
/// The job could not be done.
const ERROR: u8 = 2;

/// Runs the command that the process's arguments name.
#[must_use]
pub fn run() -> ExitCode {
    let args = std::env::args_os().collect::<Vec<_>>();
    // Before clap puts the whole command line together.
    if matches!(&args[..], [_, only] if only == "--version" || only == "-V") {
        let _ = writeln!(io::stdout(), "{VERSION}");
        return ExitCode::from(CLEAN);
    }
    let app = match parse(args) {
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
            let _ = tell(&format!("{error:#}"));
            ExitCode::from(ERROR)
        }
    }
}

fn parse(args: Vec<OsString>) -> Result<App, clap::Error> {
    let mut command = App::command();
    let args = command_first(&command, args);
    let matches = command.try_get_matches_from_mut(args)?;
    App::from_arg_matches(&matches).map_err(|error| error.format(&mut command))
}

/// Puts the global options that stand before the name of a command behind it. Options before a command are else those
/// of `check`, which takes the name for a path.
fn command_first(command: &clap::Command, mut args: Vec<OsString>) -> Vec<OsString> {
    let mut at = 1;
    while let Some(word) = args.get(at).and_then(|word| word.to_str()).filter(|word| word.starts_with('-')) {
        let name = word.split_once('=').map_or(word, |(name, _)| name);
        let is_named = |arg: &&clap::Arg| {
            let long = arg.get_long().is_some_and(|long| name.strip_prefix("--") == Some(long));
            let mut letters = name.strip_prefix('-').unwrap_or_default().chars();
            long || letters.next().is_some_and(|letter| arg.get_short() == Some(letter)) && letters.next().is_none()
        };
        let global = command.get_arguments().filter(|arg| arg.is_global_set()).find(is_named);
        let Some(global) = global else { return args };
        let takes = global.get_action().takes_values() && !word.contains('=');
        at += 1 + usize::from(takes);
    }
    let is_command = |word: &OsString| word.to_str().is_some_and(|word| command.find_subcommand(word).is_some());
    if at > 1 && args.get(at).is_some_and(is_command) {
        args[1..=at].rotate_right(1);
    }
    args
}

/// Says something on standard error. What could drive the terminal, as the name of a file may, is shown as a symbol.
fn tell(text: &str) -> io::Result<()> {
    let lines = text.split('\n').map(printable).collect::<Vec<_>>();
    writeln!(io::stderr().lock(), "pgassay: {}", lines.join("\n"))
}

fn dispatch(app: App) -> Result<u8> {
    let global = app.global;
    match app.command {
        None => check::check(&app.check, &global),
        Some(Command::Check(args)) => check::check(&args, &global),
        Some(Command::Baseline(args)) => baseline::baseline(&args, &global),
        Some(Command::Rules(args)) => rules(&args, &global),
        Some(Command::Explain(args)) => explain(&args, &global),
        Some(Command::Settings(args)) => settings::settings(&args, &global),
        Some(Command::Upgrade(args)) => upgrade::upgrade(&args, &global),
        Some(Command::Init(args)) => init::init(&args, &global),
        Some(Command::Config(args)) => config::config(&args, &global),
        Some(Command::Cluster(args)) => cluster::cluster(&args, &global),
        Some(Command::Hba(command)) => hba::run(command, &global),
        Some(Command::Plugin(command)) => plugin::run(&command, &global),
        Some(Command::Lsp) => lsp::lsp(&global),
        Some(Command::Schema(args)) => schema(args.of),
        Some(Command::Completions(args)) => {
            clap_complete::generate(args.shell, &mut App::command(), "pgassay", &mut io::stdout().lock());
            Ok(CLEAN)
        }
    }
}

/// Lists the rules.
fn rules(args: &RulesArgs, global: &GlobalArgs) -> Result<u8> {
    let said = Said { rules: Some(&args.rules), plugins: Some(&args.plugins), ..Said::default() };
    let Configured { settings, plugins, .. } = configuration::configured(global, said)?;
    warn(&settings)?;
    let chosen = args.coverage || !args.rules.profile.is_empty() || !args.rules.select.is_empty();
    let selection = if chosen { settings.selection } else { Selection::all(settings.selection.registry()) };
    let mut out = BufWriter::new(io::stdout().lock());
    let style = reporting::style(global.color, Style::default());
    match args.format {
        RulesAs::Markdown => report::markdown(&selection, &mut out)?,
        RulesAs::Html => report::html(&selection, &mut out)?,
        RulesAs::Json if args.coverage => report::coverage(RulesFormat::Json, &selection, &style, &mut out)?,
        RulesAs::Json => report::rules(RulesFormat::Json, &selection, &style, &mut out)?,
        RulesAs::Text => {
            if !args.coverage {
                report::rules(RulesFormat::Text, &selection, &style, &mut out)?;
            }
            report::coverage(RulesFormat::Text, &selection, &style, &mut out)?;
        }
    }
    out.flush()?;
    complain(plugins.as_ref())
}

/// Tells where the chosen profiles contradict each other.
fn warn(settings: &Settings) -> Result<()> {
    for contradiction in settings.selection.contradictions() {
        tell(&format!("warning: {contradiction}"))?;
    }
    Ok(())
}

/// Tells which plugins could not be loaded.
fn complain(plugins: Option<&Plugins>) -> Result<u8> {
    let troubles = plugins.map(|plugins| plugins.troubles.as_slice()).unwrap_or_default();
    for trouble in troubles {
        tell(&format!("{}: {}", trouble.path, trouble.note().message))?;
    }
    Ok(if troubles.is_empty() { CLEAN } else { ERROR })
}

/// Shows the page of a rule. Plugins are loaded for rules that are not built in.
fn explain(args: &ExplainArgs, global: &GlobalArgs) -> Result<u8> {
    let name = args.rule.as_str();
    let rule = match RuleId::find(name) {
        Some(rule) => rule,
        None => {
            let said = Said { plugins: Some(&args.plugins), ..Said::default() };
            let Configured { settings, plugins, .. } = configuration::configured(global, said)?;
            let registry = settings.selection.registry();
            let Some(rule) = registry.find(name) else {
                complain(plugins.as_ref())?;
                let help = registry.nearest(name).map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
                bail!("no rule is called `{name}`{help}");
            };
            rule
        }
    };
    let mut out = BufWriter::new(io::stdout().lock());
    report::explain(rule, &reporting::style(global.color, Style::default()), &mut out)?;
    out.flush()?;
    Ok(CLEAN)
}

/// Prints a JSON Schema.
fn schema(of: SchemaOf) -> Result<u8> {
    let schema = match of {
        SchemaOf::Config => schemars::schema_for!(ConfigFile),
        SchemaOf::Report => report::json::schema(),
        SchemaOf::Cluster => report::cluster::schema(),
    };
    let mut out = BufWriter::new(io::stdout().lock());
    serde_json::to_writer_pretty(&mut out, &schema)?;
    writeln!(out)?;
    out.flush()?;
    Ok(CLEAN)
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error
        .chain()
        .any(|cause| cause.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_the_one_that_clap_would_print() {
        assert_eq!(App::command().render_version(), format!("{VERSION}\n"));
    }
}
