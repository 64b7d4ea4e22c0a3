//! Profiles and options of rules, as pgassay.toml has them.

use std::collections::BTreeMap;
use std::ops::Range;

use schemars::JsonSchema;
use serde::Deserialize;
use toml::Spanned;

use super::{ConfigError, ConfigFile, Flags};
use crate::finding::Severity;
use crate::rule::{Chosen, Given, Named, Profile, ProfileError, Registry, Value, Words, choose, known};

/// A profile of one's own.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct ProfileConfig {
    /// One line.
    pub title: String,
    /// Profiles whose rules and options it has too.
    pub extends: Vec<String>,
    /// Rules, families and tags that run.
    pub select: Vec<String>,
    /// Rules, families and tags that do not.
    pub ignore: Vec<String>,
    /// Severities and options of rules.
    #[schemars(with = "BTreeMap<String, RuleSchema>")]
    pub rules: RuleOptions,
}

/// What the file itself gives, beside its profiles, is given by this name.
pub(super) const FILE: &str = "pgassay.toml";

/// Options by rule; `severity` is one of every rule.
pub type RuleOptions = BTreeMap<Spanned<String>, BTreeMap<Spanned<String>, Spanned<toml::Value>>>;

/// Settings of one rule: `severity`, and what `pgassay explain` calls its options.
#[derive(JsonSchema)]
#[schemars(rename = "RuleConfig")]
#[allow(dead_code, reason = "it is there for its schema")]
pub(super) struct RuleSchema {
    /// In place of the rule's own.
    severity: Option<Severity>,
    #[schemars(flatten)]
    options: BTreeMap<String, OptionSchema>,
}

/// The value of an option.
#[derive(JsonSchema)]
#[schemars(untagged)]
#[allow(dead_code, reason = "it is there for its schema")]
enum OptionSchema {
    /// One word.
    Text(String),
    /// A number.
    Number(u64),
    /// `on` or `off`.
    Switch(bool),
    /// Several words.
    List(Vec<String>),
}

/// One profile or several.
#[derive(JsonSchema)]
#[schemars(untagged)]
#[allow(dead_code, reason = "it is there for its schema")]
pub(super) enum Profiles {
    /// One.
    One(String),
    /// Several.
    Several(Vec<String>),
}

impl From<ProfileError> for ConfigError {
    fn from(error: ProfileError) -> Self {
        Self { message: error.message, span: error.place, help: error.help }
    }
}

/// An option as it is written, its value as words.
struct Written<'a> {
    rule: &'a str,
    key: &'a Spanned<String>,
    words: Vec<String>,
    is_list: bool,
}

impl<'a> Written<'a> {
    fn all(rules: &'a RuleOptions, registry: &Registry) -> Result<Vec<Self>, ConfigError> {
        for rule in rules.keys() {
            known(registry, rule.get_ref(), Some(&rule.span()))?;
        }
        let options =
            rules.iter().flat_map(|(rule, options)| options.iter().map(move |(key, value)| (rule, key, value)));
        let written = options.map(|(rule, key, value)| {
            let (words, is_list) = match value.get_ref() {
                toml::Value::Array(values) => (values.iter().map(word).collect::<Option<Vec<_>>>(), true),
                value => (word(value).map(|word| vec![word]), false),
            };
            let message = "an option is a text, a number, true, false or a list of these";
            let words = words.ok_or_else(|| ConfigError::at(value, message))?;
            Ok(Self { rule: rule.get_ref(), key, words, is_list })
        });
        written.collect()
    }

    fn given(&self) -> Given<'_> {
        let value = match self.words.first() {
            Some(word) if !self.is_list => Value::Text(word),
            _ => Value::List(Words::Given(&self.words)),
        };
        Given { rule: self.rule, key: self.key.get_ref(), value, place: Some(self.key.span()) }
    }
}

/// A value as PostgreSQL writes it.
fn word(value: &toml::Value) -> Option<String> {
    match value {
        toml::Value::String(word) => Some(word.clone()),
        toml::Value::Integer(number) => Some(number.to_string()),
        toml::Value::Float(number) => Some(number.to_string()),
        toml::Value::Boolean(value) => Some(if *value { "on" } else { "off" }.to_owned()),
        _ => None,
    }
}

impl ConfigFile {
    /// What the profiles that the command line or the file names, and the file's own options, make of the rules.
    ///
    /// # Errors
    /// A name or a value that does not fit.
    pub fn chosen(&self, flags: &Flags, registry: &Registry) -> Result<Chosen, ConfigError> {
        let mut own = Vec::new();
        for (name, profile) in &self.profiles {
            if crate::rule::PROFILES.iter().any(|builtin| builtin.name == name.get_ref()) {
                return Err(ConfigError::at(name, format!("`{}` is a profile that is built in", name.get_ref())));
            }
            own.push((name, profile, Written::all(&profile.rules, registry)?));
        }
        let given = own.iter().map(|(.., written)| written.iter().map(Written::given).collect::<Vec<_>>());
        let given = given.collect::<Vec<_>>();
        let profiles = own.iter().zip(&given).map(|((name, profile, _), given)| Profile {
            name: name.get_ref(),
            title: &profile.title,
            prefix: None,
            level: None,
            extends: Words::Given(&profile.extends),
            select: Words::Given(&profile.select),
            ignore: Words::Given(&profile.ignore),
            given,
            sections: &[],
        });
        let profiles = profiles.collect::<Vec<_>>();
        // A profile that nobody chose is held to its words all the same.
        for name in self.profiles.keys() {
            choose(registry, &[Named { name: name.get_ref(), place: Some(name.span()) }], &profiles)?;
        }
        let (names, place) = self.names(flags)?;
        let names = names.iter().map(|name| Named { name, place: place.clone() }).collect::<Vec<_>>();
        let mut chosen = choose(registry, &names, &profiles)?;
        for written in Written::all(&self.rules, registry)? {
            chosen.give(registry, &written.given(), FILE)?;
        }
        Ok(chosen)
    }

    /// The names of the chosen profiles, and where the file says them.
    fn names(&self, flags: &Flags) -> Result<(Vec<String>, Option<Range<usize>>), ConfigError> {
        if !flags.profile.is_empty() {
            return Ok((flags.profile.clone(), None));
        }
        let Some(value) = &self.profile else { return Ok((vec!["default".to_owned()], None)) };
        let text = |value: &toml::Value| value.as_str().map(str::to_owned);
        let names = match value.get_ref() {
            toml::Value::Array(values) => values.iter().map(text).collect(),
            value => text(value).map(|name| vec![name]),
        };
        let names = names.ok_or_else(|| ConfigError::at(value, "`profile` is a name or a list of names"))?;
        Ok((names, Some(value.span())))
    }
}
