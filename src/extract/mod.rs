//! Configuration and SQL inside of other files: guides, scripts, manifests, programs.
//!
//! Each host has an extractor in a file of its own. It takes the host's text and gives [`Fragment`]s: decoded text of
//! one of PostgreSQL's kinds, with a map back to the host's bytes. What is computed stands there as [`HOLE`]. Nothing
//! here says whether a fragment is right; that is the model's business, as for a file of that kind.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};

use crate::discover::{Host, Kind};
use crate::source::{FileId, Span};
use crate::syntax::literal::Literal;

mod code;
mod content;
mod draft;
mod markdown;
mod terraform;
mod tools;
mod triggers;

pub(crate) use draft::Draft;

/// What stands in a fragment for a part that is known only at run time. Every grammar takes it for an expression of a
/// template.
pub(crate) const HOLE: &[u8] = b"${_}";

/// A host may hold text of a host, such as a script in a guide that writes a file; this deep they are followed.
const DEEPEST: u8 = 3;

/// A text of one of PostgreSQL's kinds inside of another file.
#[derive(Debug)]
pub struct Fragment {
    /// What it is.
    pub(crate) kind: Kind,
    /// The text, with the way back to the host.
    pub(crate) text: Literal,
    /// The file that it stands for, relative to the host: `primary/postgresql.conf`.
    pub(crate) place: Utf8PathBuf,
    /// What runs it in a transaction, if it is SQL and something does: a place in the host.
    pub(crate) transaction: Option<Span>,
}

/// What an extractor has found so far.
#[derive(Debug)]
pub(crate) struct Found<'a> {
    /// The path of the host file.
    pub(crate) path: &'a Utf8Path,
    fragments: Vec<Fragment>,
    /// The server that what is found next is for, as a folder below the host: a heading, a service, a manifest.
    node: Utf8PathBuf,
    depth: u8,
}

/// Whether a host's text is worth parsing: it holds a word that something of PostgreSQL's cannot be without.
#[must_use]
pub(crate) fn may_hold(bytes: &[u8]) -> bool {
    triggers::any(bytes)
}

/// The fragments in a file, in the order of their places; those of one configuration file as one.
#[must_use]
pub(crate) fn extract(host: Host, file: FileId, path: &Utf8Path, bytes: &[u8]) -> Vec<Fragment> {
    if !may_hold(bytes) {
        return Vec::new();
    }
    let text = Literal::plain(Span::new(file, 0, bytes.len()), bytes);
    let mut found = Found { path, fragments: Vec::new(), node: Utf8PathBuf::new(), depth: 0 };
    found.read(host, &text);
    found.joined()
}

impl Found<'_> {
    /// Reads a text of a host: the file, or a part of it that was written in another language.
    pub(crate) fn read(&mut self, host: Host, text: &Literal) {
        if self.depth >= DEEPEST || !may_hold(text.text()) {
            return;
        }
        self.depth += 1;
        match host {
            Host::Markdown => markdown::extract(text, self),
            Host::Terraform => terraform::extract(text, self),
            Host::Repmgr | Host::Barman | Host::Pgbackrest | Host::PgAutoFailover => {
                tools::extract(host, text, self);
            }
            _ => code::extract(host, text, self),
        }
        self.depth -= 1;
    }

    /// Does something with all that is found in it taken for the server that `node` names, within the one before; no name
    /// is the same server.
    pub(crate) fn within(&mut self, node: &str, find: impl FnOnce(&mut Self)) {
        let outer = self.node.clone();
        if !node.is_empty() {
            self.node.push(folder_name(node));
        }
        find(self);
        self.node = outer;
    }

    /// Adds a text that stands for the usual file of its kind.
    pub(crate) fn add(&mut self, kind: Kind, text: Literal) {
        self.push(kind, text, None);
    }

    /// Adds SQL that `transaction`, a place in the text of the host, runs in a transaction.
    pub(crate) fn sql(&mut self, text: Literal, transaction: Option<Span>) {
        self.push(Kind::Sql, text, transaction);
    }

    fn push(&mut self, kind: Kind, text: Literal, transaction: Option<Span>) {
        if text.text().trim_ascii().is_empty() {
            return;
        }
        let place = self.node.join(kind.to_string());
        self.fragments.push(Fragment { kind, text, place, transaction });
    }

    /// Puts the parts of one file together.
    fn joined(self) -> Vec<Fragment> {
        let mut out: Vec<Fragment> = Vec::with_capacity(self.fragments.len());
        let mut parts: Vec<Vec<Literal>> = Vec::new();
        let mut by_place: BTreeMap<Utf8PathBuf, usize> = BTreeMap::new();
        for fragment in self.fragments {
            if matches!(fragment.kind, Kind::Sql | Kind::Conninfo) {
                out.push(fragment);
                parts.push(Vec::new());
                continue;
            }
            match by_place.get(&fragment.place) {
                Some(&index) => parts[index].push(fragment.text),
                None => {
                    by_place.insert(fragment.place.clone(), out.len());
                    out.push(fragment);
                    parts.push(Vec::new());
                }
            }
        }
        for (fragment, parts) in out.iter_mut().zip(parts).filter(|(_, parts)| !parts.is_empty()) {
            let mut builder = Literal::builder(fragment.text.file());
            builder.append(&fragment.text, 0..fragment.text.text().len());
            for part in parts {
                let start = part.span(0, 0).start as usize;
                if builder.last() != Some(b'\n') {
                    builder.push(b"\n", start, start);
                }
                builder.append(&part, 0..part.text().len());
            }
            fragment.text = builder.build();
        }
        out
    }
}

/// A name made fit to be one part of a path.
fn folder_name(name: &str) -> String {
    let plain = |c: char| if c.is_control() || matches!(c, '/' | '\\') { '-' } else { c };
    let name = name.trim().chars().map(plain).take(60).collect::<String>();
    match name.as_str() {
        "" | "." | ".." => "-".to_owned(),
        _ => name,
    }
}
