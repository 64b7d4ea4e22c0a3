//! The state of the server: what is open, what is to be checked, and what the client was told.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;

use camino::{Utf8Path, Utf8PathBuf};
use lsp_server::{Message, Notification, Request};
use lsp_types::{Diagnostic, PublishDiagnosticsParams, Uri};
use serde::Serialize;

use crate::load::Target;
use crate::lsp::client::Client;
use crate::lsp::document::{self, Document};
use crate::lsp::place::Places;
use crate::lsp::project::{Checked, Fault, Job, Key, Snapshot, Surroundings};
use crate::lsp::wire::Out;
use crate::lsp::{diagnostics, uri};

/// The server.
pub(super) struct Server {
    around: Surroundings,
    /// Where messages go; none once it is over.
    out: Option<Sender<Out>>,
    jobs: Sender<Job>,
    /// What the client can do; none before it says so.
    pub(super) client: Option<Client>,
    /// The client asked to shut down.
    pub(super) over: bool,
    /// The folders that the client works in.
    pub(super) folders: Vec<Utf8PathBuf>,
    pub(super) documents: BTreeMap<Utf8PathBuf, Document>,
    projects: BTreeMap<Key, Project>,
    /// Requests that wait for a check.
    pub(super) waiting: Vec<(Request, Utf8PathBuf)>,
    /// What the client was told of each file, with the version of its text.
    published: BTreeMap<Utf8PathBuf, (Option<i32>, Vec<Diagnostic>)>,
    /// Messages that were shown; none is shown twice.
    said: BTreeSet<String>,
    /// How many requests were sent to the client.
    asked: i32,
}

/// What is known of a project.
#[derive(Default)]
struct Project {
    /// Counts changes.
    generation: u64,
    /// Whether it changed since the last check was started.
    dirty: bool,
    walk: bool,
    touched: BTreeSet<Utf8PathBuf>,
    /// The flag that gives up the check that is under way.
    running: Option<Arc<AtomicBool>>,
    snapshot: Option<Arc<Snapshot>>,
    fault: Option<Fault>,
}

impl Server {
    pub(super) fn new(around: Surroundings, out: Sender<Out>, jobs: Sender<Job>) -> Self {
        Self {
            around,
            out: Some(out),
            jobs,
            client: None,
            over: false,
            folders: Vec::new(),
            documents: BTreeMap::new(),
            projects: BTreeMap::new(),
            waiting: Vec::new(),
            published: BTreeMap::new(),
            said: BTreeSet::new(),
            asked: 0,
        }
    }

    pub(super) fn send(&self, message: Out) {
        if let Some(out) = &self.out {
            // A client that is gone is noticed by the end of its input.
            let _ = out.send(message);
        }
    }

    pub(super) fn notify(&self, method: &str, params: impl Serialize) {
        if let Ok(params) = serde_json::to_value(params) {
            self.send(Out::Message(Message::Notification(Notification { method: method.to_owned(), params })));
        }
    }

    pub(super) fn ask(&mut self, method: &str, params: impl Serialize) {
        self.asked += 1;
        if let Ok(params) = serde_json::to_value(params) {
            let (id, method) = (format!("pgassay-{}", self.asked).into(), method.to_owned());
            self.send(Out::Message(Message::Request(Request { id, method, params })));
        }
    }

    /// Lets the writer end once all is written.
    pub(super) fn end(&mut self) {
        for project in self.projects.values() {
            if let Some(stale) = &project.running {
                stale.store(true, Ordering::Relaxed);
            }
        }
        self.out = None;
    }

    /// 1 where the client did not ask to shut down before.
    pub(super) fn exit_code(&self) -> u8 {
        u8::from(!self.over)
    }

    /// The project that a file belongs to: the folder of the configuration that holds for it, or the client's folder.
    fn key_of(&self, path: &Utf8Path) -> Key {
        let folder =
            self.folders.iter().filter(|folder| path.starts_with(folder)).max_by_key(|folder| folder.as_str().len());
        let above = path.parent().unwrap_or(path);
        let Some(folder) = folder else { return Key { root: above.to_owned(), shallow: true } };
        let config = (self.around.nearest)(above);
        let own =
            config.as_deref().and_then(Utf8Path::parent).filter(|own| own.starts_with(folder) && path.starts_with(own));
        Key { root: own.unwrap_or(folder).to_owned(), shallow: false }
    }

    /// Opens a text.
    pub(super) fn open(&mut self, uri: Uri, language: &str, version: i32, text: String) {
        let Some(path) = uri::path(&uri) else { return };
        let (project, kind) = (self.key_of(&path), document::kind(language, &path));
        self.documents.insert(path.clone(), Document { uri, version, text, kind, project: project.clone() });
        self.projects.entry(project.clone()).or_default();
        let walk = self.client.is_none_or(|client| !client.watches);
        self.change(&path, walk);
    }

    pub(super) fn close(&mut self, path: &Utf8Path) {
        if self.documents.remove(path).is_none() {
            return;
        }
        self.touch(path);
        if self.client.is_none_or(|client| !client.everywhere) {
            self.publish(path, None, None, Vec::new());
        }
        self.forget();
    }

    /// Drops projects of which nothing is open any more.
    fn forget(&mut self) {
        let used = self.documents.values().map(|document| &document.project).collect::<BTreeSet<_>>();
        for (key, project) in &self.projects {
            if let (false, Some(stale)) = (used.contains(key), &project.running) {
                stale.store(true, Ordering::Relaxed);
            }
        }
        self.projects.retain(|key, _| used.contains(key));
        let gone = self.published.keys().filter(|path| {
            let open = self.documents.contains_key(*path);
            !open && !self.projects.keys().any(|key| key.holds(path) || self.is_config_of(key, path))
        });
        for path in gone.cloned().collect::<Vec<_>>() {
            self.publish(&path, None, None, Vec::new());
        }
    }

    fn is_config_of(&self, key: &Key, path: &Utf8Path) -> bool {
        self.projects.get(key).and_then(|project| project.fault.as_ref()).is_some_and(|fault| fault.path == path)
    }

    /// Gives every text the project that it belongs to now, since folders or configurations came or went.
    pub(super) fn regroup(&mut self) {
        let paths = self.documents.keys().cloned().collect::<Vec<_>>();
        for path in paths {
            let key = self.key_of(&path);
            self.projects.entry(key.clone()).or_default();
            if let Some(document) = self.documents.get_mut(&path) {
                document.project = key;
            }
        }
        self.forget();
        for project in self.projects.values_mut() {
            project.change(true, None);
        }
    }

    /// Notes that the text of a path is another one now.
    pub(super) fn change(&mut self, path: &Utf8Path, walk: bool) {
        let own = self.documents.get(path).map(|document| document.project.clone());
        for (key, project) in &mut self.projects {
            let config = project.snapshot.as_ref().and_then(|snapshot| snapshot.config.as_deref());
            let config = config.or(project.fault.as_ref().map(|fault| fault.path.as_path()));
            if own.as_ref() == Some(key) || key.holds(path) || config == Some(path) {
                project.change(walk, None);
            }
        }
    }

    /// Notes that a file changed on disk.
    pub(super) fn touch(&mut self, path: &Utf8Path) {
        for (key, project) in &mut self.projects {
            if key.holds(path) || path.extension() == Some("wasm") || project.fault.is_some() {
                project.change(false, Some(path));
            }
        }
        self.change(path, false);
    }

    /// Whether some project changed since its last check was started.
    pub(super) fn is_dirty(&self) -> bool {
        self.projects.values().any(|project| project.dirty && project.running.is_none())
    }

    /// Starts the check of what changed.
    pub(super) fn start_checks(&mut self) {
        for (key, project) in &mut self.projects {
            if !project.dirty || project.running.is_some() {
                continue;
            }
            // A configuration may lie above.
            let of_config = |path: &Utf8Path| path.extension() == Some("toml");
            let texts = self.documents.iter().filter(|(path, _)| key.holds(path) || of_config(path));
            let own = self.documents.iter().filter(|(_, document)| document.project == *key);
            let stale = Arc::new(AtomicBool::new(false));
            let job = Job {
                key: key.clone(),
                generation: project.generation,
                texts: texts.map(|(path, document)| (path.clone(), document.bytes())).collect(),
                versions: self.documents.iter().map(|(path, document)| (path.clone(), document.version)).collect(),
                open: own.map(|(path, document)| (path.clone(), document.kind)).collect(),
                walk: std::mem::take(&mut project.walk),
                touched: std::mem::take(&mut project.touched),
                stale: Arc::clone(&stale),
            };
            project.dirty = false;
            if self.jobs.send(job).is_ok() {
                project.running = Some(stale);
            }
        }
    }

    /// Takes over what a check found.
    pub(super) fn checked(&mut self, checked: &Checked) {
        for trouble in &checked.troubles {
            if self.said.insert(trouble.clone()) {
                self.notify(
                    "window/showMessage",
                    lsp_types::ShowMessageParams { typ: lsp_types::MessageType::ERROR, message: trouble.clone() },
                );
            }
        }
        let Some(project) = self.projects.get_mut(&checked.key) else { return };
        project.running = None;
        if checked.stale || checked.generation != project.generation {
            project.dirty = true;
            return;
        }
        let before = std::mem::replace(&mut project.fault, checked.fault.clone());
        if let Some(snapshot) = &checked.snapshot {
            project.snapshot = Some(Arc::clone(snapshot));
        }
        self.tell(&checked.key, before.as_ref(), checked.fault.as_ref(), checked.snapshot.as_deref());
        self.answer_waiting();
    }

    /// Tells what was found in the files of a project.
    fn tell(&mut self, key: &Key, before: Option<&Fault>, fault: Option<&Fault>, snapshot: Option<&Snapshot>) {
        let Some(client) = self.client else { return };
        let mut all: BTreeMap<Utf8PathBuf, Vec<Diagnostic>> = BTreeMap::new();
        if let Some(snapshot) = snapshot {
            let places = Places::new(snapshot, &self.documents, client.encoding);
            all = diagnostics::of(snapshot, &places, client);
        }
        if let Some(fault) = fault {
            all.entry(fault.path.clone()).or_default().push(diagnostics::of_fault(fault, client.encoding));
        }
        let mut paths = all.keys().cloned().collect::<BTreeSet<_>>();
        paths.extend(before.map(|fault| fault.path.clone()));
        paths.extend(self.documents.keys().cloned());
        if client.everywhere {
            paths.extend(self.published.keys().filter(|path| key.holds(path)).cloned());
        }
        for path in paths {
            let is_config = [fault, before].into_iter().flatten().any(|fault| fault.path == path);
            let document = self.documents.get(&path);
            let ours = match document {
                Some(document) => document.project == *key,
                None => client.everywhere && key.holds(&path) && self.key_of(&path) == *key,
            };
            // Without a snapshot nothing is known of the others.
            if !(is_config || ours && snapshot.is_some()) {
                continue;
            }
            let version = document.map(|document| document.version);
            let uri = document.map(|document| document.uri.clone());
            let found = all.remove(&path).unwrap_or_default();
            self.publish(&path, uri, version, found);
        }
    }

    fn publish(&mut self, path: &Utf8Path, uri: Option<Uri>, version: Option<i32>, found: Vec<Diagnostic>) {
        let Some(uri) = uri.or_else(|| uri::of(path)) else { return };
        let now = (version, found);
        match self.published.get(path) {
            Some(before) if *before == now => return,
            None if now.1.is_empty() && version.is_none() => return,
            _ => {}
        }
        let params = PublishDiagnosticsParams { uri, diagnostics: now.1.clone(), version };
        self.notify("textDocument/publishDiagnostics", params);
        if version.is_none() && now.1.is_empty() {
            self.published.remove(path);
        } else {
            self.published.insert(path.to_owned(), now);
        }
    }

    /// Whether what is known of a text is known of its present version.
    pub(super) fn is_current(&self, path: &Utf8Path) -> bool {
        let project = self.documents.get(path).and_then(|document| self.projects.get(&document.project));
        project.is_none_or(|project| !project.dirty && project.running.is_none())
    }

    /// What is known of the project of a text.
    pub(super) fn snapshot(&self, path: &Utf8Path) -> Option<Arc<Snapshot>> {
        self.projects.get(&self.documents.get(path)?.project)?.snapshot.clone()
    }

    /// Whether a file that changed on disk may matter.
    pub(super) fn may_matter(&self, path: &Utf8Path) -> bool {
        let name = path.file_name().unwrap_or_default();
        let missing = |target: &Target| matches!(target, Target::Missing(missing) if missing == path);
        let known = |project: &Project| {
            project
                .snapshot
                .as_ref()
                .is_some_and(|snapshot| snapshot.files.contains_key(path) || snapshot.targets.values().any(missing))
        };
        crate::discover::by_path(path).is_some()
            || crate::discover::may_tell_by_content(name)
            || path.extension() == Some("wasm")
            || self.projects.values().any(known)
    }

    pub(super) fn is_folder(&self, path: &Utf8Path) -> bool {
        (self.around.is_folder)(path)
    }

    /// Whether a file is known that lies below a path.
    pub(super) fn knows_below(&self, path: &Utf8Path) -> bool {
        let snapshots = self.projects.values().filter_map(|project| project.snapshot.as_ref());
        snapshots.flat_map(|snapshot| snapshot.files.keys()).any(|file| file != path && file.starts_with(path))
    }
}

impl Project {
    fn change(&mut self, walk: bool, touched: Option<&Utf8Path>) {
        self.generation += 1;
        self.dirty = true;
        self.walk |= walk;
        self.touched.extend(touched.map(ToOwned::to_owned));
        if let Some(stale) = &self.running {
            stale.store(true, Ordering::Relaxed);
        }
    }
}
