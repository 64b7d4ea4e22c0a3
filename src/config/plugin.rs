//! The plugins that pgassay.toml and the command line name.

use std::io;
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};
use schemars::JsonSchema;
use serde::Deserialize;
use toml::Spanned;

use super::{ConfigError, ConfigFile, Flags};
use crate::plugin::limits::{Limits, parse_size, parse_time};
use crate::plugin::{Origin, Spec};
use crate::rule::Registry;

/// A plugin.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct PluginConfig {
    /// Its file, relative to pgassay.toml.
    #[schemars(with = "Option<String>")]
    pub path: Option<Spanned<String>>,
    /// The name of its file in one of `plugin-folders`, without `.wasm`.
    #[schemars(with = "Option<String>")]
    pub name: Option<Spanned<String>>,
    /// The SHA-256 that the file must have. The profile strict wants one.
    #[schemars(with = "Option<String>")]
    pub sha256: Option<Spanned<String>>,
    /// Its options, as its own documentation says.
    #[serde(default)]
    #[schemars(with = "serde_json::Map<String, serde_json::Value>")]
    pub options: toml::Table,
    /// What it may use up.
    #[serde(default)]
    pub limits: LimitsConfig,
}

/// What a plugin may use up.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct LimitsConfig {
    /// How long each of its calls may run: `"5s"` (the default), `"250ms"`.
    #[schemars(with = "Option<String>")]
    pub time: Option<Spanned<String>>,
    /// Its memory: `"256MiB"` (the default).
    #[schemars(with = "Option<String>")]
    pub memory: Option<Spanned<String>>,
    /// What it may hand over in one answer: `"16MiB"` (the default).
    #[schemars(with = "Option<String>")]
    pub output: Option<Spanned<String>>,
    /// How many findings it may have: 10000 by default.
    pub findings: Option<u32>,
}

/// What the command line says of plugins, and what lies in a folder.
#[allow(missing_debug_implementations, reason = "it holds a function")]
pub struct PluginFlags<'a> {
    /// `--profile`.
    pub profile: Vec<String>,
    /// `--plugin`.
    pub plugins: &'a [Utf8PathBuf],
    /// The plugins in a folder, sorted.
    pub in_folder: &'a dyn Fn(&Utf8Path) -> io::Result<Vec<Utf8PathBuf>>,
}

impl ConfigFile {
    /// Whether the file names plugins.
    #[must_use]
    pub fn has_plugins(&self) -> bool {
        !self.plugin.is_empty() || !self.plugin_folders.is_empty()
    }

    /// The plugins of a run, in the order of their loading. `path` is that of the file and `text` what is in it.
    ///
    /// # Errors
    /// A plugin that is named wrongly, or a folder that cannot be read.
    pub fn plugins(&self, path: &Utf8Path, text: &str, flags: &PluginFlags<'_>) -> Result<Vec<Spec>, ConfigError> {
        let folder = path.parent().unwrap_or(Utf8Path::new(""));
        let chosen = Flags { profile: flags.profile.clone(), ..Flags::default() };
        // Which rules plugins bring is not known before they are loaded.
        let pinned = self.has_plugins() && self.chosen(&chosen, &Registry::new([], true))?.strict;
        let mut specs = Vec::new();
        let mut in_folders = Vec::new();
        for name in &self.plugin_folders {
            let found = (flags.in_folder)(&folder.join(name.get_ref()));
            in_folders.extend(found.map_err(|error| {
                ConfigError::at(name, format!("the folder `{}` cannot be read: {error}", name.get_ref()))
            })?);
        }
        let text: Arc<str> = text.into();
        for (index, plugin) in self.plugin.iter().enumerate() {
            let origin = Origin { path: path.to_owned(), text: Arc::clone(&text), index };
            specs.push(plugin.spec(folder, &in_folders, pinned, origin)?);
        }
        in_folders.retain(|path| specs.iter().all(|spec| spec.path != *path));
        specs.extend(in_folders.into_iter().map(|path| Spec { pinned, ..Spec::new(path) }));
        for path in flags.plugins {
            if !specs.iter().any(|spec| spec.path == *path) {
                // Whoever runs the command names this file himself.
                specs.push(Spec::new(path.clone()));
            }
        }
        Ok(specs)
    }
}

impl PluginConfig {
    /// The plugin, which may be one of those `in_folders`.
    fn spec(
        &self,
        folder: &Utf8Path,
        in_folders: &[Utf8PathBuf],
        pinned: bool,
        origin: Origin,
    ) -> Result<Spec, ConfigError> {
        let path = match (&self.path, &self.name) {
            (Some(path), None) => folder.join(path.get_ref()),
            (None, Some(name)) => {
                let file = format!("{}.wasm", name.get_ref());
                let found = in_folders.iter().find(|path| path.file_name() == Some(&file)).cloned();
                found.ok_or_else(|| ConfigError {
                    help: Some("`plugin-folders` names the folders of plugins".to_owned()),
                    ..ConfigError::at(name, format!("no plugin folder holds `{file}`"))
                })?
            }
            (Some(path), Some(_)) => return Err(ConfigError::at(path, "a plugin has a `path` or a `name`, not both")),
            (None, None) => {
                return Err(ConfigError {
                    message: "a plugin has neither a `path` nor a `name`".to_owned(),
                    span: origin.place(""),
                    help: None,
                });
            }
        };
        let hex = |text: &str| text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        if let Some(sha256) = self.sha256.as_ref().filter(|sha256| !hex(sha256.get_ref())) {
            return Err(ConfigError::at(sha256, "a SHA-256 has 64 hexadecimal digits"));
        }
        Ok(Spec {
            sha256: self.sha256.as_ref().map(|sha256| sha256.get_ref().to_ascii_lowercase()),
            pinned,
            options: json(&self.options),
            limits: self.limits.read()?,
            origin: Some(origin),
            ..Spec::new(path)
        })
    }
}

impl LimitsConfig {
    /// The limits, with the defaults for what is not said.
    ///
    /// # Errors
    /// Text that is no time or no size.
    pub fn read(&self) -> Result<Limits, ConfigError> {
        let defaults = Limits::default();
        let size = |text: &Option<Spanned<String>>, default: usize| match text {
            Some(text) => parse_size(text.get_ref()).map_err(|error| ConfigError::at(text, error)),
            None => Ok(default),
        };
        Ok(Limits {
            time: match &self.time {
                Some(text) => parse_time(text.get_ref()).map_err(|error| ConfigError::at(text, error))?,
                None => defaults.time,
            },
            memory: size(&self.memory, defaults.memory)?,
            output: size(&self.output, defaults.output)?,
            findings: self.findings.map_or(defaults.findings, |findings| findings as usize),
        })
    }
}

/// A table of TOML as a JSON object. Dates become text, and what JSON has no number for is nothing.
#[must_use]
pub fn json(table: &toml::Table) -> serde_json::Value {
    serde_json::Value::Object(table.iter().map(|(key, value)| (key.clone(), value_of(value))).collect())
}

fn value_of(value: &toml::Value) -> serde_json::Value {
    match value {
        toml::Value::String(text) => text.clone().into(),
        toml::Value::Integer(number) => (*number).into(),
        toml::Value::Float(number) => (*number).into(),
        toml::Value::Boolean(value) => (*value).into(),
        toml::Value::Datetime(date) => date.to_string().into(),
        toml::Value::Array(values) => values.iter().map(value_of).collect(),
        toml::Value::Table(table) => json(table),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plugins(text: &str, profile: Option<&str>, flags: &[&str]) -> Result<Vec<Spec>, ConfigError> {
        let flags = flags.iter().map(Utf8PathBuf::from).collect::<Vec<_>>();
        let in_folder = |folder: &Utf8Path| match folder.as_str() {
            "conf/plugins" => Ok(vec!["conf/plugins/a.wasm".into(), "conf/plugins/b.wasm".into()]),
            _ => Err(io::Error::from(io::ErrorKind::NotFound)),
        };
        let flags = PluginFlags {
            profile: profile.map(str::to_owned).into_iter().collect(),
            plugins: &flags,
            in_folder: &in_folder,
        };
        ConfigFile::parse(text)?.plugins(Utf8Path::new("conf/pgassay.toml"), text, &flags)
    }

    #[test]
    fn plugins_are_named_by_path_or_by_folder() {
        let text = "plugin-folders = [\"plugins\"]\n[[plugin]]\npath = \"x.wasm\"\n[[plugin]]\nname = \"b\"\n\
                    options = { when = 2026-01-01, list = [1, 2.5, true], table = { a = \"b\" } }\n\
                    limits = { time = \"250ms\", memory = \"64MiB\", findings = 3 }\n";
        let specs = plugins(text, None, &["y.wasm", "conf/x.wasm"]).unwrap();
        let paths = specs.iter().map(|spec| spec.path.as_str()).collect::<Vec<_>>();
        assert_eq!(paths, ["conf/x.wasm", "conf/plugins/b.wasm", "conf/plugins/a.wasm", "y.wasm"]);
        let b = &specs[1];
        let options = serde_json::json!({ "when": "2026-01-01", "list": [1, 2.5, true], "table": { "a": "b" } });
        assert_eq!(b.options, options);
        assert_eq!((b.limits.time.as_millis(), b.limits.memory, b.limits.findings), (250, 64 << 20, 3));
        assert_eq!(b.limits.output, Limits::default().output);
        assert!(specs.iter().all(|spec| !spec.pinned));
    }

    #[test]
    fn strict_wants_hashes_of_what_is_configured() {
        let specs = plugins("[[plugin]]\npath = \"x.wasm\"\n", Some("strict"), &["y.wasm"]).unwrap();
        assert_eq!(specs.iter().map(|spec| spec.pinned).collect::<Vec<_>>(), [true, false]);
        let sum = "AB".repeat(32);
        let text = format!("profile = \"strict\"\n[[plugin]]\npath = \"x.wasm\"\nsha256 = \"{sum}\"\n");
        let specs = plugins(&text, None, &[]).unwrap();
        assert_eq!((specs[0].pinned, specs[0].sha256.as_deref()), (true, Some("ab".repeat(32).as_str())));
    }

    #[test]
    fn faults_name_their_place() {
        for (text, place, message) in [
            ("[[plugin]]\npath = \"a\"\nname = \"b\"\n", "\"a\"", "not both"),
            ("[[plugin]]\nname = \"c\"\n", "\"c\"", "no plugin folder"),
            ("plugin-folders = [\"none\"]\n", "\"none\"", "cannot be read"),
            ("[[plugin]]\npath = \"a\"\nsha256 = \"12\"\n", "\"12\"", "64 hexadecimal"),
            ("[[plugin]]\npath = \"a\"\nlimits = { time = \"soon\" }\n", "\"soon\"", "no time"),
            ("[[plugin]]\npath = \"a\"\nlimits = { memory = \"1\" }\n", "\"1\"", "no size"),
            ("[[plugin]]\npath = \"a\"\n[[plugin]]\nsha256 = \"\"\n", "[[plugin]]", "neither"),
        ] {
            let error = plugins(text, None, &[]).expect_err(text);
            assert!(error.message.contains(message), "{text}: {}", error.message);
            assert_eq!(error.span.and_then(|span| text.get(span)), Some(place), "{text}");
        }
    }
}
