//! What names mean at a place of a query: the relations of FROM, and what else may be named there.

use std::collections::{HashMap, HashSet};

use crate::catalog::system::Relation;

/// So many relations of one FROM are looked through for a bare column; with more, nothing is said of one.
const MOST_RELATIONS: usize = 50;

/// What one SELECT brings into sight.
#[derive(Debug, Default)]
pub(super) struct Scope {
    /// The sources by the names by which their columns are called; `None` is one that is not of the catalogue, or whose
    /// columns have other names.
    sources: HashMap<String, Option<Relation>>,
    /// All of the catalogue among them.
    relations: Vec<Relation>,
    /// Whether some source is not of the catalogue.
    open: bool,
    /// Common table expressions: they hide relations of their names.
    pub(super) hides: HashSet<String>,
    /// Names of results and of windows, which may stand where columns do.
    pub(super) labels: HashSet<String>,
}

/// A scope and those around it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scopes<'s> {
    pub(super) scope: &'s Scope,
    pub(super) around: Around<'s>,
}

/// The scopes around a query, if there are any.
pub(super) type Around<'s> = Option<&'s Scopes<'s>>;

impl Scope {
    /// Adds a source; one without a name has an empty one.
    pub(super) fn add(&mut self, name: String, relation: Option<Relation>) {
        match relation {
            Some(relation) if self.relations.len() < MOST_RELATIONS => self.relations.push(relation),
            _ => self.open = true,
        }
        self.sources.entry(name).or_insert(relation);
    }

    /// A place of which nothing is known.
    pub(super) fn unknown() -> Self {
        Self { open: true, ..Self::default() }
    }
}

fn each<'s>(around: Around<'s>) -> impl Iterator<Item = &'s Scope> {
    std::iter::successors(around, |scopes| scopes.around).map(|scopes| scopes.scope)
}

/// Whether a common table expression hides the relation of this name.
pub(super) fn hides(around: Around<'_>, name: &str) -> bool {
    each(around).any(|scope| scope.hides.contains(name))
}

/// Whether a bare name may be something else than a column.
pub(super) fn knows(around: Around<'_>, name: &str) -> bool {
    each(around).any(|scope| scope.labels.contains(name) || scope.sources.contains_key(name))
}

/// The relation whose columns are called by this name.
pub(super) fn source(around: Around<'_>, name: &str) -> Option<Relation> {
    each(around).find_map(|scope| scope.sources.get(name).copied()).flatten()
}

/// Every relation whose columns may be named bare; `None` if some source is not of the catalogue.
pub(super) fn relations(around: Around<'_>) -> Option<Vec<Relation>> {
    let closed = each(around).all(|scope| !scope.open);
    closed.then(|| each(around).flat_map(|scope| &scope.relations).copied().collect())
}
