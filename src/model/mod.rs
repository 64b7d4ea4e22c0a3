//! What the files mean together: clusters of nodes, settings with provenance, access rows, SQL objects.
//!
//! Building the model reads nothing and never fails; what is wrong with the files is part of the model.

use std::net::IpAddr;
use std::sync::OnceLock;

use camino::{Utf8Path, Utf8PathBuf};
use rayon::prelude::*;

use crate::catalog::Majors;
use crate::discover::Kind;
use crate::load::{Loaded, Modes, PARALLEL_FROM};
use crate::progress::{self, Stage};
use crate::secret::command;
use crate::source::{FileId, SourceFile, SourceMap, Span};
use crate::syntax;
use crate::syntax::sql::{Wants, Words};

pub mod access;
pub mod check_hook;
pub mod client;
pub mod conninfo;
pub mod hba;
pub mod ident;
pub mod list;
pub mod node;
pub mod objects;
pub mod settings;
pub mod sql;
pub mod target;
pub mod topology;
pub mod value;

mod encoding;
mod group;
mod number;
mod reread;
pub(crate) mod standby_names;
mod timestamp;
mod unit;

pub use access::{Hba, Ident};
pub use client::Clients;
pub use conninfo::{ConninfoUse, Origin};
pub use node::{Node, Recovery};
pub use objects::Objects;
pub use settings::{Definition, Effective, Settings};
use sql::Lookups;
pub use sql::Sql;
pub use target::{Evidence, Targets};
pub use topology::{Duty, Topology};

/// What the user says of the nodes.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The majors to judge for.
    pub pg: Option<Majors>,
    /// What is known of single nodes.
    pub nodes: Vec<NodeSettings>,
}

/// What is known of a node that its files do not say.
#[derive(Debug, Clone)]
pub struct NodeSettings {
    /// What tells it from others: the folder of its files, or one below pgassay.toml's that has its name.
    pub key: Utf8PathBuf,
    /// The folder of its files.
    pub folder: Option<Utf8PathBuf>,
    /// Files and folders of its own that lie elsewhere.
    pub files: Vec<Utf8PathBuf>,
    /// How reports call it.
    pub name: Option<String>,
    /// Its majors.
    pub pg: Option<Majors>,
    /// Its part in replication.
    pub role: Option<Duty>,
    /// The names by which others reach it.
    pub hosts: Vec<String>,
    /// Its addresses.
    pub addresses: Vec<IpAddr>,
    /// The nodes that it replicates from, by name.
    pub replicates_from: Vec<String>,
}

impl NodeSettings {
    /// Whether a file is named as the node's own.
    #[must_use]
    pub fn names(&self, path: &Utf8Path) -> bool {
        self.files.iter().any(|file| path.starts_with(file))
    }

    /// Whether a file lies in the node's folder.
    #[must_use]
    pub fn holds(&self, path: &Utf8Path) -> bool {
        self.folder.as_ref().is_some_and(|folder| path.starts_with(folder))
    }
}

/// All that belongs together: nodes, and the SQL and client files beside them.
#[derive(Debug)]
pub struct Cluster {
    /// The servers, by folder.
    pub nodes: Vec<Node>,
    /// The SQL files that say something of access or replication, in the order of their paths.
    pub sql: Vec<SqlFile>,
    /// The files of clients and poolers.
    pub clients: Clients,
    /// What the SQL files make together.
    pub objects: Objects,
    /// The servers, and what replicates between them.
    pub topology: Topology,
    /// Every connection string.
    pub conninfos: Vec<ConninfoUse>,
    /// The passwords that images are to give to their superusers.
    pub passwords: Vec<Span>,
    /// The modes of files of hosts.
    pub modes: Modes,
    /// The majors that what belongs to no node is judged for.
    pub majors: Majors,
}

/// A SQL file and what its statements say.
#[derive(Debug)]
pub struct SqlFile {
    /// The file.
    pub file: FileId,
    /// Its statements of interest.
    pub sql: Sql,
    /// Whether it runs text that is not seen, once a check has asked; many ask of the same file.
    pub(crate) open: OnceLock<bool>,
}

/// Reads the model out of the documents, and marks the secrets it finds in the sources.
#[must_use]
pub fn build(loaded: &mut Loaded, options: &Options) -> Cluster {
    let nodes = group::nodes(loaded, options);
    let of_nodes = nodes.iter().fold(Majors::NONE, |majors, node| majors | node.targets.majors);
    let majors = options.pg.unwrap_or(if of_nodes.is_empty() { Majors::HELD } else { of_nodes });
    let sql = scripts(loaded);
    let mut conninfos = conninfo::of_nodes(&nodes, loaded);
    conninfos.extend(conninfo::of_sql(&sql, majors));
    let clients = Clients::read(loaded);
    conninfos.extend(conninfo::of_clients(&clients, majors));
    conninfos.extend(conninfo::of_fragments(loaded, majors));
    let objects = Objects::read(&sql, &nodes, &loaded.sources, options);
    let passwords = loaded.sources.iter().filter(|(_, file)| file.kind() == Kind::Password);
    let passwords = passwords.map(|(id, file)| Span::new(id, 0, file.bytes().len())).collect();
    let topology = Topology::default();
    let modes = std::mem::take(&mut loaded.modes);
    let mut cluster = Cluster { nodes, sql, clients, objects, topology, conninfos, passwords, modes, majors };
    cluster.topology = Topology::read(&cluster, loaded, &options.nodes);
    for secret in cluster.secrets(&loaded.sources) {
        loaded.sources.mark_secret(secret);
    }
    cluster
}

/// Reads the SQL files. Tables are read only if some file speaks of publications or policies, for which they matter.
fn scripts(loaded: &Loaded) -> Vec<SqlFile> {
    let files = loaded.sources.iter().filter(|(_, file)| file.kind() == Kind::Sql).collect::<Vec<_>>();
    let tabular = Words::PUBLICATION.or(Words::POLICY);
    let parallel = files.len() >= PARALLEL_FROM;
    let speaks = |(_, file): &&(FileId, &SourceFile)| syntax::sql::words(file.bytes()).intersects(tabular);
    let wants = Wants {
        tables: if parallel {
            files.par_iter().any(|file| speaks(&file))
        } else {
            files.iter().any(|file| speaks(&file))
        },
    };
    progress::begin(Stage::Reading, files.len());
    let read = |(id, file): &(FileId, &SourceFile)| {
        progress::step(file.path());
        let name = file.place().file_name().unwrap_or_default();
        let migration = file.transaction().or_else(|| syntax::sql::in_one_message(*id, name, file.bytes()));
        let sql = sql::read(syntax::sql::read(*id, file.bytes(), wants, migration));
        let says = !sql.statements.is_empty() || !sql.errors.is_empty() || sql.lookups != Lookups::default();
        says.then_some(SqlFile { file: *id, sql, open: OnceLock::new() })
    };
    if parallel { files.par_iter().filter_map(read).collect() } else { files.iter().filter_map(read).collect() }
}

impl Cluster {
    /// Every major that some part is judged for.
    #[must_use]
    pub fn targets(&self) -> Majors {
        self.nodes.iter().fold(self.majors, |majors, node| majors | node.targets.majors)
    }

    /// Whether checking it takes less time than starting threads.
    #[must_use]
    pub(crate) fn is_small(&self) -> bool {
        self.nodes.len() + self.sql.len() < PARALLEL_FROM
    }

    /// The bytes that no report may show.
    fn secrets(&self, sources: &SourceMap) -> Vec<Span> {
        let options = self
            .nodes
            .iter()
            .filter_map(|node| node.hba.as_ref())
            .flat_map(|hba| &hba.rows)
            .flat_map(|row| &row.options);
        let options = options.filter(|option| option.info.secret).map(|option| option.value_span);
        let commands =
            self.nodes.iter().flat_map(|node| node.settings.definitions.iter().chain(&node.recovery.definitions));
        let commands = commands.filter(|definition| command::SETTINGS.contains(&definition.name.as_str()));
        let commands = commands.flat_map(|definition| {
            let (span, ranges) = (definition.value.span, command::find(sources.bytes(definition.value.span)));
            ranges.into_iter().map(move |range| span.slice(range.start, range.end))
        });
        options
            .chain(commands)
            .chain(self.sql.iter().flat_map(|file| file.sql.secrets()))
            .chain(self.conninfos.iter().flat_map(|of| of.conninfo.secrets()))
            .chain(self.clients.secrets())
            .chain(self.passwords.iter().copied())
            .collect()
    }
}
