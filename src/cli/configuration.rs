//! Finds and reads pgassay.toml, and lays the command line's flags over it.

use anyhow::{Result, bail};
use camino::{Utf8Path, Utf8PathBuf};

use crate::cli::args::{GlobalArgs, InputArgs, SelectArgs};
use crate::config::{ConfigError, ConfigFile, Flags, Settings};
use crate::finding::{Confidence, Severity};
use crate::report;
use crate::source;

/// The name of the file.
const NAMES: [&str; 2] = ["pgassay.toml", ".pgassay.toml"];

/// The settings of a run over `input`.
pub(crate) fn settings(
    global: &GlobalArgs,
    input: &InputArgs,
    rules: &SelectArgs,
    fail_on: Option<Severity>,
    min_confidence: Option<Confidence>,
) -> Result<Settings> {
    let path = match &global.config {
        Some(path) => Some(path.clone()),
        None if global.no_config => None,
        None => nearest(input.paths.first().map_or(Utf8Path::new("."), Utf8PathBuf::as_path)),
    };
    let flags = Flags {
        pg: input.pg,
        profile: rules.profile,
        select: rules.select.clone(),
        extend_select: rules.extend_select.clone(),
        ignore: rules.ignore.clone(),
        fail_on,
        min_confidence,
    };
    let Some(path) = path else {
        return ConfigFile::default()
            .settings(Utf8Path::new(""), &flags)
            .map_err(|error| anyhow::anyhow!("{}", error.message));
    };
    let bytes = match source::read(&path) {
        Ok(bytes) => bytes,
        Err(error) => bail!("cannot read the configuration `{path}`: {error}"),
    };
    let Ok(text) = String::from_utf8(bytes) else { bail!("the configuration `{path}` is not UTF-8") };
    let folder = path.parent().unwrap_or(Utf8Path::new(""));
    ConfigFile::parse(&text).and_then(|file| file.settings(folder, &flags)).map_err(|error| shown(&error, &path, &text))
}

fn shown(error: &ConfigError, path: &Utf8Path, text: &str) -> anyhow::Error {
    match &error.span {
        Some(span) => {
            anyhow::anyhow!("{}", report::excerpt(path, text, span.clone(), &error.message, error.help.as_deref()))
        }
        None => anyhow::anyhow!("{}", error.message),
    }
}

/// The nearest configuration file at or above `path`, up to the folder that holds `.git`; relative to the working
/// directory where it lies below it.
#[expect(clippy::disallowed_methods, reason = "the command line looks for its configuration")]
fn nearest(path: &Utf8Path) -> Option<Utf8PathBuf> {
    let current = Utf8PathBuf::from_path_buf(std::env::current_dir().ok()?).ok()?;
    let start = if path == "-" { current.clone() } else { path.canonicalize_utf8().ok()? };
    let start = if start.is_dir() { start.as_path() } else { start.parent()? };
    for folder in start.ancestors() {
        if let Some(found) = NAMES.iter().map(|name| folder.join(name)).find(|candidate| candidate.is_file()) {
            return Some(found.strip_prefix(&current).map_or(found.clone(), Utf8Path::to_owned));
        }
        if folder.join(".git").exists() {
            break;
        }
    }
    None
}
