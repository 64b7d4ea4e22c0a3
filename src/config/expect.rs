//! Expectations of who gets in by pg_hba.conf, which `pgassay hba expect` runs.

use schemars::JsonSchema;
use serde::Deserialize;
use toml::Spanned;

use super::{ConfigError, ConfigFile};
use crate::reach::{Database, Expectation};

/// An expectation of who gets in by pg_hba.conf.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ExpectConfig {
    /// The user; every user, if there is none.
    pub user: Option<String>,
    /// The database; every one but replication, if there is none.
    pub db: Option<String>,
    /// Physical replication, in place of a database.
    #[serde(default)]
    pub replication: bool,
    /// From where: an address, a network such as `10.1.0.0/16`, `socket`, `anywhere`, or `remote`, which is anywhere but
    /// 127.0.0.0/8 and ::1.
    #[schemars(with = "String")]
    pub from: Spanned<String>,
    /// By what kinds of connection: `tls`, `plain`, `gss`. By default `tls` and `plain`, and all where nobody is to be
    /// let in.
    #[serde(default)]
    pub over: Vec<String>,
    /// By which methods.
    #[serde(default)]
    pub by: Vec<String>,
    /// Whether they are to be let in.
    #[serde(default = "yes")]
    pub allow: bool,
}

fn yes() -> bool {
    true
}

impl ConfigFile {
    /// What is expected of who gets in.
    ///
    /// # Errors
    /// A word that means nothing.
    pub fn expectations(&self) -> Result<Vec<Expectation>, ConfigError> {
        self.expect.iter().map(ExpectConfig::expectation).collect()
    }
}

impl ExpectConfig {
    fn expectation(&self) -> Result<Expectation, ConfigError> {
        let wrong = |error: String| ConfigError::at(&self.from, error);
        let database = match (&self.db, self.replication) {
            (Some(_), true) => return Err(wrong("`db` and `replication` exclude each other".to_owned())),
            (Some(name), false) => Database::Named(name.clone()),
            (None, true) => Database::Replication,
            (None, false) => Database::Any,
        };
        let text = self.text();
        Expectation::new(self.user.as_deref(), database, self.from.get_ref(), &self.over, &self.by, self.allow, text)
            .map_err(wrong)
    }

    /// As a line of a file of expectations.
    fn text(&self) -> String {
        let mut out = if self.allow { String::new() } else { "no ".to_owned() };
        let word = |name: &str| {
            let plain = !["any", "no", "replication"].contains(&name) && !name.contains([' ', '"', '#']);
            if plain { name.to_owned() } else { format!("\"{name}\"") }
        };
        out.push_str(&self.user.as_deref().map_or("any".to_owned(), word));
        match &self.db {
            Some(name) => out.push_str(&format!(" on {}", word(name))),
            None if self.replication => out.push_str(" on replication"),
            None => {}
        }
        out.push_str(&format!(" from {}", self.from.get_ref()));
        for (name, words) in [("over", &self.over), ("by", &self.by)] {
            if !words.is_empty() {
                out.push_str(&format!(" {name} {}", words.join(",")));
            }
        }
        out
    }
}
