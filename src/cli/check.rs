//! `pgassay check`: the whole pipeline, once.

use std::io;
use std::sync::Arc;
use std::thread;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, anyhow, bail};
use camino::{Utf8Path, Utf8PathBuf};

use crate::cli::args::{CheckArgs, GlobalArgs, InputArgs, KnownArgs};
use crate::cli::baseline::{self, Scope};
use crate::cli::configuration::{Configured, Said};
use crate::cli::progress::Watch;
use crate::cli::since::Since;
use crate::cli::{configuration, reporting};
use crate::config::Settings;
use crate::discover::{self, Discovered};
use crate::finding::{Finding, Severity};
use crate::load::{self, Loaded};
use crate::plugin::{Input, Plugins, Trouble};
use crate::report::{self, Style};
use crate::source::{self, SourceMap};
use crate::triage::{self, Baseline, Date, Known, Note, Report, Triage};
use crate::{model, rule};

pub(crate) fn check(args: &CheckArgs, global: &GlobalArgs) -> Result<u8> {
    let said = Said {
        input: Some(&args.input),
        rules: Some(&args.rules),
        plugins: Some(&args.plugins),
        fail_on: args.report.fail_on,
        min_confidence: args.report.min_confidence,
    };
    reporting::ready(&args.report)?;
    let since = since(&args.known, global, said)?;
    let configured = configuration::configured(global, said)?;
    let path = args.known.baseline.clone().or_else(|| configured.settings.baseline.clone());
    let path = path.filter(|_| !args.known.no_baseline);
    let known = path.as_deref().map(|path| anyhow::Ok((baseline::read(path)?, baseline::root(path)?))).transpose()?;
    let checked = Checked::find(&args.input, configured, global)?;
    let change = since.map(|since| since.change(checked.sources())).transpose()?;
    let compared = known.is_some() || change.is_some();
    let known = Known { baseline: known, change };
    let mut report = checked.report(compared.then_some(&known))?;
    if let (Some((baseline, root)), Some(path)) = (&known.baseline, path) {
        let scope = Scope::new(&args.input, &checked.settings.selection)?;
        let now = Baseline::of(&report, checked.sources(), root);
        let gone = baseline.gone(&now, &|path, rule| scope.covers(root, path, rule));
        let count = gone.iter().map(|gone| gone.count).sum::<u32>();
        if count > 0 && !checked.failed() {
            let message =
                format!("findings of the baseline are gone: {count}; `pgassay baseline --prune` takes them out");
            report.notes.push(Note { path: Some(path), level: Severity::Info, message });
            report.notes.sort_by(|a, b| (&a.path, a.level).cmp(&(&b.path, b.level)));
        }
    }
    let settings = &checked.settings;
    let base = Style {
        verbose: global.verbose,
        benchmarks: settings.selection.benchmarks().to_vec(),
        category: args.sarif_category.clone(),
        suppressed: args.sarif_suppressed,
        fail_on: settings.fail_on,
        ..Style::default()
    };
    reporting::write(&report, checked.sources(), &args.report, &base, global, &report::write)?;
    Ok(reporting::code(checked.failed(), &report, &args.report, settings.fail_on))
}

/// The change that findings are asked for.
fn since(args: &KnownArgs, global: &GlobalArgs, said: Said<'_>) -> Result<Option<Since>> {
    match (&args.since, &args.diff_only) {
        (None, None) => Ok(None),
        (Some(revision), None) => Since::revision(revision, false, global, said).map(Some),
        (Some(revision), Some(path)) if path == "-" => Since::revision(revision, true, global, said).map(Some),
        (Some(_), Some(path)) => bail!("`--diff-only={path}` has a diff already; leave out `--since` or the path"),
        (None, Some(path)) => {
            let taken = path == "-" && said.input.is_some_and(|input| input.paths.iter().any(|path| path == "-"));
            if taken {
                bail!("standard input cannot be both the diff and the file to check");
            }
            Since::diff(path).map(Some)
        }
    }
}

/// Files that were read, and what the rules found in them.
pub(crate) struct Checked {
    input: Arc<Input>,
    findings: Vec<Finding>,
    notes: Vec<Note>,
    pub(crate) settings: Settings,
}

impl Checked {
    /// Reads what the arguments name and runs the rules.
    pub(crate) fn find(args: &InputArgs, configured: Configured, global: &GlobalArgs) -> Result<Self> {
        let Configured { settings, plugins, notes, .. } = configured;
        let watch = Watch::start(global);
        let mut loaded = read(args, &settings)?;
        let cluster = model::build(&mut loaded, &model::Options { pg: settings.pg, nodes: settings.nodes.clone() });
        loaded.notes.extend(notes);
        let contradictions = settings.selection.contradictions();
        loaded.notes.extend(contradictions.into_iter().map(|message| Note {
            path: None,
            level: Severity::Warning,
            message,
        }));
        loaded.notes.extend(Note::of_majors(cluster.targets()));
        let input = Arc::new(Input::new(cluster, loaded.sources));
        let mut notes = loaded.notes;
        let findings = find(&input, &settings, plugins, &mut notes)?;
        drop(watch);
        Ok(Self { input, findings, notes, settings })
    }

    pub(crate) fn sources(&self) -> &SourceMap {
        &self.input.sources
    }

    /// Whether a part of the job could not be done.
    pub(crate) fn failed(&self) -> bool {
        self.notes.iter().any(|note| note.level == Severity::Error)
    }

    /// The report, held against what was known before.
    pub(crate) fn report(&self, known: Option<&Known>) -> Result<Report> {
        let sources = self.sources();
        let triage = Triage {
            sources,
            selection: &self.settings.selection,
            target: self.input.cluster.targets(),
            severities: &self.settings.severities,
            min_severity: Severity::Info,
            min_confidence: self.settings.min_confidence,
            comments: &triage::comments(sources),
            baseline: known,
            today: today()?,
        };
        Ok(triage.report(self.findings.clone(), self.notes.clone()))
    }
}

/// The working directory.
#[expect(clippy::disallowed_methods, reason = "the command line knows where it was started")]
pub(crate) fn here() -> Result<Utf8PathBuf> {
    let here = std::env::current_dir().context("cannot tell the current folder")?;
    Utf8PathBuf::from_path_buf(here).map_err(|path| anyhow!("the current folder `{}` is not UTF-8", path.display()))
}

/// What all selected rules find. Those of plugins run beside the built-in ones.
fn find(
    input: &Arc<Input>,
    settings: &Settings,
    plugins: Option<Plugins>,
    notes: &mut Vec<Note>,
) -> Result<Vec<Finding>> {
    let selection = &settings.selection;
    let own = || rule::check(&input.cluster, &input.sources, selection);
    let Some(plugins) = plugins else { return Ok(own()) };
    let (mut findings, outcome) = thread::scope(|scope| {
        let asked = thread::Builder::new().spawn_scoped(scope, || plugins.check(input, selection));
        let findings = own();
        let outcome =
            asked.context("no thread can be had")?.join().map_err(|_| anyhow!("the host of plugins failed"))?;
        anyhow::Ok((findings, outcome?))
    })?;
    findings.extend(outcome.findings);
    notes.extend(outcome.troubles.iter().map(Trouble::note).chain(outcome.notes));
    Ok(findings)
}

/// The day in Greenwich, for suppressions that end.
#[expect(clippy::disallowed_methods, reason = "the command line reads the clock")]
pub(crate) fn today() -> Result<Date> {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).context("the clock stands before 1970")?.as_secs();
    u32::try_from(seconds / 86_400).ok().and_then(Date::from_unix_days).context("the clock is off")
}

/// Discovers and loads what the arguments name.
pub(crate) fn read(input: &InputArgs, settings: &Settings) -> Result<Loaded> {
    let here = [Utf8PathBuf::from(".")];
    let paths: &[Utf8PathBuf] = if input.paths.is_empty() { &here } else { &input.paths };
    if paths.iter().any(|path| path == "-") {
        if paths.len() > 1 {
            bail!("`-` stands for standard input and goes with no other path");
        }
        return stdin(input);
    }
    let (found, roots) = inputs(input, settings);
    let notes = not_read(&found);
    let mut loaded = load::load(found.inputs, &roots, input.follow_outside);
    loaded.notes.extend(notes);
    Ok(loaded)
}

/// Discovers what the arguments name; standard input is no part of it.
pub(crate) fn inputs(input: &InputArgs, settings: &Settings) -> (Discovered, Vec<Utf8PathBuf>) {
    let here = [Utf8PathBuf::from(".")];
    let paths: &[Utf8PathBuf] = if input.paths.is_empty() { &here } else { &input.paths };
    let found = discover::discover(paths, input.kind, &settings.overrides);
    (found, paths.iter().map(|path| folder_of(path)).collect())
}

/// What there is to say of what discovery could not read.
pub(crate) fn not_read(found: &Discovered) -> Vec<Note> {
    let unreadable = found.unreadable.iter().map(|unreadable| Note {
        path: Some(unreadable.path.clone()),
        level: if unreadable.wanted { Severity::Error } else { Severity::Warning },
        message: format!("cannot be read: {}", unreadable.reason),
    });
    let links = found.links.iter().map(|path| Note {
        path: Some(path.clone()),
        level: Severity::Info,
        message: "skipped: it is a symbolic link, which is read only where it is named".to_owned(),
    });
    unreadable.chain(links).collect()
}

/// The folder itself, or the one that a file lies in.
fn folder_of(path: &Utf8Path) -> Utf8PathBuf {
    if path.is_dir() {
        return path.to_owned();
    }
    match path.parent() {
        Some(parent) if !parent.as_str().is_empty() => parent.to_owned(),
        _ => Utf8PathBuf::from("."),
    }
}

fn stdin(input: &InputArgs) -> Result<Loaded> {
    let mut bytes = Vec::new();
    source::read_up_to(io::stdin().lock(), &mut bytes).context("cannot read standard input")?;
    let path = input.stdin_filename.clone().unwrap_or_else(|| Utf8PathBuf::from("<stdin>"));
    let kind = input.kind.or_else(|| discover::by_path(&path));
    Ok(load::of_text(discover::Input { path, kind, named: true }, bytes))
}
