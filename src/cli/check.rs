//! `pgassay check`: the whole pipeline, once.

use std::fs::File;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::sync::Arc;
use std::thread;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, anyhow, bail};
use camino::{Utf8Path, Utf8PathBuf};

use crate::cli::args::{CheckArgs, ColorChoice, GlobalArgs, InputArgs};
use crate::cli::configuration::{Configured, Said};
use crate::cli::{CLEAN, ERROR, FINDINGS, configuration, tell};
use crate::config::Settings;
use crate::discover::{self, Discovered};
use crate::finding::{Finding, Severity};
use crate::load::{self, Loaded};
use crate::plugin::{Input, Plugins, Trouble};
use crate::report::{self, Format, Style};
use crate::secret::Redactor;
use crate::source::{self, SourceMap};
use crate::triage::{self, Date, Note, Report, Triage};
use crate::{model, rule};

pub(crate) fn check(args: &CheckArgs, global: &GlobalArgs) -> Result<u8> {
    let said = Said {
        input: Some(&args.input),
        rules: Some(&args.rules),
        plugins: Some(&args.plugins),
        fail_on: args.fail_on,
        min_confidence: args.min_confidence,
    };
    let Configured { settings, plugins, notes, .. } = configuration::configured(global, said)?;
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
    write(&report, sources, args, global)?;
    let found = report.worst() >= Some(settings.fail_on);
    Ok(match (failed, found) {
        (true, _) => ERROR,
        (false, true) if !args.exit_zero => FINDINGS,
        _ => CLEAN,
    })
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

fn write(report: &Report, sources: &SourceMap, args: &CheckArgs, global: &GlobalArgs) -> Result<()> {
    let plain = Style { verbose: global.verbose, category: args.sarif_category.clone(), ..Style::default() };
    for (format, path) in &args.output {
        let file = create(path).with_context(|| format!("cannot write `{path}`"))?;
        let mut out = BufWriter::new(file);
        report::write(*format, report, sources, &plain, &mut out)
            .and_then(|()| out.flush())
            .with_context(|| format!("cannot write `{path}`"))?;
    }
    let mut out = BufWriter::new(io::stdout().lock());
    report::write(args.format, report, sources, &style(global.color, plain), &mut out)?;
    out.flush()?;
    // The text report ends with them; the other formats are for programs.
    if args.format != Format::Text {
        for note in report.notes.iter().filter(|note| note.level == Severity::Error) {
            let path = note.path.as_ref().map(|path| format!("{path}: ")).unwrap_or_default();
            tell(&format!("{path}{}", Redactor::new(sources).text(&note.message)))?;
        }
    }
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "reports go where the command line says")]
pub(crate) fn create(path: &Utf8Path) -> io::Result<File> {
    File::create(path)
}

/// `base` with the colour and width that standard output takes: `--color`, then NO_COLOR, CLICOLOR_FORCE and the
/// terminal.
pub(crate) fn style(choice: ColorChoice, base: Style) -> Style {
    let terminal = io::stdout().is_terminal();
    let color = match choice {
        ColorChoice::Always => true,
        ColorChoice::Never => false,
        ColorChoice::Auto if is_set("NO_COLOR") => false,
        ColorChoice::Auto if is_set("CLICOLOR_FORCE") || is_set("FORCE_COLOR") => true,
        ColorChoice::Auto => terminal && variable("TERM").is_none_or(|term| term != "dumb"),
    };
    let columns = variable("COLUMNS").and_then(|columns| columns.to_str().and_then(|columns| columns.parse().ok()));
    Style { color, unicode: terminal, width: columns.unwrap_or(base.width).clamp(40, 200), ..base }
}

fn is_set(name: &str) -> bool {
    variable(name).is_some_and(|value| !value.is_empty() && value != "0")
}

#[expect(clippy::disallowed_methods, reason = "the command line asks the environment about colour")]
pub(crate) fn variable(name: &str) -> Option<std::ffi::OsString> {
    std::env::var_os(name)
}
