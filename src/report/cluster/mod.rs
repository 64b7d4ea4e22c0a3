//! `pgassay cluster`: the servers of a tree and what replicates between them, for people and for programs.

use std::io;

use schemars::JsonSchema;
use serde::Serialize;

use crate::catalog::Majors;
use crate::model::Cluster;
use crate::model::topology::{Duty, Edge, Link, Member};
use crate::secret::Redactor;
use crate::source::{SourceMap, Span};

mod dot;
mod html;
mod layout;
mod svg;
mod text;

/// How a cluster is shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum ClusterFormat {
    /// Lists, for people.
    #[default]
    Text,
    /// All there is, for programs; see `docs/cluster.md`.
    Json,
    /// A graph for Graphviz.
    Dot,
    /// A picture.
    Svg,
    /// A page with the picture and all there is.
    Html,
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
        ClusterFormat::Dot => dot::write(&picture, out),
        ClusterFormat::Svg => out.write_all(svg::svg(&picture).as_bytes()),
        ClusterFormat::Html => out.write_all(html::html(&picture).as_bytes()),
    }
}

/// The picture, and tables of the servers and of what replicates between them, as a part of a page of HTML.
pub(super) fn sections(cluster: &Cluster, sources: &SourceMap, heading: &str) -> String {
    html::sections(&Picture::of(cluster, sources), heading)
}

/// The JSON Schema of the JSON format.
#[must_use]
pub fn schema() -> schemars::Schema {
    schemars::schema_for!(Picture)
}

/// What `pgassay cluster --format json` prints: the servers of a tree and what replicates between them.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "pgassay cluster")]
struct Picture {
    /// 1. It changes when a field goes or changes its meaning; new fields may come without.
    version: u32,
    /// The servers.
    nodes: Vec<Server>,
    /// What replicates between them.
    edges: Vec<Arrow>,
}

/// A server.
#[derive(Debug, Serialize, JsonSchema)]
struct Server {
    /// Its index in `nodes`, by which edges name it.
    id: usize,
    /// How reports call it.
    name: String,
    /// Its part in replication; null where nothing says it.
    #[schemars(with = "Option<Duty>")]
    role: Option<&'static str>,
    /// The PostgreSQL majors it is judged for.
    majors: Vec<u8>,
    /// The host names by which others reach it.
    hosts: Vec<String>,
    /// The addresses by which others reach it.
    addresses: Vec<String>,
    /// Its port; null where it is not known.
    port: Option<u16>,
    /// The files that tell of it.
    files: Vec<String>,
}

/// A kind of replication.
#[derive(Debug, Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Replication {
    /// A standby that streams.
    Physical,
    /// A subscription.
    Logical,
}

/// What replicates.
#[derive(Debug, Serialize, JsonSchema)]
struct Arrow {
    /// What kind it is.
    kind: Replication,
    /// The subscription; null for a standby.
    name: Option<String>,
    /// The `id` of the server that sends; null where it is not told.
    from: Option<usize>,
    /// The `id` of the server that receives.
    to: usize,
    /// Where the connection string leads, as it is written; empty where there is none.
    target: String,
    /// Whether the sender is told by a name, an address, a port or pgassay.toml.
    certain: bool,
    /// Whether it surely is in use: a standby may be prepared on a primary, for the day when it becomes one.
    active: bool,
    /// What the sender was told by, or why it was not.
    inferred_from: String,
    /// The publications of a subscription.
    publications: Vec<String>,
    /// The replication slot; null where none is named.
    slot: Option<String>,
    /// The file that says so; null where only pgassay.toml does.
    path: Option<String>,
    /// The line in it, from 1.
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

    fn name(&self, id: usize) -> &str {
        self.nodes.get(id).map_or("", |server| server.name.as_str())
    }
}

impl Server {
    fn majors_text(&self) -> String {
        self.majors.iter().copied().collect::<Majors>().to_string()
    }

    /// The role and the majors.
    fn what(&self) -> String {
        let role = self.role.map(|role| format!("{role}, ")).unwrap_or_default();
        format!("{role}PostgreSQL {}", self.majors_text())
    }

    /// Its names, addresses and port; may be empty.
    fn reached_by(&self) -> String {
        let mut names = self.hosts.clone();
        names.extend(self.addresses.iter().cloned());
        names.extend(self.port.map(|port| format!("port {port}")));
        names.join(", ")
    }
}

impl Arrow {
    /// Whether the sender is no more than the only one that comes into question.
    fn is_likely(&self) -> bool {
        self.from.is_some() && !self.certain
    }

    fn sender<'a>(&self, picture: &'a Picture) -> &'a str {
        self.from.map_or("?", |id| picture.name(id))
    }

    /// What replicates, in a line.
    fn what(&self) -> String {
        let what = match &self.name {
            Some(subscription) => format!("subscription {subscription} to {}", self.publications.join(", ")),
            None => "physical replication".to_owned(),
        };
        let slot = self.slot.as_ref().map(|slot| format!(", slot {slot}")).unwrap_or_default();
        format!("{what}{slot}{}", if self.active { "" } else { ", prepared only" })
    }

    /// From where to where, and what.
    fn ends(&self, picture: &Picture) -> String {
        format!("{} -> {}: {}", self.sender(picture), picture.name(self.to), self.what())
    }

    /// What the sender was told by, and where the connection string leads.
    fn why(&self) -> String {
        let guess = if self.is_likely() { "likely: " } else { "" };
        let target = if self.target.is_empty() { String::new() } else { format!(" (leads to {})", self.target) };
        format!("{guess}{}{target}", self.inferred_from)
    }

    /// Path and line.
    fn place(&self) -> Option<String> {
        Some(format!("{}:{}", self.path.as_ref()?, self.line?))
    }

    /// All there is to say of it, in a line.
    fn told(&self, picture: &Picture) -> String {
        let place = self.place().map(|place| format!("; {place}")).unwrap_or_default();
        format!("{}; {}{place}", self.ends(picture), self.why())
    }

    /// The words beside it in a picture, on two lines at most.
    fn words(&self) -> Vec<String> {
        let slot = self.slot.as_ref().map(|slot| format!("slot {slot}"));
        match &self.name {
            Some(name) => vec![
                name.clone(),
                [Some(format!("of {}", self.publications.join(", "))), slot]
                    .into_iter()
                    .flatten()
                    .collect::<Vec<_>>()
                    .join(", "),
            ],
            None => ["streams".to_owned()].into_iter().chain(slot).collect(),
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
    let slot = edge.slot(cluster);
    Arrow {
        kind: match edge.link {
            Link::Physical { .. } => Replication::Physical,
            Link::Logical { .. } => Replication::Logical,
        },
        name: create.map(|create| shown(create.name.span)),
        from: edge.upstream,
        to: edge.downstream,
        target: redactor.text(&edge.target).into_owned(),
        certain: edge.certain,
        active: edge.active,
        inferred_from: redactor.text(&edge.why).into_owned(),
        slot: slot.map(|slot| redactor.text(&slot).into_owned()),
        publications: create.iter().flat_map(|of| &of.publications).map(|name| shown(name.span)).collect(),
        path: place.as_ref().map(|(path, _)| path.clone()),
        line: place.map(|(_, line)| line),
    }
}
