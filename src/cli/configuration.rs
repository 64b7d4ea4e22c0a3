//! Finds and reads pgassay.toml, and lays the command line's flags over it.

use anyhow::{Result, bail};
use camino::{Utf8Component, Utf8Path, Utf8PathBuf};

use crate::cli::args::{GlobalArgs, InputArgs, PluginArgs, SelectArgs};
use crate::cli::plugin as plugin_command;
use crate::config::{ConfigError, ConfigFile, Flags, PluginFlags, Settings};
use crate::finding::{Confidence, Severity};
use crate::plugin::{self, Plugins, Spec};
use crate::report;
use crate::rule::Registry;
use crate::source;
use crate::triage::Note;

/// The names of the file.
pub(crate) const NAMES: [&str; 2] = ["pgassay.toml", ".pgassay.toml"];

/// What pgassay.toml and the command line make of a run.
pub(crate) struct Configured {
    pub(crate) settings: Settings,
    /// The plugins, if there are any.
    pub(crate) plugins: Option<Plugins>,
    /// Where the plugins are from, for those that ask them again.
    pub(crate) specs: Vec<Spec>,
    /// What there is to say of plugins so far.
    pub(crate) notes: Vec<Note>,
    /// The file.
    pub(crate) found: Found,
    /// What the command line says in its place.
    pub(crate) flags: Flags,
}

/// What a command says of a run.
#[derive(Clone, Copy, Default)]
pub(crate) struct Said<'a> {
    pub(crate) input: Option<&'a InputArgs>,
    /// Whether only the files named are reported; the configuration is then the working directory's.
    pub(crate) only_named: bool,
    pub(crate) rules: Option<&'a SelectArgs>,
    /// A command that runs no rules loads no plugins.
    pub(crate) plugins: Option<&'a PluginArgs>,
    pub(crate) fail_on: Option<Severity>,
    pub(crate) min_confidence: Option<Confidence>,
}

/// A configuration file that was read; an empty one without a path where there is none.
pub(crate) struct Found {
    pub(crate) path: Utf8PathBuf,
    pub(crate) text: String,
    pub(crate) file: ConfigFile,
}

impl Found {
    /// Finds the file from `start` on, and reads it.
    fn read(global: &GlobalArgs, start: &Utf8Path) -> Result<Self> {
        let path = match &global.config {
            Some(path) => Some(path.clone()),
            None if global.no_config => None,
            None => nearest(start),
        };
        let text = path.as_deref().map(text).transpose()?.unwrap_or_default();
        let path = path.unwrap_or_default();
        let file = ConfigFile::parse(&text).map_err(|error| shown(&error, &path, &text))?;
        Ok(Self { path, text, file })
    }

    fn specs(&self, rules: &SelectArgs, plugins: &PluginArgs) -> Result<Vec<Spec>> {
        let flags =
            PluginFlags { profile: rules.profile.clone(), plugins: &plugins.plugin, in_folder: &plugin::in_folder };
        self.file.plugins(&self.path, &self.text, &flags).map_err(|error| self.shown(&error))
    }

    fn shown(&self, error: &ConfigError) -> anyhow::Error {
        shown(error, &self.path, &self.text)
    }
}

/// The plugins of pgassay.toml, which are not loaded.
pub(crate) fn specs(global: &GlobalArgs) -> Result<Vec<Spec>> {
    Found::read(global, Utf8Path::new("."))?.specs(&SelectArgs::default(), &PluginArgs::default())
}

/// Reads the configuration, loads the plugins, and settles what is to run.
pub(crate) fn configured(global: &GlobalArgs, said: Said<'_>) -> Result<Configured> {
    let named = said.input.filter(|_| !said.only_named).and_then(|input| input.paths.first());
    let start = named.map_or(Utf8Path::new("."), Utf8PathBuf::as_path);
    let found = Found::read(global, start)?;
    let defaults = SelectArgs::default();
    let rules = said.rules.unwrap_or(&defaults);
    let (mut plugins, mut notes, mut specs) = (None, Vec::new(), Vec::new());
    if let Some(args) = said.plugins {
        specs = found.specs(rules, args)?;
        if !specs.is_empty() {
            let (loaded, told) = plugin_command::load(specs.clone(), args)?;
            (plugins, notes) = (Some(loaded), told);
        }
    }
    // Where plugins are not loaded, what names their rules is not wrong.
    let registry = match &plugins {
        Some(plugins) => plugins.registry(),
        None => Registry::new([], said.plugins.is_none() && found.file.has_plugins()),
    };
    let flags = Flags {
        pg: said.input.and_then(|input| input.pg),
        profile: rules.profile.clone(),
        select: rules.select.clone(),
        extend_select: rules.extend_select.clone(),
        ignore: rules.ignore.clone(),
        fail_on: said.fail_on,
        min_confidence: said.min_confidence,
    };
    let folder = found.path.parent().unwrap_or(Utf8Path::new(""));
    let settings = found.file.settings(folder, &flags, &registry).map_err(|error| found.shown(&error))?;
    Ok(Configured { settings, plugins, specs, notes, found, flags })
}

fn text(path: &Utf8Path) -> Result<String> {
    let bytes = match source::read(path) {
        Ok(bytes) => bytes,
        Err(error) => bail!("cannot read the configuration `{path}`: {error}"),
    };
    let Ok(text) = String::from_utf8(bytes) else { bail!("the configuration `{path}` is not UTF-8") };
    Ok(text)
}

fn shown(error: &ConfigError, path: &Utf8Path, text: &str) -> anyhow::Error {
    match &error.span {
        Some(span) => {
            anyhow::anyhow!("{}", report::excerpt(path, text, span.clone(), &error.message, error.help.as_deref()))
        }
        None => {
            let help = error.help.as_ref().map(|help| format!("; {help}")).unwrap_or_default();
            anyhow::anyhow!("{}{help}", error.message)
        }
    }
}

/// The nearest configuration file at or above `path`, up to the folder that holds `.git`. Files have paths that begin as
/// `path` does, and so has this one where it lies beside them: what it says of files must name them as they are called.
#[expect(clippy::disallowed_methods, reason = "the command line looks for its configuration")]
fn nearest(path: &Utf8Path) -> Option<Utf8PathBuf> {
    let current = Utf8PathBuf::from_path_buf(std::env::current_dir().ok()?).ok()?;
    let path = if path == "-" { Utf8Path::new(".") } else { path };
    let folder = if path.is_dir() { path } else { path.parent()? };
    let folder = if folder.as_str().is_empty() { Utf8Path::new(".") } else { folder };
    let start = folder.canonicalize_utf8().ok()?;
    let found = nearest_above(&start)?;
    if let Ok(below) = found.strip_prefix(&start) {
        return Some(
            folder.components().filter(|part| *part != Utf8Component::CurDir).collect::<Utf8PathBuf>().join(below),
        );
    }
    Some(found.strip_prefix(&current).ok().filter(|_| path.is_relative()).map_or(found.clone(), Utf8Path::to_owned))
}

/// The nearest configuration file in a folder or one above it, up to the one that holds `.git`. A file has none in it.
pub(crate) fn nearest_above(start: &Utf8Path) -> Option<Utf8PathBuf> {
    for folder in start.ancestors() {
        if let Some(found) = NAMES.iter().map(|name| folder.join(name)).find(|candidate| candidate.is_file()) {
            return Some(found);
        }
        if folder.join(".git").exists() {
            break;
        }
    }
    None
}
