//! What the files mean together: clusters of nodes, settings with provenance, access rows, SQL objects.
//!
//! Building the model reads nothing and never fails; what is wrong with the files is part of the model.

use camino::Utf8PathBuf;

use crate::catalog::Majors;
use crate::load::Loaded;
use crate::source::Span;

pub mod access;
pub mod hba;
pub mod ident;
pub mod node;
pub mod settings;
pub mod target;
pub mod value;

mod check_hook;
mod group;
mod number;
mod unit;

pub use access::{Hba, Ident};
pub use node::{Node, Recovery};
pub use settings::{Definition, Effective, Settings};
pub use target::{Evidence, Targets};

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
    /// The folder of its files.
    pub folder: Utf8PathBuf,
    /// How reports call it.
    pub name: Option<String>,
    /// Its majors.
    pub pg: Option<Majors>,
}

pub mod check_hook;
mod encoding;
pub mod list;
mod number;
mod standby_names;
mod timestamp;
mod unit;
pub mod value;

/// All that belongs together: nodes, and the SQL and client files beside them.
#[derive(Debug)]
pub struct Cluster {
    /// The servers, by folder.
    pub nodes: Vec<Node>,
    /// The majors that what belongs to no node is judged for.
    pub majors: Majors,
}

/// Reads the model out of the documents, and marks the secrets it finds in the sources.
#[must_use]
pub fn build(loaded: &mut Loaded, options: &Options) -> Cluster {
    let nodes = group::nodes(loaded, options);
    let of_nodes = nodes.iter().fold(Majors::NONE, |majors, node| majors | node.targets.majors);
    let majors = options.pg.unwrap_or(if of_nodes.is_empty() { Majors::ALL } else { of_nodes });
    let cluster = Cluster { nodes, majors };
    for secret in cluster.secrets() {
        loaded.sources.mark_secret(secret);
    }
    cluster
}

impl Cluster {
    /// Whether checking it takes less time than starting threads.
    #[must_use]
    pub(crate) fn is_small(&self) -> bool {
        self.nodes.len() < 32
    }

    /// The bytes that no report may show.
    fn secrets(&self) -> Vec<Span> {
        let options = self.nodes.iter().filter_map(|node| node.hba.as_ref()).flat_map(|hba| &hba.rows).flat_map(|row| &row.options);
        options.filter(|option| option.info.secret).map(|option| option.value_span).collect()
    }
}
