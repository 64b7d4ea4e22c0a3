//! Which server replicates from which: the servers of a tree with all that the tree says of each, and the connections
//! between them.
//!
//! A [`Member`] is a server: its configuration, the SQL that runs on it, the names and addresses by which others reach
//! it. An [`Edge`] is a standby or a subscription. Where a string leads is told from names, addresses and ports, or
//! said in pgassay.toml; where more than one server comes into question, an edge has no upstream. Nothing is judged
//! here.

mod edge;
mod identity;
mod member;
mod resolve;

use std::collections::HashMap;
use std::sync::OnceLock;

use crate::load::Loaded;
use crate::model::{Cluster, NodeSettings, Objects};

pub use edge::{Edge, Link};
pub use identity::Identity;
pub use member::{Access, Duty, Member, Said};

/// The servers and what replicates between them.
#[derive(Debug, Default)]
pub struct Topology {
    /// The servers, those with configuration first, in the order of the nodes.
    pub members: Vec<Member>,
    /// What replicates, in the order of the members.
    pub edges: Vec<Edge>,
    /// The members of the nodes and of the SQL files, by their indices.
    of_nodes: HashMap<usize, usize>,
    of_sql: HashMap<usize, usize>,
    /// The edges of standbys by their nodes.
    standbys: HashMap<usize, usize>,
    loose: OnceLock<Objects>,
}

impl Topology {
    /// Reads it out of a cluster and what the user says of the nodes.
    #[must_use]
    pub fn read(cluster: &Cluster, loaded: &Loaded, said: &[NodeSettings]) -> Self {
        let members = member::members(cluster, loaded, said);
        let edges = edge::edges(cluster, &members);
        let numbered = || members.iter().enumerate();
        let of_nodes = numbered().flat_map(|(index, of)| of.nodes.iter().map(move |&node| (node, index))).collect();
        let of_sql = numbered().flat_map(|(index, of)| of.sql.iter().map(move |&file| (file, index))).collect();
        let node = |edge: &Edge| if let Link::Physical { node } = edge.link { node } else { None };
        let standbys = edges.iter().enumerate().filter_map(|(index, edge)| Some((node(edge)?, index))).collect();
        Self { members, edges, of_nodes, of_sql, standbys, loose: OnceLock::new() }
    }

    /// The edges that lead into a member.
    pub fn upstreams(&self, member: usize) -> impl Iterator<Item = &Edge> {
        self.edges.iter().filter(move |edge| edge.downstream == member)
    }

    /// The edges that a member feeds.
    pub fn downstreams(&self, member: usize) -> impl Iterator<Item = &Edge> {
        self.edges.iter().filter(move |edge| edge.upstream == Some(member))
    }

    /// The edge of a standby, by the index of its node.
    #[must_use]
    pub fn of_standby(&self, node: usize) -> Option<&Edge> {
        self.edges.get(*self.standbys.get(&node)?)
    }

    /// The member that a node is a part of, by the node's index in the cluster.
    #[must_use]
    pub fn of_node(&self, node: usize) -> Option<usize> {
        self.of_nodes.get(&node).copied()
    }

    /// The member that runs a SQL file, by the file's index in the cluster.
    #[must_use]
    pub fn of_sql(&self, file: usize) -> Option<usize> {
        self.of_sql.get(&file).copied()
    }

    /// What SQL makes of which it is not told on which server it runs.
    pub fn loose<'a>(&'a self, cluster: &Cluster) -> &'a Objects {
        self.loose.get_or_init(|| {
            let files = (0..cluster.sql.len()).filter(|file| !self.of_sql.contains_key(file)).collect::<Vec<_>>();
            Objects::of(cluster, &files)
        })
    }
}
