//! The rules of a run: the built-in ones, and those that plugins bring.

use crate::catalog;
use crate::rule::{RULES, RuleId, RuleMeta};

/// The rules of a run. Without plugins it costs nothing.
#[derive(Debug, Clone, Default)]
pub struct Registry {
    /// The rules of plugins, by name.
    added: Vec<RuleId>,
    /// Whether a plugin could not be loaded, so that its rules are not known.
    incomplete: bool,
}

impl Registry {
    /// The built-in rules and those of plugins. `incomplete` says that a plugin could not be loaded: names that nothing
    /// here has are then taken for its rules, which find nothing.
    #[must_use]
    pub fn new(plugins: impl IntoIterator<Item = RuleMeta>, incomplete: bool) -> Self {
        let mut metas = plugins.into_iter().collect::<Vec<_>>();
        metas.sort_by(|a, b| a.id.cmp(b.id));
        let indices = RULES.len() as u16..u16::MAX;
        let added = metas.into_iter().zip(indices).map(|(meta, index)| {
            // Findings hold rules by reference, as they do with the built-in ones. A plugin is loaded once in a run.
            RuleId(Box::leak(Box::new(RuleMeta { index, ..meta })))
        });
        Self { added: added.collect(), incomplete }
    }

    /// The rule called `name`.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<RuleId> {
        RuleId::find(name).or_else(|| {
            let index = self.added.binary_search_by(|rule| rule.name().cmp(name)).ok()?;
            self.added.get(index).copied()
        })
    }

    /// Every rule: the built-in ones by name, then those of plugins by name.
    pub fn iter(&self) -> impl Iterator<Item = RuleId> {
        RuleId::all().chain(self.added.iter().copied())
    }

    /// How many rules there are.
    #[must_use]
    pub fn len(&self) -> usize {
        RULES.len() + self.added.len()
    }

    /// Whether there is none; there always are.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether `name` may be a rule of a plugin that could not be loaded.
    #[must_use]
    pub fn may_be_missing(&self, name: &str) -> bool {
        self.incomplete && self.find(name).is_none()
    }

    /// The rule whose name is nearest to `word`, if one is near.
    #[must_use]
    pub fn nearest(&self, word: &str) -> Option<&'static str> {
        catalog::nearest(word, self.iter().map(RuleId::name))
    }
}
