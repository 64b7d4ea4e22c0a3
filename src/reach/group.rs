//! Puts what is the same for many kinds, databases and users of a table together.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::hash::Hash;

use crate::reach::{Kinds, Name, Range};

/// Connections of which the same is said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group<V> {
    /// What.
    pub value: V,
    /// The users.
    pub users: Vec<Name>,
    /// The databases.
    pub databases: Vec<Name>,
    /// The kinds.
    pub kinds: Kinds,
    /// The addresses, in order.
    pub ranges: Vec<Range>,
}

/// The users by the databases to which the same is said of them.
type Pairs = BTreeMap<Name, BTreeSet<Name>>;

/// Collects what is said of single columns.
#[derive(Debug)]
pub struct Groups<V>(HashMap<(V, Kinds, Vec<Range>), Pairs>);

impl<V: Clone + Ord + Hash> Default for Groups<V> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<V: Clone + Ord + Hash> Groups<V> {
    /// Adds what is said of a database and a user, by kind.
    pub fn add(&mut self, user: &Name, database: &Name, columns: impl IntoIterator<Item = (Kinds, Vec<(Range, V)>)>) {
        let mut by_ranges: BTreeMap<(V, Vec<Range>), Kinds> = BTreeMap::new();
        for (kind, column) in columns {
            let mut by_value: BTreeMap<V, Vec<Range>> = BTreeMap::new();
            for (range, value) in column {
                let ranges = by_value.entry(value).or_default();
                match ranges.last_mut() {
                    Some(last) if let Some(both) = last.joined(range) => *last = both,
                    _ => ranges.push(range),
                }
            }
            for key in by_value {
                let kinds = by_ranges.entry(key).or_default();
                *kinds = *kinds | kind;
            }
        }
        for ((value, ranges), kinds) in by_ranges {
            let pairs = self.0.entry((value, kinds, ranges)).or_default();
            pairs.entry(user.clone()).or_default().insert(database.clone());
        }
    }

    /// The groups, in the order of what is said.
    #[must_use]
    pub fn groups(self) -> Vec<Group<V>> {
        let mut out = Vec::new();
        for ((value, kinds, ranges), pairs) in self.0 {
            let mut by_databases: BTreeMap<BTreeSet<Name>, Vec<Name>> = BTreeMap::new();
            for (user, databases) in pairs {
                by_databases.entry(databases).or_default().push(user);
            }
            for (databases, users) in by_databases {
                let (value, ranges) = (value.clone(), ranges.clone());
                out.push(Group { value, users, databases: databases.into_iter().collect(), kinds, ranges });
            }
        }
        out.sort_unstable_by(|one, other| {
            let key = |group: &Group<V>| (group.kinds, group.ranges.clone(), group.databases.clone());
            one.value
                .cmp(&other.value)
                .then_with(|| key(one).cmp(&key(other)))
                .then_with(|| one.users.cmp(&other.users))
        });
        out
    }
}

/// Some names among all of a table, in words; `any` are those beside replication.
#[must_use]
pub fn names(some: &[Name], all: &[Name], any: &str) -> String {
    let list = |names: &[&Name]| {
        let word = |name: &&Name| match name {
            Name::Named(name) => format!("`{name}`"),
            Name::Other => "all others".to_owned(),
            Name::Replication => "replication".to_owned(),
        };
        let mut shown = names.iter().take(MOST_NAMES).map(word).collect::<Vec<_>>();
        if names.len() > MOST_NAMES {
            shown.push(format!("{} more", names.len() - MOST_NAMES));
        }
        shown.join(", ")
    };
    if !some.contains(&Name::Other) {
        return list(&some.iter().collect::<Vec<_>>());
    }
    let some_of = some.iter().collect::<HashSet<_>>();
    let missing = all.iter().filter(|name| **name != Name::Replication && !some_of.contains(name));
    let missing = missing.collect::<Vec<_>>();
    let but = if missing.is_empty() { String::new() } else { format!(" but {}", list(&missing)) };
    let and = if some.contains(&Name::Replication) { " and replication" } else { "" };
    format!("{any}{but}{and}")
}

/// So many names are shown of a list.
const MOST_NAMES: usize = 8;
