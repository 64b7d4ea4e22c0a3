//! Which rules run: profile, `--select`, `--ignore`, by id, family or tag.

use thiserror::Error;

use crate::rule::{Profile, RuleId};

/// The rules of a run.
#[derive(Debug, Clone)]
pub struct Selection {
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
        profile: Profile,
        only: &[String],
        extend: &[String],
        ignore: &[String],
    ) -> Result<Self, SelectionError> {
        let mut on = RuleId::all().map(|rule| only.is_empty() && rule.meta().profile <= profile).collect::<Vec<_>>();
        for (words, value) in [(only, true), (extend, true), (ignore, false)] {
            for word in words {
                for rule in named(word)? {
                    on[rule.0 as usize] = value;
                }
            }
        }
        Ok(Self { on })
    }

    /// Every rule.
    #[must_use]
    pub fn all() -> Self {
        Self { on: RuleId::all().map(|_| true).collect() }
    }

    /// Whether the rule runs.
    #[must_use]
    pub fn contains(&self, rule: RuleId) -> bool {
        self.on[rule.0 as usize]
    }

    /// The rules that run, by name.
    pub fn iter(&self) -> impl Iterator<Item = RuleId> {
        RuleId::all().filter(|&rule| self.contains(rule))
    }
}

/// The rules that `word` names: an id, a family, or a tag.
fn named(word: &str) -> Result<Vec<RuleId>, SelectionError> {
    if let Some(rule) = RuleId::find(word) {
        return Ok(vec![rule]);
    }
    let rules =
        RuleId::all().filter(|rule| rule.meta().family == word || rule.meta().tags.contains(&word)).collect::<Vec<_>>();
    if rules.is_empty() { Err(SelectionError { word: word.to_owned(), nearest: nearest(word) }) } else { Ok(rules) }
}

/// The rule whose id is nearest to `word`, if one is near.
#[must_use]
pub(crate) fn nearest(word: &str) -> Option<&'static str> {
    crate::catalog::nearest(word, RuleId::all().map(RuleId::name))
}
