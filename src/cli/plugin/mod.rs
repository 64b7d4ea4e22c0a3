//! `pgassay plugin`: what plugin authors and those who run plugins need.

mod bench;
mod inspect;
mod list;
mod load;
mod new;
mod project;
mod test;
mod verify;

use anyhow::Result;
use camino::Utf8PathBuf;
use clap::{Args, Subcommand, ValueEnum};

use crate::cli::args::{GlobalArgs, ListFormat, PluginArgs};

pub(crate) use load::load;

#[derive(Debug, Subcommand)]
pub(crate) enum PluginCommand {
    /// Write a new plugin project, which builds and passes its tests as it is
    New(NewArgs),
    /// Test a plugin project: the Bad and Good blocks of its pages, and its fixtures
    Test(TestArgs),
    /// List the plugins of pgassay.toml
    List(ListArgs),
    /// Show what a plugin's file is: imports, exports, version of the contract, rules, size, hash
    Inspect(InspectArgs),
    /// Compare the plugins of pgassay.toml with their hashes
    Verify,
    /// Measure a plugin: compiling, loading, describing, checking, memory
    Bench(BenchArgs),
}

#[derive(Debug, Args)]
pub(crate) struct NewArgs {
    /// The plugin's name: lower-case letters, digits and hyphens
    #[arg(value_name = "NAME")]
    name: String,
    /// The language it is written in
    #[arg(long, value_enum)]
    lang: Language,
    /// The folder to write to [default: the name]
    #[arg(long, value_name = "FOLDER")]
    path: Option<Utf8PathBuf>,
}

/// A language that there are a template and an SDK for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Language {
    Rust,
    Python,
    Js,
    C,
}

#[derive(Debug, Args)]
pub(crate) struct TestArgs {
    /// The folder of the project
    #[arg(value_name = "FOLDER", default_value = ".")]
    folder: Utf8PathBuf,
    /// Write the expectations of the fixtures anew; read them before you keep them
    #[arg(long)]
    update: bool,
    /// Compile the plugin anew, and keep nothing of it
    #[arg(long)]
    no_cache: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    #[command(flatten)]
    plugins: PluginArgs,
    /// The format of the list
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: ListFormat,
}

#[derive(Debug, Args)]
pub(crate) struct InspectArgs {
    /// The plugin
    #[arg(value_name = "FILE")]
    file: Utf8PathBuf,
    /// The format of the answer
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: ListFormat,
    /// Compile the plugin anew, and keep nothing of it
    #[arg(long)]
    no_cache: bool,
}

#[derive(Debug, Args)]
pub(crate) struct BenchArgs {
    /// The plugin
    #[arg(value_name = "FILE")]
    file: Utf8PathBuf,
    /// The files and folders to check [default: the current folder]
    #[arg(value_name = "PATH")]
    paths: Vec<Utf8PathBuf>,
    /// How often each step is run
    #[arg(long, value_name = "NUMBER", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    runs: u32,
    /// The plugin's options, as JSON
    #[arg(long, value_name = "JSON")]
    options: Option<String>,
}

pub(crate) fn run(command: &PluginCommand, global: &GlobalArgs) -> Result<u8> {
    match command {
        PluginCommand::New(args) => new::new(args),
        PluginCommand::Test(args) => test::test(args),
        PluginCommand::List(args) => list::list(args, global),
        PluginCommand::Inspect(args) => inspect::inspect(args),
        PluginCommand::Verify => verify::verify(global),
        PluginCommand::Bench(args) => bench::bench(args),
    }
}
