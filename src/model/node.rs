//! A node: one server's configuration, access rows, ident maps and recovery state.

use camino::Utf8PathBuf;

use crate::model::access::{Hba, Ident};
use crate::model::settings::{Definition, Settings};
use crate::model::target::Targets;
use crate::source::FileId;

/// One server, as its files describe it.
#[derive(Debug)]
pub struct Node {
    /// The folder, or the file where a folder holds several; or what pgassay.toml calls it.
    pub name: String,
    /// The folder of its files.
    pub folder: Utf8PathBuf,
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
}

/// The files that make a server start in recovery.
#[derive(Debug, Default)]
pub struct Recovery {
    /// recovery.conf.
    pub conf: Option<FileId>,
    /// What recovery.conf defines, in order.
    pub definitions: Vec<Definition>,
    /// recovery.done.
    pub done: Option<FileId>,
    /// standby.signal.
    pub standby_signal: Option<FileId>,
    /// recovery.signal.
    pub recovery_signal: Option<FileId>,
}
