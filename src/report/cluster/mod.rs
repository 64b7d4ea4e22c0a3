//! `pgassay cluster`: the servers of a tree and what replicates between them, for people and for programs.

use std::io;

use serde::Serialize;

use crate::model::Cluster;
use crate::model::topology::{Duty, Edge, Link, Member};
use crate::secret::Redactor;
use crate::source::{SourceMap, Span};

mod text;

/// How a cluster is shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum ClusterFormat {
    /// Lists, for people.
    #[default]
    Text,
    /// All there is, for programs.
    Json,
}

/// Writes the servers and what replicates between them.
///
/// # Errors
/// What the writer says.
pub fn write(format: ClusterFormat, cluster: &Cluster, sources: &SourceMap, out: &mut dyn io::Write) -> io::Result<()> {
    let picture = Picture::of(cluster, sources);
    match format {
        ClusterFormat::Text => text::write(&picture, out),
        ClusterFormat::Json => {
            serde_json::to_writer_pretty(&mut *out, &picture)?;
            writeln!(out)
        }
    }
}

/// All that is shown, fit to be shown.
#[derive(Debug, Serialize)]
struct Picture {
    version: u32,
    nodes: Vec<Server>,
    edges: Vec<Arrow>,
}

/// A server.
#[derive(Debug, Serialize)]
struct Server {
    id: usize,
    name: String,
    role: Option<&'static str>,
    majors: Vec<u8>,
    hosts: Vec<String>,
    addresses: Vec<String>,
    port: Option<u16>,
    files: Vec<String>,
}

/// What replicates.
#[derive(Debug, Serialize)]
struct Arrow {
    kind: &'static str,
    /// The subscription or slot.
    name: Option<String>,
    /// The `id` of the server that sends; null where it is not told.
    from: Option<usize>,
    /// The `id` of the server that receives.
    to: usize,
    /// Where the connection string leads, as it is written.
    target: String,
    /// Whether the sender is told by a name, an address, a port or pgassay.toml.
    certain: bool,
    /// Whether it surely is in use.
    active: bool,
    inferred_from: String,
    publications: Vec<String>,
    path: Option<String>,
    line: Option<u32>,
}

impl Picture {
    fn of(cluster: &Cluster, sources: &SourceMap) -> Self {
        let redactor = Redactor::new(sources);
        let topology = &cluster.topology;
        let nodes = topology.members.iter().enumerate();
        Self {
            version: 1,
            nodes: nodes.map(|(id, member)| server(id, member, cluster, sources, &redactor)).collect(),
            edges: topology.edges.iter().map(|edge| arrow(edge, cluster, sources, &redactor)).collect(),
        }
    }
}

fn server(id: usize, member: &Member, cluster: &Cluster, sources: &SourceMap, redactor: &Redactor<'_>) -> Server {
    let of_nodes = member.nodes(cluster).flat_map(|(_, node)| {
        let hba = node.hba.iter().flat_map(|hba| &hba.files);
        let recovery = [node.recovery.conf, node.recovery.standby_signal, node.recovery.recovery_signal];
        node.settings.files.iter().chain(hba).copied().chain(recovery.into_iter().flatten())
    });
    let of_sql = member.sql.iter().filter_map(|&index| Some(cluster.sql.get(index)?.file));
    let mut files = of_nodes.chain(of_sql).map(|file| sources.file(file).path().to_string()).collect::<Vec<_>>();
    files.sort();
    files.dedup();
    let shown = |text: &str| redactor.text(text).into_owned();
    Server {
        id,
        name: shown(&member.name),
        role: member.duty.map(Duty::word),
        majors: member.majors.iter().collect(),
        hosts: member.identity.hosts.iter().map(|host| shown(host)).collect(),
        addresses: member.identity.addresses.iter().map(ToString::to_string).collect(),
        port: member.identity.port,
        files: files.iter().map(|file| shown(file)).collect(),
    }
}

fn arrow(edge: &Edge, cluster: &Cluster, sources: &SourceMap, redactor: &Redactor<'_>) -> Arrow {
    let place = |span: Span| {
        let span = sources.to_host(span);
        let file = sources.file(span.file);
        (file.path().to_string(), file.lines().position(span.start, file.bytes()).line)
    };
    let place = edge.span(cluster).map(place);
    let create = edge.subscription(cluster);
    let shown = |span: Span| redactor.text(redactor.show(span).text()).into_owned();
    Arrow {
        kind: if matches!(edge.link, Link::Physical { .. }) { "physical" } else { "logical" },
        name: create.map(|create| shown(create.name.span)),
        from: edge.upstream,
        to: edge.downstream,
        target: redactor.text(&edge.target).into_owned(),
        certain: edge.certain,
        active: edge.active,
        inferred_from: redactor.text(&edge.why).into_owned(),
        publications: create.iter().flat_map(|of| &of.publications).map(|name| shown(name.span)).collect(),
        path: place.as_ref().map(|(path, _)| path.clone()),
        line: place.map(|(_, line)| line),
    }
}
