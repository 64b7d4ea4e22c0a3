//! What the files mean together: clusters of nodes, settings with provenance, access rows, SQL objects.
//!
//! Building the model reads nothing and never fails; what is wrong with the files is part of the model.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use camino::{Utf8Path, Utf8PathBuf};

use crate::catalog::Majors;
use crate::discover::Kind;
use crate::load::{Loaded, Target, Tree};
use crate::source::{FileId, Span};

pub mod client;
pub mod access;
pub mod hba;
pub mod ident;
pub mod node;
pub mod settings;
pub mod sql;
pub mod target;
pub mod value;

mod check_hook;

pub use node::{Node, Recovery};
pub use settings::{Definition, Effective, Settings};
pub use target::{Evidence, Targets};
