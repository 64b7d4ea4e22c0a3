//! The model as version 0.1 shows it to plugins: once per run for all that look at the same parts of it.
//!
//! No secret is put in: text whose bytes the sources mark as a secret, or that looks like one, is masked.

mod access;
mod conninfo;
mod settings;
mod sql;

use crate::catalog::Majors;
use crate::model::{Cluster, Node};
use crate::plugin::places::{Owner, Places, Thing};
use crate::plugin::reads::Reads;
use crate::secret::{MASK, Masks};
use crate::source::{FileId, SourceMap, Span};
use crate::syntax::literal::HOLE;
use crate::syntax::sql::Name;

use super::Input;
use super::bindings::pgassay::plugin::types as wit;

pub(super) use settings::effective;

/// What stands for a part of a text that is known only at run time.
const UNKNOWN: char = '\u{fffc}';

/// The model and the places in it.
#[derive(Debug)]
pub(crate) struct Shown {
    pub(super) model: wit::Model,
    pub(super) places: Places,
}

/// Puts the parts of the model that are read into the contract's records.
pub(crate) fn shown(input: &Input, reads: &Reads) -> Shown {
    let Input { cluster, sources, masks, names } = input;
    let mut writer = Writer { cluster, sources, masks, names, reads, places: Places::default() };
    let files = sources.iter().zip(judged_for(cluster, sources)).map(|((id, file), majors)| wit::SourceFile {
        number: number(id),
        path: file.path().as_str().to_owned(),
        kind: file.kind().to_string(),
        place: writer.places.whole(id, majors),
    });
    let files = files.collect();
    let nodes = (0..).zip(&cluster.nodes).map(|(index, node)| writer.node(index, node)).collect();
    let conninfos = if reads.conninfos { writer.conninfos() } else { Vec::new() };
    let sql = if reads.statements { writer.sql() } else { sql::Records::default() };
    let model = wit::Model {
        files,
        nodes,
        conninfos,
        statements: sql.statements,
        roles: sql.roles,
        grants: sql.grants,
        publications: sql.publications,
        subscriptions: sql.subscriptions,
    };
    Shown { model, places: writer.places }
}

/// The majors that each file is judged for: those of the nodes that read it, of the server that a script is for, else all.
fn judged_for(cluster: &Cluster, sources: &SourceMap) -> Vec<Majors> {
    let mut of_files = vec![Majors::NONE; sources.len()];
    let mut add = |file: FileId, majors: Majors| {
        if let Some(of_file) = of_files.get_mut(file.index()) {
            *of_file = *of_file | majors;
        }
    };
    for node in &cluster.nodes {
        let recovery = &node.recovery;
        let marks = [recovery.conf, recovery.done, recovery.standby_signal, recovery.recovery_signal];
        let access = node.hba.iter().flat_map(|hba| &hba.files).chain(node.ident.iter().flat_map(|ident| &ident.files));
        for &file in node.settings.files.iter().chain(access).chain(marks.iter().flatten()) {
            add(file, node.targets.majors);
        }
    }
    for (file, site) in cluster.sql.iter().zip(&cluster.objects.sites) {
        add(file.file, site.majors);
    }
    let targets = cluster.targets();
    of_files.into_iter().map(|majors| if majors.is_empty() { targets } else { majors }).collect()
}

/// Writes records and numbers places.
struct Writer<'a> {
    cluster: &'a Cluster,
    sources: &'a SourceMap,
    masks: &'a Masks,
    names: &'a Masks,
    reads: &'a Reads,
    places: Places,
}

impl Writer<'_> {
    fn node(&mut self, index: u32, node: &Node) -> wit::Node {
        wit::Node {
            number: index,
            name: node.name.clone(),
            folder: node.folder.as_str().to_owned(),
            majors: majors(node.targets.majors),
            settings: self.settings(index, node),
            settings_complete: node.settings.complete,
            config_file: node.settings.root.map(number),
            hba: node.hba.as_ref().filter(|_| self.reads.access).map(|hba| self.hba(hba)),
            ident: node.ident.as_ref().filter(|_| self.reads.access).map(|ident| self.ident(ident)),
            recovery: self.recovery(index, node),
            facts: Vec::new(),
        }
    }

    /// A text that the model read from these bytes, masked if any of them are secret.
    fn text(&self, text: &str, span: Span) -> String {
        if self.masks.hides(self.sources, span) { MASK.to_owned() } else { with_holes(text) }
    }

    /// A name of a role, database, map or other object, likewise.
    fn word(&self, text: &str, span: Span) -> String {
        if self.names.hides(self.sources, span) { MASK.to_owned() } else { with_holes(text) }
    }

    fn name(&mut self, name: &Name, owner: Owner) -> wit::SqlName {
        self.named(&name.text, name.dynamic, name.span, owner)
    }

    fn named(&mut self, text: &str, dynamic: bool, span: Span, owner: Owner) -> wit::SqlName {
        wit::SqlName { text: self.word(text, span), dynamic, place: self.places.add(span, owner) }
    }
}

fn owner(thing: Thing, majors: Majors) -> Owner {
    Owner { thing, majors }
}

/// The number of a file in `model.files`.
fn number(file: FileId) -> u32 {
    file.index() as u32
}

/// A set of majors as bits.
pub(super) fn majors(majors: Majors) -> u32 {
    majors.iter().fold(0, |bits, major| bits | 1 << major)
}

/// A text with what is known only at run time as one character.
fn with_holes(text: &str) -> String {
    if text.as_bytes().contains(&HOLE) {
        text.replace(char::from(HOLE), UNKNOWN.encode_utf8(&mut [0; 4]))
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests;
