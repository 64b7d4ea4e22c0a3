//! Connections of which it is not known where they lead, or which only wait to be used.
//!
//! Near one of them nobody can say that a server has no further standby.

use camino::Utf8Path;

use crate::model::Cluster;
use crate::model::topology::{Edge, Member};

/// Where there are so many of them, every server is near one.
const MOST: usize = 100;

/// The connections.
pub(super) struct Strange<'a> {
    /// The folders of the servers that make them.
    folders: Vec<&'a Utf8Path>,
}

impl<'a> Strange<'a> {
    pub(super) fn of(cluster: &'a Cluster) -> Self {
        let topology = &cluster.topology;
        let strange = |edge: &&Edge| edge.upstream.is_none() || !edge.active;
        let from = topology.edges.iter().filter(strange).filter_map(|edge| topology.members.get(edge.downstream));
        Self { folders: from.map(|member| member.folder.as_path()).take(MOST).collect() }
    }

    /// Whether one may lead to the server: it lies beside or below it, or the other way round.
    pub(super) fn is_near(&self, member: &Member) -> bool {
        let around = |folder: &'_ Utf8Path| folder.parent().unwrap_or(folder).to_owned();
        let home = around(&member.folder);
        let near = |folder: &&Utf8Path| folder.starts_with(&home) || member.folder.starts_with(around(folder));
        self.folders.len() >= MOST || self.folders.iter().any(near)
    }
}
