//! Configuration and SQL inside of other files: guides, scripts, manifests, programs.
//!
//! Each host has an extractor in a file of its own. It takes the host's text and gives [`Fragment`]s: decoded text of
//! one of PostgreSQL's kinds, with a map back to the host's bytes. What is computed stands there as `HOLE`. Nothing
//! here says whether a fragment is right; that is the model's business, as for a file of that kind.

use std::collections::{BTreeMap, BTreeSet};

use camino::{Utf8Path, Utf8PathBuf};

use crate::discover::{Host, Kind};
use crate::source::{FileId, Span};
use crate::syntax::literal::Literal;

mod code;
mod content;
mod docker_image;
mod dockerfile;
mod draft;
mod driver;
mod env;
mod image;
mod manifest;
mod markdown;
pub(crate) mod role;
mod shell;
mod systemd;
mod terraform;
mod toml;
mod tools;
mod tree;
mod triggers;
mod writer;
mod yaml;

#[cfg(test)]
mod hostile;

pub(crate) use draft::Draft;
pub(crate) use writer::Writer;

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
    /// How much of the file it shows.
    pub(crate) shows: Shows,
}

/// How much a fragment shows of the file that it stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shows {
    /// A part; what the rest says is not known.
    Part,
    /// All of it.
    Whole,
    /// Where it is: the text is its path, relative to the host's folder.
    Path,
}

/// What an extractor has found so far.
#[derive(Debug)]
pub(crate) struct Found<'a> {
    /// The path of the host file.
    pub(crate) host: &'a Utf8Path,
    fragments: Vec<Fragment>,
    /// The files that the fragments stand for.
    places: BTreeSet<Utf8PathBuf>,
    /// The server that what is found next is for, as a folder below the host: a heading, a service, a manifest.
    node: Utf8PathBuf,
    depth: u8,
}

/// Whether a host's text is worth parsing: it holds a word that something of PostgreSQL's cannot be without.
#[must_use]
pub(crate) fn may_hold(bytes: &[u8]) -> bool {
    !is_of_pgassay(bytes) && triggers::any(bytes)
}

/// Whether pgassay wrote it: baselines and JSON reports name rows and statements that are no server's.
fn is_of_pgassay(bytes: &[u8]) -> bool {
    let head = &bytes[..bytes.len().min(100)];
    head.starts_with(b"{\"version\":1,\"findings\":[\n")
        || memchr::memmem::find(head, b"\"fingerprint\": \"pgassay/").is_some()
}

/// The fragments in a file, in the order of their places; those of one configuration file as one.
#[must_use]
pub(crate) fn extract(host: Host, file: FileId, path: &Utf8Path, bytes: &[u8]) -> Vec<Fragment> {
    if !may_hold(bytes) {
        return Vec::new();
    }
    // A byte order mark is no part of the text.
    let start = if bytes.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    let text = Literal::plain(Span::new(file, start, bytes.len()), &bytes[start..]);
    let mut found = Found::new(path);
    found.read(host, &text);
    found.joined()
}

impl<'a> Found<'a> {
    /// Nothing, so far, of the file of that path.
    fn new(host: &'a Utf8Path) -> Self {
        Self { host, fragments: Vec::new(), places: BTreeSet::new(), node: Utf8PathBuf::new(), depth: 0 }
    }

    /// Reads a text of a host: the file, or a part of it that was written in another language.
    pub(crate) fn read(&mut self, host: Host, text: &Literal) {
        if self.depth >= DEEPEST || !may_hold(text.text()) {
            return;
        }
        self.depth += 1;
        match host {
            Host::Markdown => markdown::extract(text, self),
            Host::Shell => shell::extract(text, self),
            Host::Dockerfile => dockerfile::extract(text, self),
            Host::Systemd => systemd::extract(text, self),
            Host::Env => env::extract(text, self),
            Host::Yaml | Host::Json => yaml::extract(text, self),
            Host::Toml => toml::extract(text, self),
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
        let outer = self.enter(node);
        find(self);
        self.leave(outer);
    }

    /// The first half of [`Found::within`]; what it gives is for [`Found::leave`].
    pub(crate) fn enter(&mut self, node: &str) -> Utf8PathBuf {
        let outer = self.node.clone();
        if !node.is_empty() {
            self.node.push(folder_name(node));
        }
        outer
    }

    /// The second half of [`Found::within`].
    pub(crate) fn leave(&mut self, outer: Utf8PathBuf) {
        self.node = outer;
    }

    /// How many fragments there are so far.
    pub(crate) fn count(&self) -> usize {
        self.fragments.len()
    }

    /// The places of the fragments after the first `count`, in order.
    pub(crate) fn places_after(&self, count: usize) -> Vec<Span> {
        let found = self.fragments.get(count..).unwrap_or_default();
        let mut places = found.iter().map(|fragment| fragment.text.whole()).collect::<Vec<_>>();
        places.sort_unstable();
        places
    }

    /// The server that what is found next is for.
    pub(crate) fn node(&self) -> &Utf8Path {
        &self.node
    }

    /// Adds a text that stands for the usual file of its kind.
    pub(crate) fn add(&mut self, kind: Kind, text: Literal) {
        self.push(kind, &kind.to_string(), text, None, Shows::Part);
    }

    /// Adds a text that stands for a file of that name: one of several of its kind.
    pub(crate) fn file(&mut self, kind: Kind, name: &str, text: Literal) {
        self.push(kind, &folder_name(name), text, None, Shows::Part);
    }

    /// Adds SQL that `transaction`, a place in the text of the host, runs in a transaction.
    pub(crate) fn sql(&mut self, text: Literal, transaction: Option<Span>) {
        self.push(Kind::Sql, &Kind::Sql.to_string(), text, transaction, Shows::Part);
    }

    /// Ends a statement and adds it.
    pub(crate) fn statement(&mut self, mut statement: Writer) {
        statement.words(";");
        self.sql(statement.build(), None);
    }

    /// Adds a text that is known to be all of the usual file of its kind, or of the settings of a command line.
    pub(crate) fn whole(&mut self, kind: Kind, text: Literal) {
        self.push(kind, &kind.to_string(), text, None, Shows::Whole);
    }

    /// Adds the path, relative to the folder of the host, of the file that is the server's usual one of that kind.
    pub(crate) fn path(&mut self, kind: Kind, path: Literal) {
        self.push(kind, &kind.to_string(), path, None, Shows::Path);
    }

    /// Whether the usual file of that kind is known for the server.
    pub(crate) fn has(&self, kind: Kind) -> bool {
        self.places.contains(&self.node.join(kind.to_string()))
    }

    /// The major that something gives away for the server.
    pub(crate) fn major(&self) -> Option<u8> {
        let own = |fragment: &&Fragment| fragment.kind == Kind::Major && fragment.place.parent() == Some(&self.node);
        let fragment = self.fragments.iter().rfind(own)?;
        std::str::from_utf8(fragment.text.text()).ok()?.parse().ok()
    }

    fn push(&mut self, kind: Kind, name: &str, text: Literal, transaction: Option<Span>, shows: Shows) {
        let bare = text.text().trim_ascii();
        if bare.is_empty() || bare == HOLE {
            return;
        }
        let place = self.node.join(name);
        self.places.insert(place.clone());
        self.fragments.push(Fragment { kind, text, place, transaction, shows });
    }

    /// Puts the parts of one file together.
    fn joined(self) -> Vec<Fragment> {
        let mut out: Vec<Fragment> = Vec::with_capacity(self.fragments.len());
        let mut parts: Vec<Vec<Literal>> = Vec::new();
        let mut by_place: BTreeMap<Utf8PathBuf, usize> = BTreeMap::new();
        for fragment in self.fragments {
            let alone = matches!(fragment.kind, Kind::Sql | Kind::Conninfo | Kind::Password);
            if alone || fragment.shows == Shows::Path {
                out.push(fragment);
                parts.push(Vec::new());
                continue;
            }
            match by_place.get(&fragment.place) {
                // The same version twice is no more than once; another one is proof of neither.
                Some(&index) if fragment.kind == Kind::Major && out[index].text.text() == fragment.text.text() => {}
                Some(&index) => {
                    parts[index].push(fragment.text);
                    if fragment.shows == Shows::Part {
                        out[index].shows = Shows::Part;
                    }
                }
                None => {
                    by_place.insert(fragment.place.clone(), out.len());
                    out.push(fragment);
                    parts.push(Vec::new());
                }
            }
        }
        for (fragment, parts) in out.iter_mut().zip(parts).filter(|(_, parts)| !parts.is_empty()) {
            let mut writer = Writer::new(&fragment.text);
            writer.text(&fragment.text);
            for part in parts {
                if !writer.is_at_line() {
                    writer.words("\n");
                }
                writer.text(&part);
            }
            fragment.text = writer.build();
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
