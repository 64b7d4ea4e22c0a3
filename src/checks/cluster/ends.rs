//! The two servers of an edge, and what checks ask of them.

use crate::catalog::Majors;
use crate::finding::Confidence;
use crate::model::Cluster;
use crate::model::topology::{Edge, Link, Member};
use crate::rule::Context;

/// An edge that is in use, with both of its servers.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ends<'a> {
    pub(super) cluster: &'a Cluster,
    pub(super) edge: &'a Edge,
    /// The server that sends.
    pub(super) up: &'a Member,
    /// The server that receives.
    pub(super) down: &'a Member,
}

/// The edges of the cluster that are in use and whose servers are both known and are not one.
pub(super) fn ends<'a>(cx: &Context<'a>) -> impl Iterator<Item = Ends<'a>> {
    let cluster = cx.cluster;
    let topology = &cluster.topology;
    topology.edges.iter().filter(|edge| edge.active).filter_map(move |edge| {
        let up = topology.members.get(edge.upstream.filter(|&up| up != edge.downstream)?)?;
        let down = topology.members.get(edge.downstream)?;
        Some(Ends { cluster, edge, up, down })
    })
}

impl Ends<'_> {
    /// Whether it is a standby's.
    pub(super) fn is_physical(&self) -> bool {
        matches!(self.edge.link, Link::Physical { .. })
    }

    /// How sure a finding can be at most: a sender that is only the likeliest makes it less so.
    pub(super) fn confidence(&self) -> Confidence {
        if self.edge.certain { Confidence::High } else { Confidence::Medium }
    }

    /// The majors that count for both ends of a standby, which are of one major.
    pub(super) fn physical_majors(&self) -> Majors {
        self.up.majors & self.down.majors
    }
}
