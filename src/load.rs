//! From inputs to documents: reads files, parses them, and follows what they include until nothing is new.
//!
//! What an include means for the settings' order is the model's business; here every file is read and parsed once.

use std::collections::{BTreeMap, HashMap};
use std::ffi::OsString;
use std::sync::Arc;

use camino::{Utf8Component, Utf8Path, Utf8PathBuf};
use rayon::prelude::*;

use crate::catalog::Majors;
use crate::discover::{Host, Input, Kind, by_content, by_path, is_template_name, other_program};
use crate::extract::{self, Fragment, Shows};
use crate::finding::Severity;
use crate::progress::{self, Stage};
use crate::source::{FileId, SourceFile, SourceMap, Span};
use crate::syntax::auth_file::{self, IncludeKind};
use crate::syntax::postgresql_conf::{self, ConfFile, EntryKind};
use crate::syntax::template;
use crate::triage::Note;

mod modes;
mod texts;

pub use modes::{Key, Modes};
pub use texts::{Text, Texts};

use texts::read;

/// What a file parsed to.
#[derive(Debug)]
pub enum Tree {
    /// postgresql.conf, postgresql.auto.conf, recovery.conf and recovery.done.
    Conf(ConfFile),
    /// pg_hba.conf, pg_ident.conf and the lists that `@file` names: they are lexed when the model is built, once for
    /// each group of target majors that read the bytes alike.
    Auth,
    /// A file whose being there is all that counts, or that is read by what is of its kind.
    Marker,
    /// A file of another language; what it holds are documents of their own.
    Host,
}

/// A parsed file.
#[derive(Debug)]
pub struct Document {
    /// The file.
    pub file: FileId,
    /// What it parsed to.
    pub tree: Tree,
    /// Whether name or content say that it is a template, so that entries may be conditional.
    pub template: bool,
}

/// What an include line or an `@file` leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// These files, in the server's order. Lines that name one folder share them.
    Files {
        /// What is read.
        files: Arc<[FileId]>,
        /// Names of files in the folder that the server does not read.
        skipped: Arc<[String]>,
        /// Whether the folder has more files that the server reads and that could not be read here.
        unread: bool,
    },
    /// Nothing is there.
    Missing(Utf8PathBuf),
    /// It lies outside of the folders that the user named.
    Outside(Utf8PathBuf),
    /// It is there and cannot be read.
    Unreadable(Utf8PathBuf, String),
    /// Its name is computed by a template.
    Dynamic,
    /// The name is empty.
    Empty,
}

/// All that was read.
#[derive(Debug, Default)]
pub struct Loaded {
    /// The bytes.
    pub sources: SourceMap,
    /// One for each file of `sources`, by its index.
    pub documents: Vec<Document>,
    /// Where includes lead, by the place of the name in the file.
    pub targets: HashMap<Span, Target>,
    /// Files that another file says to be a server's.
    pub mounts: Vec<Mount>,
    /// The modes of files of hosts.
    pub modes: Modes,
    /// What could not be read or was passed over.
    pub notes: Vec<Note>,
}

/// A file that a server reads in a place that another file says, such as a volume of a compose file.
#[derive(Debug)]
pub struct Mount {
    /// The path by which it is told to be of that server.
    pub place: Utf8PathBuf,
    /// What the server takes it for.
    pub kind: Kind,
    /// The file.
    pub file: FileId,
}

/// The document of a text that lies in no file.
#[must_use]
pub fn of_text(input: Input, bytes: Vec<u8>) -> Loaded {
    let mut loader = Loader::new(&[], false);
    loader.add(input, bytes);
    loader.parse(0);
    loader.follow();
    loader.loaded
}

/// Reads and parses the inputs and all that they include. `follow_outside` allows includes that lead out of the
/// folders that hold the inputs.
#[must_use]
pub fn load(inputs: Vec<Input>, roots: &[Utf8PathBuf], follow_outside: bool) -> Loaded {
    load_with(inputs, roots, follow_outside, Texts::new())
}

/// The same, with some files as fixes would make them.
#[must_use]
pub fn load_with(mut inputs: Vec<Input>, roots: &[Utf8PathBuf], follow_outside: bool, texts: Texts) -> Loaded {
    inputs.retain(|input| texts.get(&input.path) != Some(&Text::Removed));
    let created = texts.iter().filter(|(_, text)| matches!(text, Text::Created { .. }));
    inputs.extend(created.map(|(path, _)| Input { path: path.clone(), kind: by_path(path), named: false }));
    let mut loader = Loader { texts, ..Loader::new(roots, follow_outside) };
    // Files that only their content can name wait: an include may name them first.
    let (known, unknown): (Vec<Input>, Vec<Input>) = inputs.into_iter().partition(|input| input.kind.is_some());
    loader.take(known);
    loader.follow();
    loader.take(unknown);
    loader.follow();
    loader.loaded.modes = modes::read(&loader.loaded, &loader.roots, follow_outside);
    loader.loaded
}

struct Loader {
    loaded: Loaded,
    by_path: BTreeMap<Utf8PathBuf, FileId>,
    roots: Vec<Utf8PathBuf>,
    follow_outside: bool,
    /// Where a path leads, as a folder or as a file of a kind.
    resolved: HashMap<(Utf8PathBuf, bool, Kind), Target>,
    /// How many documents had their includes followed.
    followed: usize,
    /// Files that others name and that were not looked for yet.
    waiting: Vec<Fragment>,
    /// What stands in place of the texts of files.
    texts: Texts,
}

/// Below this many files, starting threads costs more than it saves.
pub(crate) const PARALLEL_FROM: usize = 32;

impl Loader {
    fn new(roots: &[Utf8PathBuf], follow_outside: bool) -> Self {
        Self {
            loaded: Loaded::default(),
            by_path: BTreeMap::new(),
            roots: roots.iter().filter_map(|root| canonical(root)).collect(),
            follow_outside,
            resolved: HashMap::new(),
            followed: 0,
            waiting: Vec::new(),
            texts: Texts::new(),
        }
    }

    /// Reads and parses files, all at once where there are many.
    fn take(&mut self, inputs: Vec<Input>) {
        let inputs =
            inputs.into_iter().filter(|input| !self.by_path.contains_key(&clean(&input.path))).collect::<Vec<_>>();
        let parallel = inputs.len() >= PARALLEL_FROM;
        // What holds nothing of PostgreSQL's is forgotten at once.
        let texts = &self.texts;
        progress::begin(Stage::Reading, inputs.len());
        let read = |input: Input| {
            progress::step(&input.path);
            let bytes = read(texts, &input.path);
            let dull = matches!((input.kind, &bytes), (Some(Kind::Host(_)), Ok(bytes)) if !extract::may_hold(bytes));
            (!dull).then_some((input, bytes))
        };
        let texts: Vec<_> = if parallel {
            inputs.into_par_iter().filter_map(read).collect()
        } else {
            inputs.into_iter().filter_map(read).collect()
        };
        let first = self.loaded.sources.len();
        for (input, bytes) in texts {
            match bytes {
                Ok(bytes) => self.add(input, bytes),
                Err(error) => {
                    let wanted = input.named || input.kind.is_some_and(Kind::is_own);
                    self.note(input.path, format!("cannot be read: {error}"), wanted);
                }
            }
        }
        self.parse(first);
    }

    /// Parses the files from `first` on.
    fn parse(&mut self, first: usize) {
        let sources = &self.loaded.sources;
        let ids = (first..sources.len()).map(|index| FileId(index as u32));
        let documents: Vec<Document> = if ids.len() >= PARALLEL_FROM {
            ids.collect::<Vec<_>>().into_par_iter().map(|id| document(sources, id)).collect()
        } else {
            ids.map(|id| document(sources, id)).collect()
        };
        self.loaded.documents.extend(documents);
        self.fragments(first);
    }

    /// Adds what the files from `first` on hold in other languages.
    fn fragments(&mut self, first: usize) {
        let sources = &self.loaded.sources;
        let hosts = sources.iter().skip(first).filter_map(|(id, file)| match file.kind() {
            Kind::Host(host) => Some((host, id, file)),
            _ => None,
        });
        let hosts = hosts.collect::<Vec<_>>();
        let read =
            |(host, id, file): (Host, FileId, &SourceFile)| extract::extract(host, id, file.path(), file.bytes());
        let found: Vec<Vec<Fragment>> = if hosts.len() >= PARALLEL_FROM {
            hosts.into_par_iter().map(read).collect()
        } else {
            hosts.into_iter().map(read).collect()
        };
        for fragment in found.into_iter().flatten() {
            if fragment.shows == Shows::Path {
                self.waiting.push(fragment);
                continue;
            }
            let path = self.loaded.sources.file(fragment.text.file()).path().to_owned();
            match self.loaded.sources.add_fragment(fragment) {
                Some(id) => self.loaded.documents.push(document(&self.loaded.sources, id)),
                None => self.note(path, "holds more than can be read".to_owned(), false),
            }
        }
    }

    /// Adds the text of an input whose kind is known or can be told.
    fn add(&mut self, input: Input, bytes: Vec<u8>) {
        let Some(kind) = input.kind.or_else(|| by_content(&bytes)) else {
            if input.named {
                let message = "is of no kind that pgassay reads; `--kind` names one".to_owned();
                self.note(input.path, message, true);
            }
            return;
        };
        if let Some(what) = other_program(kind, &bytes) {
            let message = format!("skipped: named like {kind}, but {what}");
            self.note(input.path, message, false);
            return;
        }
        let key = clean(&input.path);
        match self.loaded.sources.add(input.path.clone(), kind, bytes) {
            Some(id) => {
                self.by_path.insert(key, id);
            }
            None => self.note(input.path, "cannot be read: there are too many files".to_owned(), true),
        }
    }

    fn note(&mut self, path: Utf8PathBuf, message: String, error: bool) {
        let level = if error { Severity::Error } else { Severity::Info };
        self.loaded.notes.push(Note { path: Some(path), level, message });
    }

    /// Looks for the files that others name, and follows the includes of every document until no document is new.
    fn follow(&mut self) {
        for fragment in std::mem::take(&mut self.waiting) {
            self.mount(&fragment);
        }
        while let Some(document) = self.loaded.documents.get(self.followed) {
            let file = document.file;
            let source = self.loaded.sources.file(file);
            let references = references(document, source.kind(), source.bytes());
            for reference in references {
                let target = self.resolve(file, &reference);
                self.loaded.targets.insert(reference.place, target);
            }
            self.followed += 1;
        }
    }

    /// Takes the file that a fragment names for one of its server's, if it is there and of that kind.
    fn mount(&mut self, fragment: &Fragment) {
        let Ok(name) = std::str::from_utf8(fragment.text.text()) else { return };
        let host = self.loaded.sources.file(fragment.text.file()).path().to_owned();
        let path = clean(&host.parent().unwrap_or(Utf8Path::new("")).join(name));
        if !self.is_inside(&path) {
            return;
        }
        let kind = fragment.kind;
        if let Ok(Some(file)) = self.file(path, kind)
            && self.loaded.sources.file(file).kind() == kind
        {
            self.loaded.mounts.push(Mount { place: host.join(&fragment.place), kind, file });
        }
    }

    fn resolve(&mut self, from: FileId, reference: &Reference) -> Target {
        // Where a fragment will lie is not known.
        if reference.dynamic || self.loaded.sources.file(from).is_fragment() {
            return Target::Dynamic;
        }
        let name = String::from_utf8_lossy(&reference.name);
        if name.trim().is_empty() {
            return Target::Empty;
        }
        let folder = self.loaded.sources.file(from).path().parent().unwrap_or(Utf8Path::new(""));
        let key = (clean(&folder.join(&*name)), reference.directory, reference.kind);
        if let Some(known) = self.resolved.get(&key) {
            return known.clone();
        }
        let path = key.0.clone();
        let target = if !self.is_inside(&path) {
            self.note(path.clone(), "not read: it lies outside of the folders given".to_owned(), false);
            Target::Outside(path)
        } else if reference.directory {
            self.folder(path, reference.kind)
        } else {
            self.single(path, reference.kind)
        };
        self.resolved.insert(key, target.clone());
        target
    }

    fn single(&mut self, path: Utf8PathBuf, kind: Kind) -> Target {
        match self.file(path.clone(), kind) {
            Ok(Some(id)) => Target::Files { files: [id].into(), skipped: [].into(), unread: false },
            Ok(None) => Target::Missing(path),
            Err(error) => {
                self.note(path.clone(), format!("cannot be read: {error}"), true);
                Target::Unreadable(path, error)
            }
        }
    }

    /// The files of an include_dir. One that cannot be read does not hide the others.
    fn folder(&mut self, path: Utf8PathBuf, kind: Kind) -> Target {
        let listing = match listing(&path) {
            Ok(Some(mut listing)) => {
                listing.lay(&self.texts, &path);
                listing
            }
            Ok(None) => return Target::Missing(path),
            Err(error) => {
                self.note(path.clone(), format!("cannot be read: {error}"), true);
                return Target::Unreadable(path, error);
            }
        };
        let mut files = Vec::new();
        let mut unread = false;
        for name in listing.read {
            let path = match name.into_string() {
                Ok(name) => path.join(name),
                Err(name) => {
                    let path = path.join(name.to_string_lossy().as_ref());
                    self.note(path, "cannot be read: its path is not UTF-8".to_owned(), true);
                    unread = true;
                    continue;
                }
            };
            let error = match self.file(path.clone(), kind) {
                Ok(Some(id)) => {
                    files.push(id);
                    continue;
                }
                Ok(None) => "it is a link that leads nowhere".to_owned(),
                Err(error) => error,
            };
            self.note(path, format!("cannot be read: {error}"), true);
            unread = true;
        }
        Target::Files { files: files.into(), skipped: listing.skipped.into(), unread }
    }

    /// The document of a path, read now if it was not yet; `None` where there is no such file.
    fn file(&mut self, path: Utf8PathBuf, kind: Kind) -> Result<Option<FileId>, String> {
        if let Some(&id) = self.by_path.get(&path) {
            return Ok(Some(id));
        }
        let bytes = match read(&self.texts, &path) {
            Ok(bytes) => bytes,
            Err(error) if is_missing(&error) => return Ok(None),
            Err(error) => return Err(error.to_string()),
        };
        let id = self.loaded.sources.add(path.clone(), kind, bytes).ok_or("there are too many files")?;
        self.by_path.insert(path, id);
        self.loaded.documents.push(document(&self.loaded.sources, id));
        Ok(Some(id))
    }

    fn is_inside(&self, path: &Utf8Path) -> bool {
        self.follow_outside || is_inside(path, &self.roots)
    }
}

/// Whether the path, with its symbolic links resolved, lies in a folder that the user named.
fn is_inside(path: &Utf8Path, roots: &[Utf8PathBuf]) -> bool {
    // What does not exist has no links of its own; its nearest folder that exists decides.
    let existing =
        path.ancestors().find_map(|part| canonical(if part.as_str().is_empty() { Utf8Path::new(".") } else { part }));
    existing.is_some_and(|real| roots.iter().any(|root| real.starts_with(root)))
}

fn document(sources: &SourceMap, id: FileId) -> Document {
    let file = sources.file(id);
    let bytes = file.bytes();
    let tree = match file.kind() {
        Kind::PostgresqlConf | Kind::AutoConf | Kind::RecoveryConf | Kind::RecoveryDone | Kind::CommandLine => {
            Tree::Conf(postgresql_conf::parse(id, bytes))
        }
        Kind::PgHba | Kind::PgIdent | Kind::NameList => Tree::Auth,
        Kind::Service | Kind::PgbouncerIni | Kind::Passfile | Kind::Userlist | Kind::Sql => Tree::Marker,
        Kind::StandbySignal
        | Kind::RecoverySignal
        | Kind::PgVersion
        | Kind::Major
        | Kind::HostName
        | Kind::Conninfo
        | Kind::Password => Tree::Marker,
        Kind::Host(_) => Tree::Host,
    };
    let by_name = file.path().file_name().is_some_and(is_template_name) && !file.path().as_str().ends_with(".sample");
    let template = by_name
        || matches!(&tree, Tree::Conf(conf) if conf.entries.iter().any(|entry| entry.kind == EntryKind::Template));
    Document { file: id, tree, template }
}

/// A place that names another file.
struct Reference {
    place: Span,
    name: Vec<u8>,
    dynamic: bool,
    directory: bool,
    kind: Kind,
}

fn references(document: &Document, kind: Kind, bytes: &[u8]) -> Vec<Reference> {
    match &document.tree {
        Tree::Conf(conf) => conf
            .entries
            .iter()
            .filter_map(|entry| {
                let EntryKind::Setting { name, value } = &entry.kind else { return None };
                let include = Include::of(&bytes[name.range()])?;
                Some(Reference {
                    place: value.span,
                    name: value.text(bytes).into_owned(),
                    dynamic: value.dynamic,
                    directory: include == Include::Dir,
                    kind: Kind::PostgresqlConf,
                })
            })
            .collect(),
        Tree::Auth => auth_references(document.file, kind, bytes),
        _ => Vec::new(),
    }
}

/// The `@file` tokens and include lines of an access file, however any major reads it.
fn auth_references(file: FileId, kind: Kind, bytes: &[u8]) -> Vec<Reference> {
    // A word may be written in two lines that a backslash joins, or have a zero byte in it.
    let has = |word: &[u8]| memchr::memmem::find(bytes, word).is_some();
    if ![&b"@"[..], b"include", b"\\\n", b"\\\r\n", b"\0"].into_iter().any(has) {
        return Vec::new();
    }
    let mut references = Vec::new();
    for group in auth_file::dialects(bytes, Majors::ALL) {
        let auth = auth_file::parse(file, bytes, group);
        references.extend(auth.name_lists().map(|at| Reference {
            place: at.span,
            name: at.name.to_vec(),
            dynamic: template::is_dynamic(&bytes[at.span.range()]),
            directory: false,
            kind: Kind::NameList,
        }));
        references.extend(auth.includes().filter(|_| kind != Kind::NameList).map(|include| Reference {
            place: include.span,
            name: include.name.to_vec(),
            dynamic: template::is_dynamic(include.name),
            directory: include.kind == IncludeKind::IncludeDir,
            kind,
        }));
    }
    references
}

/// The three include lines of postgresql.conf. Their names are matched without regard to case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Include {
    /// `include`.
    File,
    /// `include_if_exists`.
    IfExists,
    /// `include_dir`.
    Dir,
}

impl Include {
    /// The include that a name stands for (`ParseConfigFp` uses `guc_name_compare`).
    #[must_use]
    pub fn of(name: &[u8]) -> Option<Self> {
        [(&b"include"[..], Self::File), (b"include_if_exists", Self::IfExists), (b"include_dir", Self::Dir)]
            .into_iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, include)| include)
    }
}

/// The path without `.` parts and with `..` parts taken back where they follow a name.
pub(crate) fn clean(path: &Utf8Path) -> Utf8PathBuf {
    let mut cleaned = Utf8PathBuf::new();
    for part in path.components() {
        match part {
            Utf8Component::CurDir => {}
            Utf8Component::ParentDir if matches!(cleaned.components().next_back(), Some(Utf8Component::Normal(_))) => {
                cleaned.pop();
            }
            part => cleaned.push(part),
        }
    }
    cleaned
}

fn canonical(path: &Utf8Path) -> Option<Utf8PathBuf> {
    path.canonicalize_utf8().ok()
}

/// What stands in an include_dir.
struct Listing {
    /// Names of files that the server reads.
    read: Vec<OsString>,
    /// Names of files that it passes over.
    skipped: Vec<String>,
}

impl Listing {
    /// With the files that fixes make in the folder, and without those that they take away.
    fn lay(&mut self, texts: &Texts, folder: &Utf8Path) {
        for (path, text) in texts.iter().filter(|(path, _)| path.parent() == Some(folder)) {
            let Some(name) = path.file_name() else { continue };
            match text {
                Text::Created { .. } if name.ends_with(".conf") => self.read.push(name.into()),
                Text::Removed => self.read.retain(|known| known != name),
                _ => {}
            }
        }
        self.read.sort();
    }
}

/// Whether there is no such file, nor can there be one: no file system has names that are too long.
fn is_missing(error: &std::io::Error) -> bool {
    matches!(error.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::InvalidFilename)
}

/// The names in an include_dir that the server reads (those ending in `.conf` that do not start with a dot, in
/// strcmp order; `GetConfFilesInDir`), and those of files that it passes over.
fn listing(folder: &Utf8Path) -> Result<Option<Listing>, String> {
    let entries = match folder.as_std_path().read_dir() {
        Ok(entries) => entries,
        Err(error) if is_missing(&error) => return Ok(None),
        Err(error) => return Err(error.to_string()),
    };
    let mut listing = Listing { read: Vec::new(), skipped: Vec::new() };
    for entry in entries {
        let entry = entry.map_err(|error| error.to_string())?;
        let name = entry.file_name();
        if entry.path().is_dir() {
            continue;
        }
        let bytes = name.as_encoded_bytes();
        if bytes.len() > 5 && !bytes.starts_with(b".") && bytes.ends_with(b".conf") {
            listing.read.push(name);
        } else {
            listing.skipped.push(name.to_string_lossy().into_owned());
        }
    }
    listing.read.sort();
    listing.skipped.sort();
    Ok(Some(listing))
}
