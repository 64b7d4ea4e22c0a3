//! What names mean at a place of a query: the relations of FROM, and what else may be named there.

use crate::catalog::system::Relation;

/// What one SELECT brings into sight.
#[derive(Debug, Clone, Default)]
pub(super) struct Scope {
    pub(super) sources: Vec<Source>,
    /// Common table expressions: they hide relations of their names.
    pub(super) hides: Vec<String>,
    /// Names of results and of windows, which may stand where columns do.
    pub(super) labels: Vec<String>,
}

/// An item of FROM.
#[derive(Debug, Clone)]
pub(super) struct Source {
    /// The name by which its columns are called; empty if it has none.
    pub(super) name: String,
    /// What it is, if it is of the catalogue and its columns keep their names.
    pub(super) relation: Option<Relation>,
}

impl Scope {
    /// A place of which nothing is known.
    pub(super) fn unknown() -> Self {
        Self { sources: vec![Source { name: String::new(), relation: None }], ..Self::default() }
    }

    pub(super) fn hides(&self, name: &str) -> bool {
        self.hides.iter().any(|hidden| hidden == name)
    }

    /// Whether a bare name here may be something else than a column.
    pub(super) fn knows(&self, name: &str) -> bool {
        self.labels.iter().any(|label| label == name) || self.sources.iter().any(|source| source.name == name)
    }
}

/// The source of this name that is nearest.
pub(super) fn source<'s>(scopes: &'s [Scope], name: &str) -> Option<&'s Source> {
    scopes.iter().rev().find_map(|scope| scope.sources.iter().find(|source| source.name == name))
}

/// Every relation whose columns may be named bare; `None` if some source is not of the catalogue.
pub(super) fn relations(scopes: &[Scope]) -> Option<Vec<Relation>> {
    scopes.iter().flat_map(|scope| &scope.sources).map(|source| source.relation).collect()
}
