//! A node: one server's configuration, access rows, ident maps and recovery state.

use camino::Utf8PathBuf;

use crate::model::access::{Hba, Ident};
use crate::model::settings::{Definition, Settings};
use crate::model::target::Targets;
use crate::source::{FileId, Span};
use crate::syntax::postgresql_conf::SyntaxError;

/// One server, as its files describe it.
#[derive(Debug)]
pub struct Node {
    /// The folder, or the file where a folder holds several; or what pgassay.toml calls it.
    pub name: String,
    /// The folder of its files.
    pub folder: Utf8PathBuf,
    /// The entry of pgassay.toml that speaks of it, by its key.
    pub said: Option<Utf8PathBuf>,
    /// The majors it is judged for.
    pub targets: Targets,
    /// Its settings.
    pub settings: Settings,
    /// Its pg_hba.conf, if the tree has one.
    pub hba: Option<Hba>,
    /// Its pg_ident.conf, if the tree has one.
    pub ident: Option<Ident>,
    /// Its recovery files.
    pub recovery: Recovery,
    /// Whether its folder is a data directory (PG_VERSION or postgresql.auto.conf lies there), so that a signal file
    /// that is not seen is not there.
    pub data_directory: bool,
}

/// The files that make a server start in recovery.
#[derive(Debug, Default)]
pub struct Recovery {
    /// recovery.conf.
    pub conf: Option<FileId>,
    /// What recovery.conf defines, in order.
    pub definitions: Vec<Definition>,
    /// Every syntax error of recovery.conf.
    pub errors: Vec<(Span, Span, SyntaxError)>,
    /// Whether what `definitions` lacks is known to be unset: recovery.conf can be read, includes nothing and
    /// is no template.
    pub complete: bool,
    /// recovery.done.
    pub done: Option<FileId>,
    /// standby.signal.
    pub standby_signal: Option<FileId>,
    /// recovery.signal.
    pub recovery_signal: Option<FileId>,
}

impl Recovery {
    /// The definition of recovery.conf that counts, the last one. Names are compared as 10 and 11 do, with their case.
    #[must_use]
    pub fn winner(&self, name: &str) -> Option<&Definition> {
        self.definitions.iter().rfind(|definition| definition.name == name && definition.overridden_by.is_none())
    }
}
