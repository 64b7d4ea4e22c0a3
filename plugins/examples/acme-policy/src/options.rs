//! What the policy allows, as the user sets it. Its form is in `options.schema.json`, against which pgassay has held it.

use std::collections::BTreeMap;

use pgassay_plugin::Network;
use regex_lite::Regex;
use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub(crate) struct Options {
    /// What the names of slots and subscriptions must look like.
    pub(crate) slot_pattern: Option<Pattern>,
    /// What a comment of a row of pg_hba.conf must have in it.
    pub(crate) ticket_pattern: Option<Pattern>,
    /// From where a role may log in.
    pub(crate) role_networks: BTreeMap<String, Vec<Network>>,
    /// What pgaudit must log.
    pub(crate) pgaudit_classes: Vec<String>,
    /// What may not be loaded.
    pub(crate) forbidden_extensions: Vec<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            slot_pattern: None,
            ticket_pattern: None,
            role_networks: BTreeMap::new(),
            pgaudit_classes: vec!["ddl".to_owned(), "role".to_owned()],
            forbidden_extensions: Vec::new(),
        }
    }
}

/// A regular expression, for whole names or for a part of a text.
#[derive(Debug, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Pattern {
    pub(crate) text: String,
    whole: Regex,
    part: Regex,
}

impl Pattern {
    /// Whether it matches all of the name.
    pub(crate) fn is_whole(&self, name: &str) -> bool {
        self.whole.is_match(name)
    }

    /// Whether it matches something in the text.
    pub(crate) fn is_in(&self, text: &str) -> bool {
        self.part.is_match(text)
    }
}

impl TryFrom<String> for Pattern {
    type Error = regex_lite::Error;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Ok(Self { part: Regex::new(&text)?, whole: Regex::new(&format!("^(?:{text})$"))?, text })
    }
}

#[cfg(test)]
mod tests {
    use crate::plugin;

    #[test]
    fn problems_point_at_their_values() {
        for (json, pointer) in [
            (r#"{"slot-pattern": "app_["}"#, "/slot-pattern"),
            (r#"{"ticket-pattern": "(OPS-1"}"#, "/ticket-pattern"),
            (r#"{"role-networks": {"payments": ["10.0.0.0/8", "10.2.0.1/16"]}}"#, "/role-networks/payments/1"),
        ] {
            let problems = plugin().read_options(json).unwrap_err();
            assert_eq!(
                problems.iter().map(|problem| problem.pointer.as_str()).collect::<Vec<_>>(),
                [pointer],
                "{json}"
            );
        }
    }

    #[test]
    fn nothing_set_is_the_usual_policy() {
        let options = plugin().read_options("{}").unwrap();
        assert_eq!(options.pgaudit_classes, ["ddl", "role"]);
        assert!(options.slot_pattern.is_none() && options.ticket_pattern.is_none());
        assert!(options.role_networks.is_empty() && options.forbidden_extensions.is_empty());
    }

    #[test]
    fn a_pattern_is_for_the_whole_or_for_a_part() {
        let options = plugin().read_options(r#"{"slot-pattern": "app_[a-z]+|legacy"}"#).unwrap();
        let pattern = options.slot_pattern.unwrap();
        assert!(pattern.is_whole("app_orders") && pattern.is_whole("legacy"));
        assert!(!pattern.is_whole("my_app_orders") && !pattern.is_whole("legacy2"));
        assert!(pattern.is_in("my_app_orders") && pattern.is_in("legacy2") && !pattern.is_in("app_"));
    }
}
