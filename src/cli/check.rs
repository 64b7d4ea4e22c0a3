//! `pgassay check`: the whole pipeline, once.

use std::io;
use std::sync::Arc;
use std::thread;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, anyhow, bail};
use camino::{Utf8Path, Utf8PathBuf};

use crate::cli::args::{CheckArgs, GlobalArgs, InputArgs};
use crate::cli::configuration::{Configured, Said};
use crate::cli::progress::Watch;
use crate::cli::{configuration, reporting};
use crate::config::Settings;
use crate::discover::{self, Discovered};
use crate::finding::{Finding, Severity};
use crate::load::{self, Loaded};
use crate::plugin::{Input, Plugins, Trouble};
use crate::report::{self, Style};
use crate::source;
use crate::triage::{self, Date, Note, Triage};
use crate::{model, rule};

pub(crate) fn check(args: &CheckArgs, global: &GlobalArgs) -> Result<u8> {
    let said = Said {
        input: Some(&args.input),
        rules: Some(&args.rules),
        plugins: Some(&args.plugins),
        fail_on: args.report.fail_on,
        min_confidence: args.report.min_confidence,
    };
    let Configured { settings, plugins, notes, .. } = configuration::configured(global, said)?;
    let watch = Watch::start(global);
    let mut loaded = read(&args.input, &settings)?;
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
    let failed = notes.iter().any(|note| note.level == Severity::Error);
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
        today: today()?,
    };
    let report = triage.report(findings, notes);
    let benchmarks = settings.selection.benchmarks().to_vec();
    let base = Style { verbose: global.verbose, benchmarks, category: args.sarif_category.clone(), ..Style::default() };
    reporting::write(&report, sources, &args.report, &base, global, &report::write)?;
    Ok(reporting::code(failed, &report, &args.report, settings.fail_on))
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
