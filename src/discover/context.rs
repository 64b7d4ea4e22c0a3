//! What is read beside the files that a run reports: their neighbours, found without a walk of the tree.

use std::collections::{BTreeMap, BTreeSet};

use camino::{Utf8Path, Utf8PathBuf};

use super::{Discovered, Host, Input, Kind, Overrides, Walk, above, by_name, each_once, is_repository, plain, walk};

/// How much of a folder is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Share {
    /// What can belong to a server with files elsewhere: configuration, access files, signals, compose files.
    Server,
    /// All that a walk would take.
    All,
}

/// Adds the files around those that were named, as far as a walk would read them:
///
/// - what lies in the folder of a named file;
/// - the files of servers, and compose files, in the folders above it up to the working directory: these may include or
///   mount the named file;
/// - for a file of PostgreSQL's own, those in the folders beside its own: the other side of a replication.
///
/// Folders below are read where a file includes them. `more` are files and folders that belong to a named file's
/// server wherever they lie.
pub fn context(found: &mut Discovered, more: &[Utf8PathBuf], overrides: &Overrides) {
    let mut inputs = std::mem::take(&mut found.inputs).into_iter().collect::<BTreeSet<_>>();
    let mut folders = BTreeMap::new();
    for input in &inputs {
        around(input, &mut folders);
    }
    for path in more {
        let (folder, wanted) = (path.parent().unwrap_or(Utf8Path::new("")), path.file_name());
        if path.is_dir() {
            read(path, Share::Server, None, overrides, &mut inputs, found);
        } else {
            read(folder, Share::All, wanted, overrides, &mut inputs, found);
        }
    }
    for (folder, share) in &folders {
        read(folder, *share, None, overrides, &mut inputs, found);
    }
    found.inputs = each_once(inputs);
}

/// The folders around a file.
fn around(input: &Input, folders: &mut BTreeMap<Utf8PathBuf, Share>) {
    let mut add = |folder: &Utf8Path, share: Share| {
        let known = folders.entry(folder.to_owned()).or_insert(share);
        *known = share.max(*known);
    };
    let own = input.path.parent().unwrap_or(Utf8Path::new(""));
    add(own, Share::All);
    // Above the working directory nothing is ours to read.
    if own.is_relative() && !own.starts_with("..") {
        for above in own.ancestors().skip(1) {
            add(above, Share::Server);
        }
    }
    let beside = own.parent().filter(|_| input.kind.is_none_or(|kind| kind.is_own() && kind != Kind::Sql));
    for folder in beside.into_iter().flat_map(folders_in) {
        add(&folder, Share::Server);
    }
}

fn read(
    folder: &Utf8Path,
    share: Share,
    only: Option<&str>,
    overrides: &Overrides,
    inputs: &mut BTreeSet<Input>,
    found: &mut Discovered,
) {
    let wanted = |name: &str| only.is_none_or(|only| name == only) && (share == Share::All || is_of_server(name));
    // What cannot be read here was not asked for; for the model it is not there, and what needs it is unknown.
    let mut unread = Discovered::default();
    walk(here(folder), &Walk { overrides, depth: 1, wanted: &wanted }, inputs, &mut unread);
    found.links.append(&mut unread.links);
}

/// Whether the name is one of a file that can belong to a server with files in other folders.
fn is_of_server(name: &str) -> bool {
    match by_name(name) {
        Some(Kind::Host(Host::Yaml)) => name.contains("compose"),
        Some(Kind::Sql) => false,
        kind => kind.is_some_and(Kind::is_own),
    }
}

/// The folders in a folder that a walk would enter; none where it cannot be read.
fn folders_in(folder: &Utf8Path) -> Vec<Utf8PathBuf> {
    let entries = here(folder).read_dir_utf8().into_iter().flatten().flatten();
    let folders = entries.filter(|entry| entry.file_type().is_ok_and(|file_type| file_type.is_dir()));
    let mut folders = folders.map(|entry| plain(entry.path())).collect::<Vec<_>>();
    folders.sort();
    // The same ignore files hold for all of them.
    let ignores = folders.first().map(|first| above(first)).unwrap_or_default();
    let parent = ignores.absolute.parent().unwrap_or(Utf8Path::new("")).to_owned();
    folders.retain(|path| {
        let name = path.file_name().unwrap_or_default();
        !is_repository(name) && !ignores.ignores_above(parent.join(name).as_std_path(), true)
    });
    folders
}

fn here(folder: &Utf8Path) -> &Utf8Path {
    if folder.as_str().is_empty() { Utf8Path::new(".") } else { folder }
}
