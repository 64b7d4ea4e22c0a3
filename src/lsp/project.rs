//! Checking a project: what `pgassay check` does with a folder, again and again, with open texts in place of files.
//!
//! The folder is walked once and when files come or go. Files that turned out to hold nothing of PostgreSQL's are not
//! read again until they change. All else is done anew each time, so that the findings are those of the command line.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use camino::{Utf8Path, Utf8PathBuf};

use crate::config::{ConfigError, ConfigFile, Flags, PluginFlags, Settings};
use crate::discover::{self, Input as File, Kind};
use crate::finding::{Finding, Severity};
use crate::load::{self, Target, Text, Texts};
use crate::model::{self, Options};
use crate::plugin::{self, Input, Plugins, Spec};
use crate::rule::Registry;
use crate::source::{self, FileId, Span};
use crate::triage::{self, Date, Note, Report, Triage};

/// What the command line does for the server: all that touches the environment, the clock and threads.
#[derive(Clone)]
pub(crate) struct Surroundings {
    /// The configuration file that holds for a folder or file.
    pub(crate) nearest: Arc<Nearest>,
    /// Whether a path is that of a folder.
    pub(crate) is_folder: fn(&Utf8Path) -> bool,
    /// Loads plugins.
    pub(crate) plugins: Load,
    /// Runs the rules.
    pub(crate) find: Find,
    /// The day in Greenwich.
    pub(crate) today: fn() -> Result<Date, String>,
}

type Nearest = dyn Fn(&Utf8Path) -> Option<Utf8PathBuf> + Send + Sync;
type Load = fn(Vec<Spec>) -> Result<(Plugins, Vec<Note>), String>;
type Find = fn(&Arc<Input>, &Settings, Option<Plugins>, &mut Vec<Note>) -> Result<Vec<Finding>, String>;

/// Which files are checked together: those below a folder, or only those in it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    pub(super) root: Utf8PathBuf,
    /// Whether files in folders below are left out: the client named no folder that holds the file.
    pub(super) shallow: bool,
}

impl Key {
    /// Whether a text at that path may matter to it.
    pub(super) fn holds(&self, path: &Utf8Path) -> bool {
        path.starts_with(&self.root)
    }
}

/// A check to be made.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) key: Key,
    pub(super) generation: u64,
    /// The open texts below the folder.
    pub(super) texts: Texts,
    /// Their versions.
    pub(super) versions: BTreeMap<Utf8PathBuf, i32>,
    /// Those of the project itself, with what the client says of their kinds: they are checked though nobody finds them.
    pub(super) open: BTreeMap<Utf8PathBuf, Option<Kind>>,
    /// Whether files came or went.
    pub(super) walk: bool,
    /// Files that changed on disk.
    pub(super) touched: BTreeSet<Utf8PathBuf>,
    /// Set when something changed meanwhile.
    pub(super) stale: Arc<AtomicBool>,
}

/// What came of a check.
#[derive(Debug)]
pub(super) struct Checked {
    pub(super) key: Key,
    pub(super) generation: u64,
    /// None if it was given up, or the configuration cannot be used.
    pub(super) snapshot: Option<Arc<Snapshot>>,
    /// What is wrong with the configuration.
    pub(super) fault: Option<Fault>,
    /// What plugins did not do.
    pub(super) troubles: Vec<String>,
    pub(super) stale: bool,
}

/// What is wrong with pgassay.toml.
#[derive(Debug, Clone)]
pub(super) struct Fault {
    pub(super) path: Utf8PathBuf,
    pub(super) text: String,
    pub(super) message: String,
    pub(super) span: Option<Range<usize>>,
}

/// All that is known of a project at one moment.
#[derive(Debug)]
pub(super) struct Snapshot {
    pub(super) key: Key,
    pub(super) versions: BTreeMap<Utf8PathBuf, i32>,
    pub(super) input: Arc<Input>,
    /// Where includes lead.
    pub(super) targets: HashMap<Span, Target>,
    pub(super) report: Report,
    /// The files by their paths.
    pub(super) files: HashMap<Utf8PathBuf, FileId>,
    /// The fragments of each file.
    pub(super) fragments: HashMap<FileId, Vec<FileId>>,
    /// The configuration file, where there is one.
    pub(super) config: Option<Utf8PathBuf>,
}

/// Checks projects, one after the other.
pub(super) struct Checker {
    pub(super) around: Surroundings,
    kept: BTreeMap<Key, Kept>,
}

/// What is kept of a project from one check to the next.
#[derive(Default)]
struct Kept {
    /// The files that were found, until some come or go.
    found: Option<(Vec<File>, Vec<Note>)>,
    /// Those among them that hold nothing.
    dull: BTreeSet<Utf8PathBuf>,
    configured: Option<Configured>,
    plugins: Option<Loaded>,
}

/// A configuration that was read.
struct Configured {
    path: Option<Utf8PathBuf>,
    text: String,
    settings: Settings,
}

/// Plugins that were loaded.
struct Loaded {
    specs: Vec<Spec>,
    plugins: Plugins,
    registry: Registry,
    notes: Vec<Note>,
    troubles: Vec<String>,
}

impl Checker {
    pub(super) fn new(around: Surroundings) -> Self {
        Self { around, kept: BTreeMap::new() }
    }

    /// Makes a check, unless it becomes stale before it is done.
    pub(super) fn check(&mut self, job: Job) -> Checked {
        let kept = self.kept.entry(job.key.clone()).or_default();
        let flag = Arc::clone(&job.stale);
        let stale = || flag.load(Ordering::Relaxed);
        let mut checked = Checked {
            key: job.key.clone(),
            generation: job.generation,
            snapshot: None,
            fault: None,
            troubles: Vec::new(),
            stale: false,
        };
        if job.walk {
            kept.found = None;
        }
        for path in &job.touched {
            kept.dull.remove(path);
            if path.extension() == Some("wasm") {
                (kept.plugins, kept.configured) = (None, None);
            }
        }
        if let Err(fault) = kept.configure(&self.around, &job) {
            checked.fault = Some(fault);
        }
        checked.troubles.extend(kept.plugins.iter().flat_map(|loaded| loaded.troubles.iter().cloned()));
        // Under a configuration that cannot be read, the one before still holds; without one nothing is judged.
        if kept.configured.is_none() || stale() {
            checked.stale = stale();
            return checked;
        }
        match kept.look(&self.around, job, &stale) {
            Ok(Some(snapshot)) => checked.snapshot = Some(Arc::new(snapshot)),
            Ok(None) => checked.stale = true,
            Err(message) => checked.troubles.push(message),
        }
        checked
    }
}

impl Kept {
    /// Reads the configuration if it is another one than before.
    fn configure(&mut self, around: &Surroundings, job: &Job) -> Result<(), Fault> {
        let path = (around.nearest)(&job.key.root);
        let text = match &path {
            None => String::new(),
            Some(path) => {
                let bytes = match job.texts.get(path) {
                    Some(Text::Changed(text)) => Ok(text.clone()),
                    _ => source::read(path),
                };
                let text = bytes.map_err(|error| format!("cannot be read: {error}"));
                let text = text.and_then(|bytes| String::from_utf8(bytes).map_err(|_| "is not UTF-8".to_owned()));
                text.map_err(|message| Fault { path: path.clone(), text: String::new(), message, span: None })?
            }
        };
        if self.configured.as_ref().is_some_and(|before| before.path == path && before.text == text) {
            return Ok(());
        }
        let shown = path.clone().unwrap_or_default();
        let fault = |error: ConfigError| {
            let help = error.help.map(|help| format!("; {help}")).unwrap_or_default();
            let message = format!("{}{help}", error.message);
            Fault { path: shown.clone(), text: text.clone(), message, span: error.span }
        };
        let file = ConfigFile::parse(&text).map_err(fault)?;
        let flags = PluginFlags { profile: Vec::new(), plugins: &[], in_folder: &plugin::in_folder };
        let specs = file.plugins(&shown, &text, &flags).map_err(fault)?;
        if self.plugins.as_ref().map_or(!specs.is_empty(), |loaded| loaded.specs != specs) {
            self.plugins = None;
            if !specs.is_empty() {
                let (plugins, notes) = (around.plugins)(specs.clone()).map_err(|message| Fault {
                    path: shown.clone(),
                    text: text.clone(),
                    message,
                    span: None,
                })?;
                let troubles = plugins.troubles.iter();
                let troubles =
                    troubles.map(|trouble| format!("{}: {}", trouble.path, trouble.note().message)).collect();
                self.plugins = Some(Loaded { specs, registry: plugins.registry(), plugins, notes, troubles });
            }
        }
        let registry = self.plugins.as_ref().map_or_else(Registry::default, |loaded| loaded.registry.clone());
        let folder = shown.parent().unwrap_or(Utf8Path::new(""));
        let settings = file.settings(folder, &Flags::default(), &registry).map_err(fault)?;
        // What is passed over may have changed.
        (self.found, self.dull) = (None, BTreeSet::new());
        self.configured = Some(Configured { path, text, settings });
        Ok(())
    }

    /// The whole pipeline, once. None if it was given up.
    fn look(&mut self, around: &Surroundings, job: Job, stale: &dyn Fn() -> bool) -> Result<Option<Snapshot>, String> {
        let Some(configured) = &self.configured else { return Ok(None) };
        let settings = &configured.settings;
        let root = &job.key.root;
        let (found, unread) = self.found.get_or_insert_with(|| {
            let found = if job.key.shallow {
                discover::discover_beside(root, &settings.overrides)
            } else {
                discover::discover(std::slice::from_ref(root), None, &settings.overrides)
            };
            let notes = found.notes();
            (found.inputs, notes)
        });
        let open = job.open.iter().filter_map(|(path, kind)| discover::as_walked(path, *kind, &settings.overrides));
        let mut files = open.map(|file| (file.path.clone(), file)).collect::<BTreeMap<_, _>>();
        for file in found.iter() {
            if job.texts.contains_key(&file.path) || !self.dull.contains(&file.path) {
                files.entry(file.path.clone()).or_insert_with(|| file.clone());
            }
        }
        let files = files.into_values().collect::<Vec<_>>();
        let looked_at = files.iter().map(|file| file.path.clone()).collect::<Vec<_>>();
        let mut loaded = load::load_with(files, std::slice::from_ref(root), false, job.texts);
        if stale() {
            return Ok(None);
        }
        let files: HashMap<_, _> = loaded
            .sources
            .iter()
            .filter(|(_, file)| !file.is_fragment())
            .map(|(id, file)| (file.path().to_owned(), id))
            .collect();
        let told = loaded.notes.iter().filter_map(|note| note.path.as_deref()).collect::<BTreeSet<_>>();
        let holds = |path: &Utf8PathBuf| files.contains_key(path) || told.contains(path.as_path());
        self.dull.extend(looked_at.into_iter().filter(|path| !holds(path)));
        let cluster = model::build(&mut loaded, &Options { pg: settings.pg, nodes: settings.nodes.clone() });
        if stale() {
            return Ok(None);
        }
        let mut notes = loaded.notes;
        notes.extend(unread.iter().cloned());
        notes.extend(self.plugins.iter().flat_map(|loaded| loaded.notes.iter().cloned()));
        let contradictions = settings.selection.contradictions();
        notes.extend(contradictions.into_iter().map(|message| Note {
            path: configured.path.clone(),
            level: Severity::Warning,
            message,
        }));
        let input = Arc::new(Input::new(cluster, loaded.sources));
        let plugins = self.plugins.as_ref().map(|loaded| loaded.plugins.again(None));
        let findings = (around.find)(&input, settings, plugins, &mut notes)?;
        if stale() {
            return Ok(None);
        }
        let sources = &input.sources;
        let triage = Triage {
            sources,
            selection: &settings.selection,
            target: input.cluster.targets(),
            severities: &settings.severities,
            min_severity: Severity::Info,
            min_confidence: settings.min_confidence,
            comments: &triage::comments(sources),
            baseline: None,
            today: (around.today)()?,
        };
        let report = triage.report(findings, notes);
        let fragments = sources.fragments();
        Ok(Some(Snapshot {
            key: job.key,
            versions: job.versions,
            targets: loaded.targets,
            report,
            files,
            fragments,
            config: configured.path.clone(),
            input,
        }))
    }
}
