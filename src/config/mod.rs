//! pgassay.toml: what a user may write, and the settings of a run that come of it and of the command line.
//!
//! Finding and reading the file is the command line's business.

mod effective;
mod expect;
mod plugin;
mod profile;
mod proposal;

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use camino::{Utf8Path, Utf8PathBuf};
use globset::{GlobBuilder, GlobSetBuilder};
use schemars::JsonSchema;
use serde::Deserialize;
use thiserror::Error;
use toml::Spanned;

use crate::catalog::{self, Majors, NEWEST, OLDEST};
use crate::discover::{Kind, Overrides};
use crate::finding::{Confidence, Severity};
use crate::model::{Duty, NodeSettings};
use crate::reach::Expectation;
use crate::rule::{Registry, RuleId, Selection, named};

pub use effective::{Held, Origin};
pub use expect::ExpectConfig;
pub use plugin::{LimitsConfig, PluginConfig, PluginFlags, json};
pub use profile::{ProfileConfig, RuleOptions};
pub(crate) use proposal::string as toml_string;
pub use proposal::{Before, proposal};

/// The file, as it is written.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
#[schemars(title = "pgassay.toml")]
pub struct ConfigFile {
    /// The PostgreSQL majors to judge for: `16`, `"14..18"` or `[14, 16]`.
    #[schemars(with = "Option<Pg>")]
    pub pg: Option<Spanned<Pg>>,
    /// The profile, or several: `default`, `strict`, a benchmark such as `cis-17`, or one of `profiles`.
    #[schemars(with = "Option<profile::Profiles>")]
    pub profile: Option<Spanned<toml::Value>>,
    /// Profiles of one's own, by name.
    #[schemars(with = "BTreeMap<String, ProfileConfig>")]
    pub profiles: BTreeMap<Spanned<String>, ProfileConfig>,
    /// Run these rules, families or tags only.
    #[schemars(with = "Vec<String>")]
    pub select: Vec<Spanned<String>>,
    /// Run these rules, families or tags too.
    #[schemars(with = "Vec<String>")]
    pub extend_select: Vec<Spanned<String>>,
    /// Leave these rules, families or tags out.
    #[schemars(with = "Vec<String>")]
    pub ignore: Vec<Spanned<String>>,
    /// The lowest severity that makes the exit code 1: `info`, `warning` (the default) or `error`.
    pub fail_on: Option<Severity>,
    /// Findings of a lower confidence are not shown: `low`, `medium` (the default) or `high`.
    pub min_confidence: Option<Confidence>,
    /// The baseline, relative to this file: known findings, which `pgassay check` leaves out.
    #[schemars(with = "Option<String>")]
    pub baseline: Option<Spanned<String>>,
    /// What files are, by glob: a kind such as `"pg_hba.conf"`, or `"skip"`.
    #[schemars(with = "BTreeMap<String, String>")]
    pub files: BTreeMap<Spanned<String>, Spanned<String>>,
    /// Severities and options of single rules.
    #[schemars(with = "BTreeMap<String, profile::RuleSchema>")]
    pub rules: RuleOptions,
    /// What is known of a node that its files do not say.
    pub node: Vec<NodeConfig>,
    /// Who is expected to get in by pg_hba.conf, for `pgassay hba expect`.
    pub expect: Vec<ExpectConfig>,
    /// Folders, relative to this file. Every `*.wasm` in them is loaded as a plugin.
    #[schemars(with = "Vec<String>")]
    pub plugin_folders: Vec<Spanned<String>>,
    /// Plugins.
    pub plugin: Vec<PluginConfig>,
}

/// Majors as pgassay.toml writes them.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Pg {
    /// One major.
    Major(u8),
    /// `14`, `14..18`, `14, 16`.
    Text(String),
    /// Several majors.
    List(Vec<u8>),
}

/// What is known of a node: `path`, `files` or `name` must be there.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct NodeConfig {
    /// The folder of its files, relative to pgassay.toml.
    #[schemars(with = "Option<String>")]
    pub path: Option<Spanned<String>>,
    /// Files and folders of its own that lie elsewhere, relative to pgassay.toml.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub files: Vec<Spanned<String>>,
    /// How reports call it.
    #[schemars(with = "Option<String>")]
    pub name: Option<Spanned<String>>,
    /// Its majors.
    #[schemars(with = "Option<Pg>")]
    pub pg: Option<Spanned<Pg>>,
    /// Its part in replication: `primary`, `standby`, `publisher` or `subscriber`.
    pub role: Option<Duty>,
    /// The host names by which others reach it.
    #[serde(default)]
    pub hosts: Vec<String>,
    /// The addresses by which others reach it, and from which it connects to them.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub addresses: Vec<Spanned<String>>,
    /// The nodes that it replicates from, by name.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub replicates_from: Vec<Spanned<String>>,
}

/// What is wrong with pgassay.toml.
#[derive(Debug, Error)]
#[error("{message}")]
pub struct ConfigError {
    /// What.
    pub message: String,
    /// The bytes meant, if it is about some.
    pub span: Option<Range<usize>>,
    /// What to do.
    pub help: Option<String>,
}

impl ConfigError {
    fn at<T>(place: &Spanned<T>, message: impl fmt::Display) -> Self {
        Self { message: message.to_string(), span: Some(place.span()), help: None }
    }
}

/// What the command line says; what it leaves out is the file's to say.
#[derive(Debug, Default)]
pub struct Flags {
    /// `--pg`.
    pub pg: Option<Majors>,
    /// `--profile`.
    pub profile: Vec<String>,
    /// `--select`.
    pub select: Vec<String>,
    /// `--extend-select`.
    pub extend_select: Vec<String>,
    /// `--ignore`.
    pub ignore: Vec<String>,
    /// `--fail-on`.
    pub fail_on: Option<Severity>,
    /// `--min-confidence`.
    pub min_confidence: Option<Confidence>,
}

/// The settings of a run.
#[derive(Debug)]
pub struct Settings {
    /// The majors the user named.
    pub pg: Option<Majors>,
    /// The rules that run.
    pub selection: Selection,
    /// Severities in place of the rules' own.
    pub severities: BTreeMap<RuleId, Severity>,
    /// The lowest severity that makes the exit code 1.
    pub fail_on: Severity,
    /// Findings below it are filtered.
    pub min_confidence: Confidence,
    /// The file with the findings that are known.
    pub baseline: Option<Utf8PathBuf>,
    /// What files are.
    pub overrides: Overrides,
    /// Who is expected to get in.
    pub expectations: Vec<Expectation>,
    /// What is known of nodes.
    pub nodes: Vec<NodeSettings>,
}

impl Settings {
    /// Leads all that names places below one folder to those below another, both absolute.
    pub(crate) fn move_to(&mut self, from: &Utf8Path, to: &Utf8Path) {
        let nodes = self.nodes.iter_mut();
        let nodes = nodes.flat_map(|node| node.files.iter_mut().chain(&mut node.folder).chain([&mut node.key]));
        for path in nodes.chain([&mut self.overrides.root]) {
            if let Ok(below) = path.strip_prefix(from) {
                *path = to.join(below);
            }
        }
    }
}

impl ConfigFile {
    /// Parses the text of pgassay.toml.
    ///
    /// # Errors
    /// Text that is no TOML, an unknown key, a value of the wrong type.
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        toml::from_str(text).map_err(|error| {
            let span = error.span();
            let help = span.clone().and_then(|span| {
                let key = text.get(span)?.trim().trim_matches('"');
                let unknown = error.message().starts_with("unknown field");
                unknown.then(|| catalog::nearest(key, KEYS.iter().copied())).flatten()
            });
            ConfigError {
                message: error.message().to_owned(),
                span,
                help: help.map(|key| format!("did you mean `{key}`?")),
            }
        })
    }

    /// The settings of a run: flags win over the file. `folder` is where the file lies, `registry` the rules there are.
    ///
    /// # Errors
    /// A word in the file or a flag that names nothing.
    pub fn settings(&self, folder: &Utf8Path, flags: &Flags, registry: &Registry) -> Result<Settings, ConfigError> {
        let pg = match (&flags.pg, &self.pg) {
            (Some(pg), _) => Some(*pg),
            (None, pg) => pg.as_ref().map(majors).transpose()?,
        };
        let chosen = self.chosen(flags, registry)?;
        for word in self.select.iter().chain(&self.extend_select).chain(&self.ignore) {
            named(registry, word.get_ref()).map_err(|error| ConfigError::at(word, error))?;
        }
        let words = |flag: &[String], file: &[Spanned<String>]| {
            if flag.is_empty() { file.iter().map(|word| word.get_ref().clone()).collect() } else { flag.to_vec() }
        };
        let joined = |flag: &[String], file: &[Spanned<String>]| {
            flag.iter().cloned().chain(file.iter().map(|word| word.get_ref().clone())).collect::<Vec<_>>()
        };
        let only: Vec<String> = words(&flags.select, &self.select);
        let severities = chosen.severities();
        let selection = Selection::new(
            registry,
            chosen,
            &only,
            &joined(&flags.extend_select, &self.extend_select),
            &joined(&flags.ignore, &self.ignore),
        )
        .map_err(|error| ConfigError { message: error.to_string(), span: None, help: None })?;
        Ok(Settings {
            pg,
            selection,
            severities,
            fail_on: flags.fail_on.or(self.fail_on).unwrap_or(Severity::Warning),
            min_confidence: flags.min_confidence.or(self.min_confidence).unwrap_or(Confidence::Medium),
            baseline: self.baseline.as_ref().map(|path| folder.join(path.get_ref())),
            overrides: self.overrides(folder)?,
            expectations: self.expectations()?,
            nodes: nodes(&self.node, folder)?,
        })
    }

    fn overrides(&self, folder: &Utf8Path) -> Result<Overrides, ConfigError> {
        let mut globs = GlobSetBuilder::new();
        let mut kinds = Vec::new();
        for (glob, kind) in &self.files {
            let compiled = GlobBuilder::new(glob.get_ref()).literal_separator(true).build();
            globs.add(compiled.map_err(|error| ConfigError::at(glob, error.kind()))?);
            kinds.push(match kind.get_ref().as_str() {
                "skip" => None,
                name => Some(Kind::from_str(name).map_err(|error| ConfigError::at(kind, format!("{error}, skip")))?),
            });
        }
        let globs =
            globs.build().map_err(|error| ConfigError { message: error.to_string(), span: None, help: None })?;
        Ok(Overrides { globs, kinds, root: folder.to_owned() })
    }
}

impl NodeConfig {
    /// The node's settings, on its own.
    fn settings(&self, folder: &Utf8Path) -> Result<NodeSettings, ConfigError> {
        let place = |path: &Spanned<String>| {
            let path = path.get_ref().trim_start_matches("./").trim_end_matches('/');
            if path == "." { folder.to_owned() } else { folder.join(path) }
        };
        let address = |text: &Spanned<String>| {
            text.get_ref().parse().map_err(|_| {
                ConfigError::at(text, format!("`{}` is no IPv4 or IPv6 address; names go into `hosts`", text.get_ref()))
            })
        };
        let path = self.path.as_ref().map(place);
        let name = self.name.as_ref().map(|name| name.get_ref().clone());
        let first = self.files.first().map(place);
        let key = path.clone().or_else(|| name.as_ref().map(|name| folder.join(name))).or(first);
        let Some(key) = key else {
            let message = "a `[[node]]` needs `path`, `name` or `files`".to_owned();
            return Err(ConfigError { message, span: None, help: None });
        };
        Ok(NodeSettings {
            key,
            folder: path,
            files: self.files.iter().map(place).collect(),
            name,
            pg: self.pg.as_ref().map(majors).transpose()?,
            role: self.role,
            hosts: self.hosts.clone(),
            addresses: self.addresses.iter().map(address).collect::<Result<_, _>>()?,
            replicates_from: self.replicates_from.iter().map(|name| name.get_ref().clone()).collect(),
        })
    }
}

/// The nodes of the file. What one replicates from must be the name of another.
fn nodes(nodes: &[NodeConfig], folder: &Utf8Path) -> Result<Vec<NodeSettings>, ConfigError> {
    let settings = nodes.iter().map(|node| node.settings(folder)).collect::<Result<Vec<_>, _>>()?;
    let names = || nodes.iter().filter_map(|node| node.name.as_ref());
    for (index, name) in names().enumerate() {
        if names().take(index).any(|other| other.get_ref() == name.get_ref()) {
            return Err(ConfigError::at(name, format!("two nodes are called `{}`", name.get_ref())));
        }
    }
    for source in nodes.iter().flat_map(|node| &node.replicates_from) {
        if !names().any(|name| name.get_ref() == source.get_ref()) {
            let near = catalog::nearest(source.get_ref(), names().map(|name| name.get_ref().as_str()));
            let help = near.map(|near| format!("did you mean `{near}`?"));
            let message = format!("no `[[node]]` has the name `{}`", source.get_ref());
            return Err(ConfigError { help, ..ConfigError::at(source, message) });
        }
    }
    Ok(settings)
}

/// The keys of the file and its tables, for "did you mean".
const KEYS: &[&str] = &[
    "pg",
    "profile",
    "profiles",
    "title",
    "extends",
    "select",
    "extend-select",
    "ignore",
    "fail-on",
    "min-confidence",
    "baseline",
    "files",
    "rules",
    "node",
    "severity",
    "path",
    "name",
    "role",
    "hosts",
    "addresses",
    "replicates-from",
    "expect",
    "user",
    "db",
    "replication",
    "from",
    "over",
    "by",
    "allow",
    "plugin-folders",
    "plugin",
    "sha256",
    "options",
    "limits",
    "time",
    "memory",
    "output",
    "findings",
];

fn majors(pg: &Spanned<Pg>) -> Result<Majors, ConfigError> {
    let text = match pg.get_ref() {
        Pg::Major(major) => major.to_string(),
        Pg::Text(text) => text.clone(),
        Pg::List(list) => list.iter().map(ToString::to_string).collect::<Vec<_>>().join(","),
    };
    text.parse().map_err(|error| ConfigError::at(pg, error))
}

/// Text that names no majors.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum MajorsError {
    /// A word that is no number.
    #[error("`{0}` is no PostgreSQL major; write `16`, `14..18` or `14,16`")]
    NoMajor(String),
    /// A number outside of what pgassay knows.
    #[error("PostgreSQL {0} is not known; pgassay knows {OLDEST} to {NEWEST}")]
    Unknown(u8),
    /// A range from high to low.
    #[error("the range {0}..{1} is empty")]
    Empty(u8, u8),
}

/// `16`, `14..18` (both ends included), and several of these with commas.
impl FromStr for Majors {
    type Err = MajorsError;

    fn from_str(text: &str) -> Result<Self, MajorsError> {
        let major = |word: &str| {
            let number = word.trim().parse::<u8>().map_err(|_| MajorsError::NoMajor(word.trim().to_owned()))?;
            if Self::ALL.contains(number) { Ok(number) } else { Err(MajorsError::Unknown(number)) }
        };
        let mut set = Self::NONE;
        for word in text.split(',') {
            let (first, last) = match word.split_once("..") {
                Some((first, last)) => (major(first)?, major(last.trim_start_matches('='))?),
                None => (major(word)?, major(word)?),
            };
            if first > last {
                return Err(MajorsError::Empty(first, last));
            }
            set = set | Self::range(first, last);
        }
        Ok(set)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn majors_as_users_write_them() {
        assert_eq!("16".parse(), Ok(Majors::only(16)));
        assert_eq!("14..18".parse(), Ok(Majors::range(14, 18)));
        assert_eq!("14..19".parse(), Ok(Majors::since(14)));
        assert_eq!("10, 12..=13".parse(), Ok(Majors::only(10) | Majors::range(12, 13)));
        assert_eq!("9.6".parse::<Majors>(), Err(MajorsError::NoMajor("9.6".to_owned())));
        assert_eq!("20".parse::<Majors>(), Err(MajorsError::Unknown(20)));
        assert_eq!("18..14".parse::<Majors>(), Err(MajorsError::Empty(18, 14)));
    }

    fn error(text: &str) -> (String, Option<String>, String) {
        let error = ConfigFile::parse(text)
            .and_then(|file| file.settings(Utf8Path::new(""), &Flags::default(), &Registry::default()).map(drop))
            .expect_err("the text is faulty");
        (error.message, error.help, error.span.and_then(|span| text.get(span)).unwrap_or_default().to_owned())
    }

    #[test]
    fn faults_name_their_place() {
        let (message, help, place) = error("pg = 16\nprofle = \"strict\"\n");
        assert!(message.starts_with("unknown field `profle`"), "{message}");
        assert_eq!((help.as_deref(), place.as_str()), (Some("did you mean `profile`?"), "profle"));
        assert_eq!(error("pg = 9\n").2, "9");
        assert_eq!(error("profile = \"lax\"\n").2, "\"lax\"");
        let (message, help, place) = error("[rules.fsync-of]\nseverity = \"error\"\n");
        assert_eq!(message, "no rule is called `fsync-of`");
        assert_eq!((help.as_deref(), place.as_str()), (Some("did you mean `fsync-off`?"), "fsync-of"));
        assert_eq!(error("[rules.fsync-of]\n").2, "fsync-of");
        assert_eq!(error("[rules]\nfsync-of.severity = \"error\"\n").2, "fsync-of");
        assert_eq!(error("[profiles.own.rules.fsync-of]\nseverity = \"error\"\n").2, "fsync-of");
        assert_eq!(error("[rules.fsync-off]\nseverty = \"error\"\n").2, "severty");
        assert_eq!(error("[files]\n\"*.cfg\" = \"hba\"\n").2, "\"hba\"");
        assert_eq!(error("ignore = [\"no-such\"]\n").2, "\"no-such\"");
    }

    #[test]
    fn flags_win() {
        let file = ConfigFile::parse("pg = \"14..15\"\nfail-on = \"error\"\nignore = [\"fsync-off\"]\n").unwrap();
        let settings = file
            .settings(
                Utf8Path::new(""),
                &Flags { pg: Some(Majors::only(18)), ..Flags::default() },
                &Registry::default(),
            )
            .unwrap();
        assert_eq!(settings.pg, Some(Majors::only(18)));
        assert_eq!(settings.fail_on, Severity::Error);
        assert!(!settings.selection.contains(crate::rule::id::FSYNC_OFF));
    }
}
