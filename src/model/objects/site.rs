//! Which server a SQL file is for, and so which majors run it.

use std::collections::HashMap;

use camino::Utf8Path;

use crate::catalog::Majors;
use crate::model::{Node, NodeSettings};

/// Where a SQL file belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Site {
    /// The node whose folder holds the file, or the only node there is, by its index.
    pub node: Option<usize>,
    /// Whether the file lies in the node's folder or below it.
    pub inside: bool,
    /// The majors it is judged for.
    pub majors: Majors,
    /// Whether anything says so; if not, what the file uses is itself evidence of its major.
    pub known: bool,
    /// Whether the file surely is PostgreSQL's: it holds something that no other engine has.
    pub ours: bool,
}

impl Site {
    /// The majors to report something for that `by` refuse: none where the file may well be for the others.
    #[must_use]
    pub fn refused(&self, by: Majors) -> Majors {
        if self.known || by.covers(self.majors) { by & self.majors } else { Majors::NONE }
    }
}

/// The nodes by their folders.
pub(super) struct Places<'a> {
    nodes: &'a [Node],
    /// The only node of each folder; none where there are several.
    folders: HashMap<&'a Utf8Path, Option<usize>>,
    said: &'a [NodeSettings],
    all: Majors,
}

impl<'a> Places<'a> {
    pub(super) fn new(nodes: &'a [Node], said: &'a [NodeSettings]) -> Self {
        let mut folders: HashMap<&Utf8Path, Option<usize>> = HashMap::new();
        for (index, node) in nodes.iter().enumerate() {
            folders.entry(&node.folder).and_modify(|only| *only = None).or_insert(Some(index));
        }
        let all = nodes.iter().map(|node| node.targets.majors).reduce(Majors::or).unwrap_or(Majors::HELD);
        Self { nodes, folders, said, all }
    }

    /// Where the SQL of a path belongs: to the node of the nearest folder around it, or to the only one there is.
    pub(super) fn site(&self, path: &Utf8Path, said: Option<Majors>) -> Site {
        let holding = path.ancestors().skip(1).find_map(|folder| self.folders.get(folder));
        let (inside, node) = match holding {
            Some(Some(index)) => (true, Some(*index)),
            None if self.nodes.len() == 1 => (false, Some(0)),
            _ => (false, None),
        };
        let of_node = node.and_then(|index| self.nodes.get(index)).map_or(self.all, |node| node.targets.majors);
        // A node of which only SQL is seen has no configuration to tell its major.
        let own = self.said.iter().find(|node| node.names(path) || node.holds(path) && holding.is_none());
        let majors = said.or_else(|| own?.pg).unwrap_or(of_node);
        let known = said.is_some() || !majors.is_untold();
        Site { node, inside, majors, known, ours: false }
    }
}
