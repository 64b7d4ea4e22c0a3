//! Which rules run: profile, `--select`, `--ignore`, by id, family or tag.

use thiserror::Error;

use crate::rule::{Profile, Registry, RuleId};

/// The rules of a run.
#[derive(Debug, Clone)]
pub struct Selection {
    registry: Registry,
    /// By [`RuleId::index`].
    on: Vec<bool>,
}

/// A word that names no rule, family or tag.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("no rule, family or tag is called `{word}`{}", nearest.map(|name| format!("; did you mean `{name}`?")).unwrap_or_default())]
pub struct SelectionError {
    /// What was asked for.
    pub word: String,
    /// The nearest name there is.
    pub nearest: Option<&'static str>,
}

impl Selection {
    /// The rules of a profile, changed by words that each name a rule, a family or a tag: `select` adds (and if
    /// `only` is set, nothing else runs), `ignore` takes away and wins.
    ///
    /// # Errors
    /// A word that names nothing.
    pub fn new(
        registry: &Registry,
        profile: Profile,
        only: &[String],
        extend: &[String],
        ignore: &[String],
    ) -> Result<Self, SelectionError> {
        let mut on = registry.iter().map(|rule| only.is_empty() && rule.meta().profile <= profile).collect::<Vec<_>>();
        for (words, value) in [(only, true), (extend, true), (ignore, false)] {
            for word in words {
                for rule in named(registry, word)? {
                    if let Some(on) = on.get_mut(rule.index()) {
                        *on = value;
                    }
                }
            }
        }
        Ok(Self { registry: registry.clone(), on })
    }

    /// These rules and those of which `more` says so.
    #[must_use]
    pub fn and(&self, more: impl Fn(RuleId) -> bool) -> Self {
        let on = self.registry.iter().map(|rule| self.contains(rule) || more(rule)).collect();
        Self { on, ..self.clone() }
    }

    /// These rules without those of which `less` says so.
    #[must_use]
    pub fn without(&self, less: impl Fn(RuleId) -> bool) -> Self {
        let on = self.registry.iter().map(|rule| self.contains(rule) && !less(rule)).collect();
        Self { on, ..self.clone() }
    }

    /// Every rule of the registry.
    #[must_use]
    pub fn all(registry: &Registry) -> Self {
        Self { registry: registry.clone(), on: vec![true; registry.len()] }
    }

    /// The rules there are, whether they run or not.
    #[must_use]
    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// Whether the rule runs.
    #[must_use]
    pub fn contains(&self, rule: RuleId) -> bool {
        self.on.get(rule.index()) == Some(&true)
    }

    /// The rules that run, by name.
    pub fn iter(&self) -> impl Iterator<Item = RuleId> {
        self.registry.iter().filter(|&rule| self.contains(rule))
    }
}

/// The rules that `word` names: an id, a family, or a tag.
fn named(registry: &Registry, word: &str) -> Result<Vec<RuleId>, SelectionError> {
    if let Some(rule) = registry.find(word) {
        return Ok(vec![rule]);
    }
    let rules = registry
        .iter()
        .filter(|rule| rule.meta().family == word || rule.meta().tags.contains(&word))
        .collect::<Vec<_>>();
    if rules.is_empty() && !registry.may_be_missing(word) {
        return Err(SelectionError { word: word.to_owned(), nearest: registry.nearest(word) });
    }
    Ok(rules)
}
