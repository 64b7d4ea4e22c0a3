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

use crate::load::Loaded;
use crate::model::{Cluster, NodeSettings};

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
}

impl Topology {
    /// Reads it out of a cluster and what the user says of the nodes.
    #[must_use]
    pub fn read(cluster: &Cluster, loaded: &Loaded, said: &[NodeSettings]) -> Self {
        let members = member::members(cluster, loaded, said);
        let edges = edge::edges(cluster, &members);
        Self { members, edges }
    }

    /// The edges that lead into a member.
    pub fn upstreams(&self, member: usize) -> impl Iterator<Item = &Edge> {
        self.edges.iter().filter(move |edge| edge.downstream == member)
    }

    /// The edges that a member feeds.
    pub fn downstreams(&self, member: usize) -> impl Iterator<Item = &Edge> {
        self.edges.iter().filter(move |edge| edge.upstream == Some(member))
    }

    /// The member that a node is a part of, by the node's index in the cluster.
    #[must_use]
    pub fn of_node(&self, node: usize) -> Option<usize> {
        self.members.iter().position(|member| member.nodes.contains(&node))
    }

    /// The member that runs a SQL file, by the file's index in the cluster.
    #[must_use]
    pub fn of_sql(&self, file: usize) -> Option<usize> {
        self.members.iter().position(|member| member.sql.contains(&file))
    }
}
