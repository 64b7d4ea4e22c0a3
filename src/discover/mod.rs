//! From paths to inputs: the only code that walks folders, and the one that tells what kind a file is.
//!
//! It does not read files whole and follows nothing that a file names; that is [`crate::load`].

use std::collections::BTreeSet;
use std::io;
use std::path::Path;

use camino::{Utf8Component, Utf8Path, Utf8PathBuf};
use globset::GlobSet;
use ignore::gitignore::{Gitignore, GitignoreBuilder};
use walkdir::WalkDir;

use crate::finding::Severity;
use crate::progress::{self, Stage};
use crate::triage::Note;

mod context;
#[cfg(test)]
mod hook;
mod host;
mod kind;

pub use context::context;
pub use host::Host;
pub use kind::{Kind, by_content, by_name, by_path, is_template_name, may_tell_by_content, other_program};

/// A file to read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Input {
    /// Where it is.
    pub path: Utf8PathBuf,
    /// What it is, where name or settings tell.
    pub kind: Option<Kind>,
    /// Whether the user named it (or its kind), so that a file that cannot be read or recognised is an error.
    pub named: bool,
}

/// A path of which nothing can be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    /// The path, with what is not UTF-8 in it replaced.
    pub path: Utf8PathBuf,
    /// Why.
    pub reason: String,
    /// Whether something was to be read there: it was named, is a folder, or is named like a file of PostgreSQL's.
    pub wanted: bool,
}

/// What is said of files by glob, in place of their names. Globs are matched against paths relative to the folder
/// of pgassay.toml, with `/`.
#[derive(Debug, Default)]
pub struct Overrides {
    /// The globs.
    pub globs: GlobSet,
    /// For each glob the kind, or `None` to leave the file alone.
    pub kinds: Vec<Option<Kind>>,
    /// The folder that the globs are relative to.
    pub root: Utf8PathBuf,
}

impl Overrides {
    /// What the last matching glob says of the path: nothing, to skip it, or its kind.
    fn of(&self, path: &Utf8Path) -> Option<Option<Kind>> {
        if self.kinds.is_empty() {
            return None;
        }
        let absolute = std::path::absolute(path).ok()?;
        let root =
            std::path::absolute(if self.root.as_str().is_empty() { Utf8Path::new(".") } else { &self.root }).ok()?;
        let relative = absolute.strip_prefix(&root).unwrap_or(path.as_std_path());
        self.globs.matches(relative).last().map(|&index| self.kinds[index])
    }
}

/// What discovery found.
#[derive(Debug, Default)]
pub struct Discovered {
    /// The files, sorted by path, each once.
    pub inputs: Vec<Input>,
    /// What could not be read.
    pub unreadable: Vec<Unreadable>,
    /// Symbolic links with the name of a file of PostgreSQL's, which a walk does not follow.
    pub links: Vec<Utf8PathBuf>,
}

impl Discovered {
    /// What there is to say of what could not be read or was passed over.
    #[must_use]
    pub fn notes(&self) -> Vec<Note> {
        let unreadable = self.unreadable.iter().map(|unreadable| Note {
            path: Some(unreadable.path.clone()),
            level: if unreadable.wanted { Severity::Error } else { Severity::Warning },
            message: format!("cannot be read: {}", unreadable.reason),
        });
        let links = self.links.iter().map(|path| Note {
            path: Some(path.clone()),
            level: Severity::Info,
            message: "skipped: it is a symbolic link, which is read only where it is named".to_owned(),
        });
        unreadable.chain(links).collect()
    }
}

/// Finds the files below `paths`. A named file is taken whatever its name; a folder is walked, leaving out what
/// git ignores and what its name says is none of ours. `kind`, where given, is the kind of every named file. A path
/// that cannot be used does not keep the others from being read.
#[must_use]
pub fn discover(paths: &[Utf8PathBuf], kind: Option<Kind>, overrides: &Overrides) -> Discovered {
    let mut found = Discovered::default();
    let mut inputs = BTreeSet::new();
    progress::begin(Stage::Looking, 0);
    for path in paths {
        match is_dir(path) {
            Ok(true) => walk(path, &Walk { overrides, depth: usize::MAX, wanted: &|_| true }, &mut inputs, &mut found),
            Ok(false) => match overrides.of(path) {
                Some(None) if kind.is_none() => {}
                said => {
                    let kind = kind.or(said.flatten()).or_else(|| by_path(path));
                    inputs.insert(Input { path: plain(path), kind, named: true });
                }
            },
            Err(error) => {
                found.unreadable.push(Unreadable { path: path.clone(), reason: error.to_string(), wanted: true });
            }
        }
    }
    found.inputs = each_once(inputs);
    found
}

/// Finds the files that lie in a folder itself, as [`discover`] would, and none in folders below.
#[must_use]
pub fn discover_beside(folder: &Utf8Path, overrides: &Overrides) -> Discovered {
    let (mut found, mut inputs) = (Discovered::default(), BTreeSet::new());
    walk(folder, &Walk { overrides, depth: 1, wanted: &|_| true }, &mut inputs, &mut found);
    found.inputs = each_once(inputs);
    found
}

/// What a walk would make of a file, which need not be there, if it came by it; `kind` is what is known of it otherwise.
/// None if the settings say to leave it alone.
#[must_use]
pub fn as_walked(path: &Utf8Path, kind: Option<Kind>, overrides: &Overrides) -> Option<Input> {
    let kind = match overrides.of(path) {
        Some(said) => Some(said?),
        None => by_path(path).or(kind),
    };
    Some(Input { path: path.to_owned(), kind, named: false })
}

/// The same file named and walked is one input, and the named one sorts last.
fn each_once(inputs: BTreeSet<Input>) -> Vec<Input> {
    let mut inputs = inputs.into_iter().collect::<Vec<_>>();
    inputs.reverse();
    inputs.dedup_by(|next, kept| next.path == kept.path);
    inputs.reverse();
    inputs
}

/// The path without empty parts and `.`, so that a file has one name in reports however it was named.
pub(crate) fn plain(path: &Utf8Path) -> Utf8PathBuf {
    path.components().filter(|part| *part != Utf8Component::CurDir).collect()
}

#[expect(clippy::disallowed_methods, reason = "discovery looks at the paths it is given")]
fn is_dir(path: &Utf8Path) -> io::Result<bool> {
    std::fs::metadata(path).map(|metadata| metadata.is_dir())
}

/// The ignore files that hold for a walk.
#[derive(Default)]
struct Ignores {
    /// Those above the walk's root; they are asked with absolute paths.
    above: Vec<Gitignore>,
    /// The walk's root, absolute.
    absolute: Utf8PathBuf,
    /// Those met in the walk, each with the depth of its folder.
    met: Vec<(usize, Gitignore)>,
}

impl Ignores {
    /// Whether the files above the walk's root leave out an absolute path.
    fn ignores_above(&self, path: &Path, is_dir: bool) -> bool {
        let verdicts = self.above.iter().rev().map(|matcher| matcher.matched(path, is_dir));
        verdicts.into_iter().find(|verdict| !verdict.is_none()).is_some_and(|verdict| verdict.is_ignore())
    }

    fn ignores(&self, root: &Utf8Path, path: &Path, is_dir: bool) -> bool {
        let met = self.met.iter().rev().map(|(_, matcher)| matcher.matched(path, is_dir));
        let above = self.above.iter().rev().map(|matcher| {
            let below = path.strip_prefix(root).unwrap_or(path);
            matcher.matched(self.absolute.as_std_path().join(below), is_dir)
        });
        met.chain(above).find(|verdict| !verdict.is_none()).is_some_and(|verdict| verdict.is_ignore())
    }
}

/// How a folder is walked.
struct Walk<'a> {
    overrides: &'a Overrides,
    /// How deep: 1 is the folder's own files.
    depth: usize,
    /// Which files are taken, by their names.
    wanted: &'a dyn Fn(&str) -> bool,
}

fn walk(root: &Utf8Path, how: &Walk<'_>, inputs: &mut BTreeSet<Input>, found: &mut Discovered) {
    let mut ignores = above(root);
    // Ignore files come first in each folder, so that they are known before what they speak of.
    let mut entries = WalkDir::new(root)
        .max_depth(how.depth)
        .sort_by(|a, b| {
            (!is_ignore_file(a.file_name()), a.file_name()).cmp(&(!is_ignore_file(b.file_name()), b.file_name()))
        })
        .into_iter();
    while let Some(entry) = entries.next() {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                let path = error.path().map_or_else(|| root.to_owned(), lossy);
                let reason = error.io_error().map_or_else(|| error.to_string(), ToString::to_string);
                found.unreadable.push(Unreadable { path, reason, wanted: true });
                continue;
            }
        };
        let path = entry.path();
        let depth = entry.depth();
        while ignores.met.last().is_some_and(|(folder, _)| depth > 0 && *folder >= depth) {
            ignores.met.pop();
        }
        let is_dir = entry.file_type().is_dir();
        let repository = is_dir && entry.file_name().to_str().is_some_and(is_repository);
        if depth > 0 && (repository || ignores.ignores(root, path, is_dir)) {
            if is_dir {
                entries.skip_current_dir();
            }
            continue;
        }
        if is_dir {
            continue;
        }
        let name = entry.file_name().to_string_lossy();
        if !entry.file_type().is_file() {
            let is_ours = by_name(&name).is_some_and(Kind::is_own);
            if is_ours && entry.file_type().is_symlink() {
                found.links.push(lossy(path));
            } else if is_ours {
                let reason = "it is a pipe, a socket or a device, not a file".to_owned();
                found.unreadable.push(Unreadable { path: lossy(path), reason, wanted: true });
            }
            continue;
        }
        if is_ignore_file(entry.file_name()) {
            if let Some(folder) = path.parent() {
                ignores.met.push((depth.saturating_sub(1), matcher(folder, path)));
            }
            continue;
        }
        if !(how.wanted)(&name) {
            continue;
        }
        let by_name = by_name(&name);
        let Some(path) = Utf8Path::from_path(path) else {
            let wanted = by_name.is_some_and(Kind::is_own);
            if by_name.is_some() || may_tell_by_content(&name) {
                let reason = "its path is not UTF-8".to_owned();
                found.unreadable.push(Unreadable { path: lossy(path), reason, wanted });
            }
            continue;
        };
        let kind = match how.overrides.of(path) {
            Some(None) => continue,
            Some(kind) => kind,
            None if by_name.is_none() && !may_tell_by_content(&name) => continue,
            None => by_path(path),
        };
        inputs.insert(Input { path: plain(path), kind, named: false });
    }
}

/// Whether a folder of that name holds a repository's own data.
fn is_repository(name: &str) -> bool {
    matches!(name, ".git" | ".hg" | ".svn" | ".jj")
}

/// A path as it is shown.
fn lossy(path: &Path) -> Utf8PathBuf {
    let path = Utf8PathBuf::from(path.to_string_lossy().into_owned());
    path.strip_prefix(".").map_or(path.clone(), ToOwned::to_owned)
}

fn is_ignore_file(name: &std::ffi::OsStr) -> bool {
    name == ".gitignore" || name == ".ignore"
}

/// The ignore files above `root`, up to the folder that holds `.git`; none where there is no such folder.
fn above(root: &Utf8Path) -> Ignores {
    let mut ignores = Ignores { above: Vec::new(), absolute: Utf8PathBuf::new(), met: Vec::new() };
    let Ok(absolute) = root.canonicalize_utf8() else { return ignores };
    if let Some(top) = absolute.ancestors().position(|folder| folder.join(".git").exists()) {
        let folders = absolute.ancestors().skip(1).take(top).collect::<Vec<_>>();
        for folder in folders.into_iter().rev() {
            for file in [folder.join(".gitignore"), folder.join(".ignore")] {
                if file.is_file() {
                    ignores.above.push(matcher(folder.as_std_path(), file.as_std_path()));
                }
            }
        }
    }
    ignores.absolute = absolute;
    ignores
}

fn matcher(folder: &Path, file: &Path) -> Gitignore {
    let mut builder = GitignoreBuilder::new(folder);
    // A line that is no glob is left out, as git does; the others count.
    let _ = builder.add(file);
    builder.build().unwrap_or_else(|_| Gitignore::empty())
}
