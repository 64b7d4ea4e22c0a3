//! The command line, as it is typed. What it means is said by the commands.

use camino::Utf8PathBuf;
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::catalog::Majors;
use crate::cli::hba::HbaCommand;
use crate::cli::plugin::PluginCommand;
use crate::discover::Kind;
use crate::finding::{Confidence, Severity};
use crate::report::cluster::ClusterFormat;
use crate::report::{ConfigFormat, Format};

/// A policy and configuration linter for PostgreSQL.
///
/// Reads postgresql.conf, pg_hba.conf, pg_ident.conf, recovery settings, connection strings and replication SQL, and
/// says what the server will refuse, what has no effect and what is unsafe, for PostgreSQL 10 to 18.
#[derive(Debug, Parser)]
#[command(name = "pgassay", version, max_term_width = 100, args_conflicts_with_subcommands = true)]
pub(crate) struct App {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    #[command(flatten)]
    pub(crate) check: CheckArgs,
    #[command(flatten)]
    pub(crate) global: GlobalArgs,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Check files and folders; this is what pgassay does when no command is named
    Check(CheckArgs),
    /// List the rules
    Rules(RulesArgs),
    /// Write the findings that there are into a baseline, which `check` leaves out
    Baseline(BaselineArgs),
    /// Explain a rule
    Explain(ExplainArgs),
    /// Show the effective settings of each node, and where they come from
    Settings(SettingsArgs),
    /// Show what another major makes of the files, and mend them for it
    Upgrade(UpgradeArgs),
    /// Write a pgassay.toml with the servers of a folder
    Init(InitArgs),
    /// Show what holds of pgassay.toml, the command line and the profiles, and what said each value
    Config(ConfigArgs),
    /// Show the servers and what replicates between them, and how each was told
    Cluster(ClusterArgs),
    /// Show who gets in by pg_hba.conf
    #[command(subcommand)]
    Hba(HbaCommand),
    /// Make, test and look at plugins
    #[command(subcommand)]
    Plugin(PluginCommand),
    /// Serve an editor on standard input and output, by the Language Server Protocol
    Lsp,
    /// Print a JSON Schema
    Schema(SchemaArgs),
    /// Print a completion script
    #[command(hide = true)]
    Completions(CompletionsArgs),
}

#[derive(Debug, Default, Args)]
pub(crate) struct GlobalArgs {
    /// Use this configuration file
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        env = "PGASSAY_CONFIG",
        conflicts_with = "no_config",
        help_heading = "Global options"
    )]
    pub(crate) config: Option<Utf8PathBuf>,
    /// Read no configuration file
    #[arg(long, global = true, help_heading = "Global options")]
    pub(crate) no_config: bool,
    /// When to use colour
    #[arg(long, global = true, value_enum, default_value_t, value_name = "WHEN", help_heading = "Global options")]
    pub(crate) color: ColorChoice,
    /// Say more: files passed over, includes not followed, where the majors come from
    #[arg(short, long, global = true, help_heading = "Global options")]
    pub(crate) verbose: bool,
    /// Print findings only, no summary
    #[arg(short, long, global = true, conflicts_with = "verbose", help_heading = "Global options")]
    pub(crate) quiet: bool,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ColorChoice {
    #[default]
    Auto,
    Always,
    Never,
}

/// What to read; the same for every command that reads files.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct InputArgs {
    /// Files and folders; `-` is standard input [default: the current folder]
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<Utf8PathBuf>,
    /// The PostgreSQL majors to judge for: `16`, `14..18` or `14,16`
    #[arg(long, value_name = "MAJORS")]
    pub(crate) pg: Option<Majors>,
    /// What the named files are, such as `pg_hba.conf` or `sql`
    #[arg(long, value_name = "KIND")]
    pub(crate) kind: Option<Kind>,
    /// What standard input would be called as a file; tells its kind
    #[arg(long, value_name = "NAME")]
    pub(crate) stdin_filename: Option<Utf8PathBuf>,
    /// Follow includes that lead out of the folders given
    #[arg(long)]
    pub(crate) follow_outside: bool,
}

#[derive(Debug, Default, Args)]
pub(crate) struct CheckArgs {
    #[command(flatten)]
    pub(crate) input: InputArgs,
    #[command(flatten)]
    pub(crate) rules: SelectArgs,
    #[command(flatten)]
    pub(crate) plugins: PluginArgs,
    #[command(flatten)]
    pub(crate) edits: EditArgs,
    #[command(flatten)]
    pub(crate) known: KnownArgs,
    #[command(flatten)]
    pub(crate) report: ReportArgs,
    /// Report what concerns the files named, and read what lies around them only to judge them
    #[arg(long)]
    pub(crate) only_named: bool,
    /// The category of a SARIF report, where one commit has several
    #[arg(long, value_name = "NAME", help_heading = "Reporting")]
    pub(crate) sarif_category: Option<String>,
    /// Keep suppressed and known findings in a SARIF report, marked so; GitHub would show them as open
    #[arg(long, help_heading = "Reporting")]
    pub(crate) sarif_suppressed: bool,
}

/// What was known before and is not told again.
#[derive(Debug, Default, Args)]
pub(crate) struct KnownArgs {
    /// Leave out the findings of a baseline, in place of that of pgassay.toml
    #[arg(long, value_name = "FILE", conflicts_with = "no_baseline", help_heading = "Known findings")]
    pub(crate) baseline: Option<Utf8PathBuf>,
    /// Heed no baseline
    #[arg(long, help_heading = "Known findings")]
    pub(crate) no_baseline: bool,
    /// Report what is new since a git revision or lies on lines changed since; `REV...` is where HEAD left it
    #[arg(long, value_name = "REV", help_heading = "Known findings")]
    pub(crate) since: Option<String>,
    /// Report only what lies on changed lines: of `--since`, or of a unified diff from a file or standard input
    #[arg(
        long,
        value_name = "DIFF",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "-",
        help_heading = "Known findings"
    )]
    pub(crate) diff_only: Option<Utf8PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct BaselineArgs {
    #[command(flatten)]
    pub(crate) input: InputArgs,
    /// The file [default: `baseline` of pgassay.toml, or pgassay-baseline.json]
    #[arg(long, value_name = "FILE")]
    pub(crate) output: Option<Utf8PathBuf>,
    /// Only take out what is gone; exit 1 if something is
    #[arg(long)]
    pub(crate) prune: bool,
    /// Write nothing; exit 1 if something is gone
    #[arg(long, conflicts_with = "prune")]
    pub(crate) check: bool,
    /// Leave out findings of a lower confidence [default: medium]
    #[arg(long, value_enum, value_name = "CONFIDENCE")]
    pub(crate) min_confidence: Option<Confidence>,
    #[command(flatten)]
    pub(crate) rules: SelectArgs,
    #[command(flatten)]
    pub(crate) plugins: PluginArgs,
}

/// Where findings go, and what they make of the exit code.
#[derive(Debug, Default, Args)]
pub(crate) struct ReportArgs {
    /// The format of the report on standard output
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT", help_heading = "Reporting")]
    pub(crate) format: Format,
    /// Write a report to a file too; may be repeated
    #[arg(long, value_name = "FORMAT=PATH", value_parser = output, help_heading = "Reporting")]
    pub(crate) output: Vec<(Format, Utf8PathBuf)>,
    /// The lowest severity that makes the exit code 1 [default: warning]
    #[arg(long, value_enum, value_name = "SEVERITY", help_heading = "Reporting")]
    pub(crate) fail_on: Option<Severity>,
    /// Hide findings of a lower confidence [default: medium]
    #[arg(long, value_enum, value_name = "CONFIDENCE", help_heading = "Reporting")]
    pub(crate) min_confidence: Option<Confidence>,
    /// Exit 0 whatever was found; errors still exit 2
    #[arg(long, help_heading = "Reporting")]
    pub(crate) exit_zero: bool,
}

/// Which edits are made, or shown.
#[derive(Debug, Default, Args)]
pub(crate) struct EditArgs {
    /// Make the edits that are safe
    #[arg(long, conflicts_with = "diff", help_heading = "Edits")]
    pub(crate) fix: bool,
    /// With `--fix` or `--diff`: also the edits that change what the server does
    #[arg(long, help_heading = "Edits")]
    pub(crate) unsafe_fixes: bool,
    /// Show what the edits would change, for `git apply` or `patch -p1`, and change nothing
    #[arg(long, help_heading = "Edits")]
    pub(crate) diff: bool,
    /// With `--diff`: show secrets too, which are `****` otherwise
    #[arg(long, help_heading = "Edits")]
    pub(crate) show_secrets: bool,
}

impl ReportArgs {
    /// Whether a report of that format is asked for.
    pub(crate) fn asks(&self, format: Format) -> bool {
        self.format == format || self.output.iter().any(|(other, _)| *other == format)
    }
}

/// Which plugins bring rules, besides those of pgassay.toml.
#[derive(Debug, Default, Args)]
pub(crate) struct PluginArgs {
    /// Load a plugin; may be repeated
    #[arg(long, value_name = "FILE", help_heading = "Plugins")]
    pub(crate) plugin: Vec<Utf8PathBuf>,
    /// Compile plugins anew, and keep nothing of it
    #[arg(long, help_heading = "Plugins")]
    pub(crate) no_cache: bool,
}

/// Which rules run.
#[derive(Debug, Default, Args)]
pub(crate) struct SelectArgs {
    /// The rules to run: `default`, `strict`, a benchmark or a profile of pgassay.toml; several with commas
    #[arg(long, value_name = "PROFILE", value_delimiter = ',', help_heading = "Rules")]
    pub(crate) profile: Vec<String>,
    /// Run these rules, families or tags only
    #[arg(long, value_name = "RULE", value_delimiter = ',', help_heading = "Rules")]
    pub(crate) select: Vec<String>,
    /// Run these rules, families or tags too
    #[arg(long, value_name = "RULE", value_delimiter = ',', help_heading = "Rules")]
    pub(crate) extend_select: Vec<String>,
    /// Leave these rules, families or tags out
    #[arg(long, value_name = "RULE", value_delimiter = ',', help_heading = "Rules")]
    pub(crate) ignore: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct RulesArgs {
    #[command(flatten)]
    pub(crate) rules: SelectArgs,
    #[command(flatten)]
    pub(crate) plugins: PluginArgs,
    /// Show only how far the chosen profiles' benchmarks are covered
    #[arg(long)]
    pub(crate) coverage: bool,
    /// The format of the list
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    pub(crate) format: RulesAs,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ListFormat {
    #[default]
    Text,
    Json,
}

/// How `rules` writes them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum RulesAs {
    /// A table
    #[default]
    Text,
    /// All metadata
    Json,
    /// An index by family, benchmark and setting, with links to the pages in `rules/`
    Markdown,
    /// The reference with all pages, as one page
    Html,
}

#[derive(Debug, Args)]
pub(crate) struct ExplainArgs {
    /// The rule's id
    #[arg(value_name = "RULE")]
    pub(crate) rule: String,
    #[command(flatten)]
    pub(crate) plugins: PluginArgs,
}

#[derive(Debug, Args)]
pub(crate) struct ConfigArgs {
    /// The file or folder that would be checked; its pgassay.toml is the nearest at or above it [default: the current
    /// folder]
    #[arg(value_name = "PATH")]
    pub(crate) path: Option<Utf8PathBuf>,
    /// As `check` takes it
    #[arg(long, value_name = "MAJORS")]
    pub(crate) pg: Option<Majors>,
    #[command(flatten)]
    pub(crate) rules: SelectArgs,
    #[command(flatten)]
    pub(crate) plugins: PluginArgs,
    /// As `check` takes it
    #[arg(long, value_enum, value_name = "SEVERITY", help_heading = "Reporting")]
    pub(crate) fail_on: Option<Severity>,
    /// As `check` takes it
    #[arg(long, value_enum, value_name = "CONFIDENCE", help_heading = "Reporting")]
    pub(crate) min_confidence: Option<Confidence>,
    /// The format
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    pub(crate) format: ConfigFormat,
}

#[derive(Debug, Args)]
pub(crate) struct SettingsArgs {
    #[command(flatten)]
    pub(crate) input: InputArgs,
    /// Show this node only
    #[arg(long, value_name = "NODE")]
    pub(crate) node: Option<String>,
    /// Show this setting only; may be repeated
    #[arg(long, value_name = "SETTING")]
    pub(crate) name: Vec<String>,
    /// Show settings at their default too
    #[arg(long)]
    pub(crate) all: bool,
    /// The format of the list
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    pub(crate) format: ListFormat,
}

#[derive(Debug, Args)]
pub(crate) struct UpgradeArgs {
    /// Files and folders [default: the current folder]
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<Utf8PathBuf>,
    /// The major to upgrade to
    #[arg(long, value_name = "MAJOR")]
    pub(crate) to: u8,
    /// The majors to upgrade from, in place of those that the files give away: `13` or `12..14`
    #[arg(long, value_name = "MAJORS")]
    pub(crate) from: Option<Majors>,
    /// What the named files are, such as `pg_hba.conf` or `sql`
    #[arg(long, value_name = "KIND")]
    pub(crate) kind: Option<Kind>,
    /// Follow includes that lead out of the folders given
    #[arg(long)]
    pub(crate) follow_outside: bool,
    #[command(flatten)]
    pub(crate) edits: EditArgs,
    #[command(flatten)]
    pub(crate) rules: SelectArgs,
    #[command(flatten)]
    pub(crate) report: ReportArgs,
}

#[derive(Debug, Args)]
pub(crate) struct ClusterArgs {
    #[command(flatten)]
    pub(crate) input: InputArgs,
    /// The format
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    pub(crate) format: ClusterFormat,
}

#[derive(Debug, Args)]
pub(crate) struct InitArgs {
    /// The folder [default: the current one]
    #[arg(value_name = "PATH")]
    pub(crate) path: Option<Utf8PathBuf>,
    /// Replace the file that is there; of what it says, `pg`, `[files]` and nodes are kept
    #[arg(long)]
    pub(crate) force: bool,
    /// Print what would be written
    #[arg(long, conflicts_with = "force")]
    pub(crate) stdout: bool,
    /// Also add pgassay to the hooks of pre-commit
    #[arg(long)]
    pub(crate) pre_commit: bool,
    /// Also add a job for a CI service; may be repeated
    #[arg(long, value_enum, value_name = "SERVICE")]
    pub(crate) ci: Vec<CiService>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum CiService {
    /// A workflow of GitHub Actions, with code scanning
    Github,
    /// A job of GitLab CI, with a code quality report
    Gitlab,
}

#[derive(Debug, Args)]
pub(crate) struct SchemaArgs {
    /// Of what
    #[arg(value_enum)]
    pub(crate) of: SchemaOf,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SchemaOf {
    /// pgassay.toml
    Config,
    /// The JSON report
    Report,
    /// What `pgassay cluster --format json` prints
    Cluster,
}

#[derive(Debug, Args)]
pub(crate) struct CompletionsArgs {
    /// bash, elvish, fish, powershell or zsh
    #[arg(value_enum)]
    pub(crate) shell: clap_complete::Shell,
}

fn output(text: &str) -> Result<(Format, Utf8PathBuf), String> {
    let (format, path) = text.split_once('=').ok_or("write it as FORMAT=PATH, such as `sarif=report.sarif`")?;
    Ok((<Format as ValueEnum>::from_str(format, false)?, path.into()))
}
