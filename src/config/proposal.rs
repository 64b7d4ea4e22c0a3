//! A pgassay.toml for a tree: the servers that it shows, as far as the tree tells them.
//!
//! What is only likely is commented out. Reading and writing files is the command line's business.

use std::collections::{BTreeSet, HashMap};
use std::fmt::Write;

use camino::{Utf8Path, Utf8PathBuf};

use crate::catalog::Majors;
use crate::model::topology::{Edge, Member};
use crate::model::{Cluster, NodeSettings};
use crate::secret::Redactor;
use crate::source::SourceMap;

/// What stays of a pgassay.toml that is replaced: without it, the tree would be read otherwise.
#[derive(Debug)]
pub struct Before<'a> {
    /// The majors to judge for.
    pub pg: Option<Majors>,
    /// What is known of nodes.
    pub nodes: &'a [NodeSettings],
    /// What files are, by glob.
    pub files: &'a [(String, String)],
}

/// The text of a pgassay.toml in `folder` for a cluster that was read from there, with what stays of the
/// file that it replaces.
#[must_use]
pub fn proposal(cluster: &Cluster, sources: &SourceMap, before: &Before<'_>, folder: &Utf8Path) -> String {
    let redactor = Redactor::new(sources);
    let members = &cluster.topology.members;
    let names = names(members, folder);
    let mut out =
        String::from("# Settings of pgassay. A line that is commented out was not told for sure: check it first.\n");
    out.push_str("# `pgassay schema config` prints a JSON Schema of all that may stand here.\n\n");
    out.push_str("# The PostgreSQL majors to judge for, where the files give none away.\n");
    let _ = match before.pg {
        Some(pg) => writeln!(out, "pg = {:?}\n", pg.iter().collect::<Vec<_>>()),
        None => writeln!(out, "# pg = \"14..18\"\n"),
    };
    out.push_str("# The rules to run: \"default\" or \"strict\".\n# profile = \"default\"\n");
    if !before.files.is_empty() {
        out.push_str("\n[files]\n");
    }
    for (glob, kind) in before.files {
        let _ = writeln!(out, "{} = {}", string(glob, &redactor), string(kind, &redactor));
    }
    if members.is_empty() {
        out.push_str(
            "\n# No server is seen here. Where there is one:\n# [[node]]\n# name = \"db1\"\n# path = \"db1\"\n",
        );
    }
    let mut shared: HashMap<&Utf8Path, BTreeSet<usize>> = HashMap::new();
    let mut entries: HashMap<&Utf8Path, usize> = HashMap::new();
    for (index, member) in members.iter().enumerate() {
        member.said.iter().for_each(|key| *entries.entry(key).or_default() += 1);
        for (_, node) in member.nodes(cluster) {
            shared.entry(&node.folder).or_default().insert(index);
        }
    }
    let tree = Tree { cluster, sources, said: before.nodes, folder, redactor, names, shared, entries };
    let mut written = BTreeSet::new();
    for (index, member) in members.iter().enumerate() {
        // One entry may speak of several servers.
        if member.said.as_ref().is_none_or(|key| written.insert(key)) {
            Proposed { tree: &tree, member, index }.write(&mut out);
        }
    }
    out
}

/// A short name for each member that no other has: the last part of where it lies, with as many before it as it takes.
fn names(members: &[Member], folder: &Utf8Path) -> Vec<String> {
    let mut taken = BTreeSet::new();
    let said = |member: &Member| member.said.is_some();
    taken.extend(members.iter().filter(|member| said(member)).map(|member| member.name.clone()));
    let parts = |member: &Member| {
        let own = below(&member.folder, folder);
        let mut parts = own.components().map(|part| bare(part.as_str())).collect::<Vec<_>>();
        parts.retain(|part| !part.is_empty());
        // A host that a heading names is shorter than the heading, and what others call the server.
        let last = own.file_name().unwrap_or_default();
        if last.contains(' ') {
            let hosts = || member.identity.hosts.iter().filter(|host| !host.contains(' '));
            let own = |host: &&String| crate::extract::role::of_name(host).is_empty();
            let host = hosts().find(own).or_else(|| hosts().next());
            parts = host.map(|host| bare(host)).into_iter().collect();
        }
        parts
    };
    let all = members.iter().map(parts).collect::<Vec<_>>();
    let tail = |parts: &[String], most: usize| parts[parts.len().saturating_sub(most)..].join("-");
    let mut count = HashMap::new();
    for parts in &all {
        let tails = (1..=parts.len()).map(|most| tail(parts, most)).collect::<BTreeSet<_>>();
        tails.into_iter().for_each(|tail| *count.entry(tail).or_insert(0usize) += 1);
    }
    let name = |(member, parts): (&Member, &Vec<String>)| {
        if said(member) {
            return member.name.clone();
        }
        let is_only = |most: &usize| {
            let own = tail(parts, *most);
            !own.is_empty() && count.get(&own) == Some(&1)
        };
        let most = (1..=parts.len()).find(is_only).unwrap_or(parts.len());
        let own = Some(tail(parts, most)).filter(|own| !own.is_empty()).unwrap_or_else(|| "server".to_owned());
        let numbered = (2..).map(|number| format!("{own}-{number}"));
        let free = std::iter::once(own.clone()).chain(numbered).find(|name| taken.insert(name.clone()));
        free.unwrap_or(own)
    };
    members.iter().zip(&all).map(name).collect()
}

/// A part of a path as a name: without the ending of a file, and in characters of host names.
fn bare(part: &str) -> String {
    let endings = [".sql", ".md", ".markdown", ".yaml", ".yml", ".json", ".toml", ".conf"];
    let part = endings.iter().find_map(|ending| part.strip_suffix(ending)).unwrap_or(part);
    let plain = |c: char| if c.is_alphanumeric() || matches!(c, '.' | '_') { c } else { '-' };
    part.chars().map(plain).collect::<String>().trim_matches(['-', '.']).to_owned()
}

/// The path as pgassay.toml in `folder` writes it.
fn below<'a>(path: &'a Utf8Path, folder: &Utf8Path) -> &'a Utf8Path {
    path.strip_prefix(folder).unwrap_or(path)
}

struct Tree<'a> {
    cluster: &'a Cluster,
    sources: &'a SourceMap,
    said: &'a [NodeSettings],
    folder: &'a Utf8Path,
    redactor: Redactor<'a>,
    names: Vec<String>,
    /// The members that have a node in a folder.
    shared: HashMap<&'a Utf8Path, BTreeSet<usize>>,
    /// How many members an entry of the file before speaks of.
    entries: HashMap<&'a Utf8Path, usize>,
}

impl Tree<'_> {
    /// What the file before says of a member.
    fn said(&self, member: &Member) -> Option<&NodeSettings> {
        self.said.iter().find(|said| member.said.as_ref() == Some(&said.key))
    }

    fn speaks_of_several(&self, key: &Utf8Path) -> bool {
        self.entries.get(key).is_some_and(|count| *count > 1)
    }

    /// The name that a member is given; none where one entry speaks of several.
    fn name(&self, index: usize) -> Option<&str> {
        let member = self.cluster.topology.members.get(index)?;
        if member.said.as_ref().is_some_and(|key| self.speaks_of_several(key)) {
            return self.said(member)?.name.as_deref();
        }
        self.names.get(index).map(String::as_str)
    }

    fn string(&self, text: &str) -> String {
        string(text, &self.redactor)
    }
}

struct Proposed<'a> {
    tree: &'a Tree<'a>,
    member: &'a Member,
    index: usize,
}

impl Proposed<'_> {
    fn write(&self, out: &mut String) {
        let Self { tree, member, index } = *self;
        out.push_str("\n[[node]]\n");
        let name = tree.name(index).unwrap_or_default();
        if !name.is_empty() {
            let _ = writeln!(out, "name = {}", tree.string(name));
        }
        self.place(out);
        // What is told of one server does not hold for all that an entry speaks of.
        let several = member.said.as_ref().is_some_and(|key| tree.speaks_of_several(key));
        let only = tree.said(member).filter(|_| several);
        if let Some(duty) = only.map_or(member.duty, |said| said.role) {
            let _ = writeln!(out, "role = {}", tree.string(duty.word()));
        }
        let hosts =
            only.map_or_else(|| member.identity.hosts.iter().collect(), |said| said.hosts.iter().collect::<Vec<_>>());
        let hosts = hosts.into_iter().filter(|host| !host.eq_ignore_ascii_case(name));
        let hosts = hosts.map(|host| tree.string(host)).collect::<Vec<_>>();
        if !hosts.is_empty() {
            let _ = writeln!(out, "hosts = [{}]", hosts.join(", "));
        }
        self.addresses(several, out);
        match (tree.said(member).and_then(|said| said.pg), member.majors.iter().collect::<Vec<_>>().as_slice()) {
            (Some(pg), _) if pg.iter().count() > 1 => {
                let _ = writeln!(out, "pg = {:?}", pg.iter().collect::<Vec<_>>());
            }
            (Some(pg), _) => pg.iter().for_each(|major| {
                let _ = writeln!(out, "pg = {major}");
            }),
            (None, [major]) if !several => {
                let _ = writeln!(out, "pg = {major}");
            }
            _ => {}
        }
        self.senders(several, out);
    }

    /// Its folder, or its files where a folder holds several servers.
    fn place(&self, out: &mut String) {
        let Self { tree, member, .. } = *self;
        if let Some(said) = tree.said(member) {
            if let Some(path) = &said.folder {
                self.path(path, out);
            }
            self.files(said.files.iter().map(Utf8PathBuf::as_path), out);
            return;
        }
        let node = member.nodes(tree.cluster).next().map(|(_, node)| node);
        if let Some(node) = node
            && tree.shared.get(node.folder.as_path()).is_some_and(|members| members.len() > 1)
        {
            let hba = node.hba.iter().map(|hba| hba.file);
            let files = node.settings.root.into_iter().chain(hba).map(|file| tree.sources.file(file).path());
            return self.files(files, out);
        }
        match node {
            Some(node) => self.path(&node.folder, out),
            None => self.path(&self.sql_only(), out),
        }
    }

    fn path(&self, path: &Utf8Path, out: &mut String) {
        let path = below(path, self.tree.folder);
        let path = if path.as_str().is_empty() { Utf8Path::new(".") } else { path };
        let _ = writeln!(out, "path = {}", self.tree.string(path.as_str()));
    }

    fn files<'f>(&self, files: impl Iterator<Item = &'f Utf8Path>, out: &mut String) {
        let files = files.map(|path| self.tree.string(below(path, self.tree.folder).as_str())).collect::<Vec<_>>();
        if !files.is_empty() {
            let _ = writeln!(out, "files = [{}]", files.join(", "));
        }
    }

    /// Where the SQL lies of a server of which no configuration is seen: its file, where it has only that one.
    fn sql_only(&self) -> Utf8PathBuf {
        let Self { tree: Tree { cluster, sources, .. }, member, .. } = *self;
        let file = match member.sql.as_slice() {
            [only] => cluster.sql.get(*only).map(|file| sources.file(file.file)),
            _ => None,
        };
        match file.filter(|file| file.place() == file.path() && member.folder == file.place()) {
            Some(file) => file.path().to_owned(),
            None => member.folder.clone(),
        }
    }

    /// Others reach it there for sure; that it connects to them from there is only likely, and pgassay.toml would say
    /// both.
    fn addresses(&self, several: bool, out: &mut String) {
        let identity = &self.member.identity;
        let written = |addresses: &BTreeSet<std::net::IpAddr>| {
            addresses.iter().map(|address| format!("\"{address}\"")).collect::<Vec<_>>().join(", ")
        };
        if !identity.said.is_empty() {
            let _ = writeln!(out, "addresses = [{}]", written(&identity.said));
        } else if !identity.addresses.is_empty() && !several {
            let _ = writeln!(
                out,
                "# addresses = [{}]  # if it connects to others from there too",
                written(&identity.addresses)
            );
        }
    }

    /// The servers that it replicates from. A line for them speaks of all that it receives, so one of which that is not
    /// told keeps it a comment.
    fn senders(&self, several: bool, out: &mut String) {
        let Self { tree, member, index } = *self;
        if !member.replicates_from.is_empty() {
            let names = member.replicates_from.iter().map(|name| tree.string(name)).collect::<Vec<_>>();
            let _ = writeln!(out, "replicates-from = [{}]", names.join(", "));
            return;
        }
        let edges = tree.cluster.topology.upstreams(index).collect::<Vec<_>>();
        let senders = edges.iter().filter_map(|edge| edge.upstream).filter(|&from| from != index);
        let senders = senders.collect::<BTreeSet<_>>();
        if senders.is_empty() || several {
            return;
        }
        let told = |edge: &&Edge| edge.certain && edge.active && edge.upstream.is_some_and(|from| from != index);
        let names = senders.iter().filter_map(|&from| tree.name(from)).map(|name| tree.string(name));
        let names = names.collect::<Vec<_>>();
        let sure = edges.iter().all(told) && names.len() == senders.len();
        let _ = writeln!(out, "{}replicates-from = [{}]", if sure { "" } else { "# " }, names.join(", "));
    }
}

/// A text as a string of TOML, with its secrets hidden.
pub(crate) fn string(text: &str, redactor: &Redactor<'_>) -> String {
    let is_hidden = |c: char| {
        c.is_control() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
    };
    let mut out = String::from("\"");
    for c in redactor.hide(text).chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if is_hidden(c) => {
                let _ = write!(out, "\\u{:04x}", c as u32);
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
