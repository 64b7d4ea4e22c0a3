//! Which rules run: profiles, `--select`, `--ignore`, by id, family or tag; and what their options are.

use thiserror::Error;

use crate::rule::{Chosen, Operator, OptionKind, OptionValue, Profile, ProfileError, Registry, RuleId};

/// The rules of a run, and their options.
#[derive(Debug, Clone)]
pub struct Selection {
    registry: Registry,
    chosen: Chosen,
}

/// What was given for a rule in place of its own.
#[derive(Debug)]
pub(crate) struct Told<'a> {
    pub(crate) rule: RuleId,
    /// `severity`, or an option.
    pub(crate) key: &'static str,
    pub(crate) words: Vec<String>,
    pub(crate) is_list: bool,
    /// The profile that gave it.
    pub(crate) by: &'a str,
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
    /// The rules of the chosen profiles, changed by words that each name a rule, a family or a tag: if `only` has any,
    /// nothing else runs; `extend` adds, `ignore` takes away and wins.
    ///
    /// # Errors
    /// A word that names nothing.
    pub fn new(
        registry: &Registry,
        mut chosen: Chosen,
        only: &[String],
        extend: &[String],
        ignore: &[String],
    ) -> Result<Self, SelectionError> {
        if !only.is_empty() {
            chosen.on.fill(false);
        }
        chosen.on.resize(registry.len(), false);
        for (words, value) in [(only, true), (extend, true), (ignore, false)] {
            for word in words {
                for rule in named(registry, word)? {
                    if let Some(on) = chosen.on.get_mut(rule.index()) {
                        *on = value;
                    }
                }
            }
        }
        Ok(Self { registry: registry.clone(), chosen })
    }

    /// The rules of a profile that is built in.
    ///
    /// # Errors
    /// There is none of that name.
    pub fn profile(registry: &Registry, name: &str) -> Result<Self, ProfileError> {
        Ok(Self { registry: registry.clone(), chosen: Chosen::of(registry, &[name])? })
    }

    /// These rules and those of which `more` says so.
    #[must_use]
    pub fn and(&self, more: impl Fn(RuleId) -> bool) -> Self {
        let on = self.registry.iter().map(|rule| self.contains(rule) || more(rule)).collect();
        Self { registry: self.registry.clone(), chosen: Chosen { on, ..self.chosen.clone() } }
    }

    /// These rules without those of which `less` says so.
    #[must_use]
    pub fn without(&self, less: impl Fn(RuleId) -> bool) -> Self {
        let on = self.registry.iter().map(|rule| self.contains(rule) && !less(rule)).collect();
        Self { registry: self.registry.clone(), chosen: Chosen { on, ..self.chosen.clone() } }
    }

    /// Every rule of the registry.
    #[must_use]
    pub fn all(registry: &Registry) -> Self {
        let chosen = Chosen { on: vec![true; registry.len()], ..Chosen::default() };
        Self { registry: registry.clone(), chosen }
    }

    /// The rules there are, whether they run or not.
    #[must_use]
    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// Whether the rule runs.
    #[must_use]
    pub fn contains(&self, rule: RuleId) -> bool {
        self.chosen.on.get(rule.index()) == Some(&true)
    }

    /// The rules that run, by name.
    pub fn iter(&self) -> impl Iterator<Item = RuleId> {
        self.registry.iter().filter(|&rule| self.contains(rule))
    }

    /// The names of the chosen profiles.
    #[must_use]
    pub fn profiles(&self) -> &[String] {
        &self.chosen.names
    }

    /// The benchmarks among the chosen profiles and what these extend.
    #[must_use]
    pub fn benchmarks(&self) -> &[&'static Profile<'static>] {
        &self.chosen.benchmarks
    }

    /// Where the chosen profiles contradict each other on rules that run, a sentence for each.
    #[must_use]
    pub fn contradictions(&self) -> Vec<String> {
        self.chosen.contradictions()
    }

    /// What was given for an option of a rule in place of its default.
    #[must_use]
    pub fn given(&self, rule: RuleId, option: &str) -> Option<&OptionValue> {
        self.chosen.option(rule, option)
    }

    /// What was given for rules that run, by rule and key.
    pub(crate) fn told(&self) -> Vec<Told<'_>> {
        let severities = self.chosen.severities.iter().map(|(&rule, (severity, by))| Told {
            rule,
            key: "severity",
            words: vec![severity.name().to_owned()],
            is_list: false,
            by,
        });
        let options = self.chosen.options.iter().map(|(&(rule, key), (value, by))| Told {
            rule,
            key,
            words: value.words().to_vec(),
            is_list: rule.meta().option(key).is_some_and(|option| option.kind == OptionKind::List),
            by,
        });
        let mut told = severities.chain(options).filter(|told| self.contains(told.rule)).collect::<Vec<_>>();
        told.sort_by_key(|told| (told.rule, told.key));
        told
    }

    /// The operator of a declarative rule, with the operand of this run.
    pub(crate) fn operator<'a>(&'a self, rule: RuleId, operator: Operator<'a>) -> Operator<'a> {
        // A declarative rule has one option, its operand.
        let given = rule.meta().options.first().and_then(|option| self.given(rule, option.name));
        given.map_or(operator, |given| operator.with(given))
    }
}

/// The rules that `word` names: an id, a family, or a tag.
///
/// # Errors
/// It names nothing.
pub(crate) fn named(registry: &Registry, word: &str) -> Result<Vec<RuleId>, SelectionError> {
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
