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
use crate::cli::{configuration, fixing, plugin, reporting};
use crate::config::Settings;
use crate::discover::{self, Discovered};
use crate::finding::{Effect, Finding, Severity};
use crate::fix::{Checked, Mended};
use crate::load::{self, Loaded, Text, Texts};
use crate::plugin::{Input, Plugins, Spec, Trouble};
use crate::report::{self, Format, Style};
use crate::source::{self, SourceMap};
use crate::triage::{self, Date, Note, Report, Triage};
use crate::{model, rule};

/// All that one look at the files needs.
struct Run<'a> {
    args: &'a CheckArgs,
    settings: &'a Settings,
    input: Files,
    specs: Vec<Spec>,
    /// What is told of the run, whatever is found.
    notes: Vec<Note>,
    today: Date,
}

/// What is read.
enum Files {
    /// Standard input, which can be read once.
    Stdin(discover::Input, Vec<u8>),
    Named(Discovered, Vec<Utf8PathBuf>),
}

/// What one look gives.
struct Looked {
    report: Report,
    sources: SourceMap,
    /// What the server refuses by rules that were not selected; only looked for where edits are tried.
    refusals: Vec<Finding>,
}

pub(crate) fn check(args: &CheckArgs, global: &GlobalArgs) -> Result<u8> {
    let allowed = args.edits.allowed()?;
    if args.edits.diff && args.report.format != Format::Text {
        bail!("`--diff` prints a difference, so there is no report for `--format`; `--output FORMAT=PATH` writes one");
    }
    let said = Said {
        input: Some(&args.input),
        rules: Some(&args.rules),
        plugins: Some(&args.plugins),
        fail_on: args.report.fail_on,
        min_confidence: args.report.min_confidence,
    };
    let Configured { settings, plugins, notes, specs, .. } = configuration::configured(global, said)?;
    let watch = Watch::start(global);
    let input = files(&args.input, &settings)?;
    if args.edits.fix && matches!(input, Files::Stdin(..)) {
        bail!("`--fix` writes files, and standard input is none; `--diff` shows the edits");
    }
    let run = Run { args, settings: &settings, input, specs, notes, today: today()? };
    let looked = run.look(&Texts::new(), plugins, allowed.is_some())?;
    let mut failed = looked.failed();
    let Some(allowed) = allowed else {
        drop(watch);
        run.write(&looked.report, &looked.sources, global)?;
        return Ok(reporting::code(failed, &looked.report, &args.report, settings.fail_on));
    };
    let writable = matches!(run.input, Files::Named(..));
    let (first, report) = looked.split();
    let mended =
        args.edits.mend(first, allowed, writable, &mut |texts| Ok(run.look(texts, run.plugins()?, true)?.split().0))?;
    drop(watch);
    if writable {
        failed |= args.edits.tell_unwritable(report.open(), allowed, &mended.before().sources)?;
    }
    if args.edits.diff {
        run.write_files(&report, &mended.before().sources, global)?;
        args.edits.show(&mended, global)?;
        return Ok(reporting::code(failed, &report, &args.report, settings.fail_on));
    }
    let (written, missed) = fixing::write(&mended)?;
    let watch = Watch::start(global);
    let mut shown = run.look(&mended.come_and_gone(&written), run.plugins()?, false)?;
    drop(watch);
    shown.withdraw(&mended);
    failed = missed || shown.failed() || failed;
    run.write(&shown.report, &shown.sources, global)?;
    if args.report.format == Format::Text && !global.quiet {
        let left = shown.report.open().filter(|finding| finding.fix.as_ref().is_some_and(|fix| fix.safety > allowed));
        fixing::say_made(&mended, &written, left.count())?;
    }
    Ok(reporting::code(failed, &shown.report, &args.report, settings.fail_on))
}

impl Run<'_> {
    /// The plugins anew: each is asked once.
    fn plugins(&self) -> Result<Option<Plugins>> {
        if self.specs.is_empty() {
            return Ok(None);
        }
        Ok(Some(plugin::load(self.specs.clone(), &self.args.plugins)?.0))
    }

    fn load(&self, texts: &Texts) -> Loaded {
        match &self.input {
            Files::Stdin(input, bytes) => {
                let text = match texts.get(&input.path) {
                    Some(Text::Changed(text)) => text,
                    _ => bytes,
                };
                load::of_text(input.clone(), text.clone())
            }
            Files::Named(found, roots) => {
                let inputs = found.inputs.clone();
                let mut loaded = load::load_with(inputs, roots, self.args.input.follow_outside, texts.clone());
                loaded.notes.extend(not_read(found));
                loaded
            }
        }
    }

    /// What is found with some texts in place of files. `all` also asks the rules on what the server refuses that were not
    /// selected.
    fn look(&self, texts: &Texts, plugins: Option<Plugins>, all: bool) -> Result<Looked> {
        let settings = self.settings;
        let mut loaded = self.load(texts);
        let options = model::Options { pg: settings.pg, nodes: settings.nodes.clone() };
        let cluster = model::build(&mut loaded, &options);
        let mut notes = loaded.notes;
        notes.extend(self.notes.iter().cloned());
        let contradictions = settings.selection.contradictions();
        notes.extend(contradictions.into_iter().map(|message| Note { path: None, level: Severity::Warning, message }));
        notes.extend(Note::of_majors(cluster.targets()));
        let input = Arc::new(Input::new(cluster, loaded.sources));
        let mut findings = find(&input, settings, plugins, &mut notes)?;
        let mut refusals = Vec::new();
        if all {
            let more = settings.selection.and(|rule| rule.meta().effect == Effect::Refused);
            let more = more.without(|rule| settings.selection.contains(rule));
            refusals = rule::check(&input.cluster, &input.sources, &more);
            refusals.retain(|finding| finding.effect == Effect::Refused);
        }
        let sources = &input.sources;
        refusals.iter_mut().for_each(|finding| finding.lead_to_host(sources));
        let triage = Triage {
            sources,
            selection: &settings.selection,
            target: input.cluster.targets(),
            severities: &settings.severities,
            min_severity: Severity::Info,
            min_confidence: settings.min_confidence,
            comments: &triage::comments(sources),
            baseline: None,
            today: self.today,
        };
        let report = triage.report(std::mem::take(&mut findings), notes);
        let input = Arc::into_inner(input).context("a plugin has not ended")?;
        Ok(Looked { report, sources: input.sources, refusals })
    }

    fn style(&self, global: &GlobalArgs) -> Style {
        let benchmarks = self.settings.selection.benchmarks().to_vec();
        let category = self.args.sarif_category.clone();
        Style { verbose: global.verbose, benchmarks, category, ..Style::default() }
    }

    fn write(&self, report: &Report, sources: &SourceMap, global: &GlobalArgs) -> Result<()> {
        reporting::write(report, sources, &self.args.report, &self.style(global), global, &report::write)
    }

    fn write_files(&self, report: &Report, sources: &SourceMap, global: &GlobalArgs) -> Result<()> {
        reporting::write_files(report, sources, &self.args.report, &self.style(global), &report::write)
    }
}

impl Looked {
    /// Whether a part of the job could not be done.
    fn failed(&self) -> bool {
        self.report.notes.iter().any(|note| note.level == Severity::Error)
    }

    /// What edits are tried on, and the report.
    fn split(self) -> (Checked, Report) {
        let findings = self.report.open().cloned().collect::<Vec<_>>();
        let judged = findings.iter().cloned().chain(self.refusals).collect();
        (Checked { sources: self.sources, findings, judged }, self.report)
    }

    /// Fixes that were left out are not offered again.
    fn withdraw(&mut self, mended: &Mended) {
        for (finding, _) in &mut self.report.findings {
            if finding.fix.is_some() && mended.left_out(finding, &self.sources) {
                finding.fix = None;
            }
        }
    }
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
    Ok(match files(input, settings)? {
        Files::Stdin(input, bytes) => load::of_text(input, bytes),
        Files::Named(found, roots) => {
            let notes = not_read(&found);
            let mut loaded = load::load(found.inputs, &roots, input.follow_outside);
            loaded.notes.extend(notes);
            loaded
        }
    })
}

/// What the arguments name.
fn files(input: &InputArgs, settings: &Settings) -> Result<Files> {
    if input.paths.iter().any(|path| path == "-") {
        if input.paths.len() > 1 {
            bail!("`-` stands for standard input and goes with no other path");
        }
        return stdin(input);
    }
    let (found, roots) = inputs(input, settings);
    Ok(Files::Named(found, roots))
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

fn stdin(input: &InputArgs) -> Result<Files> {
    let mut bytes = Vec::new();
    source::read_up_to(io::stdin().lock(), &mut bytes).context("cannot read standard input")?;
    let path = input.stdin_filename.clone().unwrap_or_else(|| Utf8PathBuf::from("<stdin>"));
    let kind = input.kind.or_else(|| discover::by_path(&path));
    Ok(Files::Stdin(discover::Input { path, kind, named: true }, bytes))
}
