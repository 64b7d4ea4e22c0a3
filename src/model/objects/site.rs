//! Which server a SQL file is for, and so which majors run it.

use camino::Utf8Path;

use crate::catalog::Majors;
use crate::model::Node;

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

pub(super) fn of(path: &Utf8Path, nodes: &[Node], said: Option<Majors>) -> Site {
    let folder = path.parent().unwrap_or(Utf8Path::new(""));
    let depth = |node: &Node| node.folder.components().count();
    let holds = |node: &Node| node.folder.as_str().is_empty() || folder.starts_with(&node.folder);
    let deepest = nodes.iter().filter(|node| holds(node)).map(depth).max();
    let mut holding = nodes.iter().enumerate().filter(|(_, node)| holds(node) && Some(depth(node)) == deepest);
    let (inside, node) = match (holding.next(), holding.next()) {
        (Some((index, _)), None) => (true, Some(index)),
        (None, _) if nodes.len() == 1 => (false, Some(0)),
        _ => (false, None),
    };
    let all = nodes.iter().map(|node| node.targets.majors).reduce(Majors::or).unwrap_or(Majors::ALL);
    let majors =
        said.unwrap_or_else(|| node.and_then(|index| nodes.get(index)).map_or(all, |node| node.targets.majors));
    let known = said.is_some() || majors != Majors::ALL;
    Site { node, inside, majors, known, ours: false }
}
