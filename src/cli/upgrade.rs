//! `pgassay upgrade`: what another major makes of the files, and the edits that lead there.

use std::io::Write;

use anyhow::{Result, bail};
use camino::Utf8PathBuf;

use crate::catalog::{Majors, NEWEST, OLDEST};
use crate::cli::args::{GlobalArgs, InputArgs, UpgradeArgs};
use crate::cli::configuration::{Configured, Said};
use crate::cli::files::inputs;
use crate::cli::progress::Watch;
use crate::cli::run::today;
use crate::cli::{configuration, fixing, reporting};
use crate::config::Settings;
use crate::discover::Discovered;
use crate::finding::{Finding, Severity};
use crate::fix::Checked;
use crate::load::{self, Loaded, Texts};
use crate::report::{self, Format, Review, Style};
use crate::rule::Selection;
use crate::source::SourceMap;
use crate::triage::{self, Date, Note, Report, Triage};
use crate::upgrade::{self, Options, Origins, Plan};

/// All that one look at the files needs.
struct Run<'a> {
    found: Discovered,
    roots: Vec<Utf8PathBuf>,
    follow_outside: bool,
    settings: &'a Settings,
    selection: Selection,
    options: Options,
    origins: Origins,
    today: Date,
}

/// What one look gives.
struct Looked {
    report: Report,
    sources: SourceMap,
    /// What the target refuses.
    refusals: Vec<Finding>,
    /// What was refused before and still is.
    known: Report,
    plans: Vec<Plan>,
}

pub(crate) fn upgrade(args: &UpgradeArgs, global: &GlobalArgs) -> Result<u8> {
    if !(OLDEST + 1..=NEWEST).contains(&args.to) {
        bail!("`--to {}` is no major to upgrade to; pgassay knows {} to {NEWEST}", args.to, OLDEST + 1);
    }
    let allowed = args.edits.allowed()?;
    let input = InputArgs {
        paths: args.paths.clone(),
        pg: args.from,
        kind: args.kind,
        stdin_filename: None,
        follow_outside: args.follow_outside,
    };
    if input.paths.iter().any(|path| path == "-") {
        bail!("an upgrade is one of files; standard input is none");
    }
    reporting::ready(&args.report)?;
    let said = Said {
        only_named: false,
        input: Some(&input),
        rules: Some(&args.rules),
        plugins: None,
        fail_on: args.report.fail_on,
        min_confidence: args.report.min_confidence,
    };
    let Configured { settings, .. } = configuration::configured(global, said)?;
    let watch = Watch::start(global);
    let (found, roots) = inputs(&input, &settings);
    let options = Options { to: args.to, nodes: settings.nodes.clone() };
    let mut run = Run {
        found,
        roots,
        follow_outside: input.follow_outside,
        // What a comment suppresses in general is told by `check`.
        selection: settings.selection.without(|rule| rule.meta().family == "suppression"),
        settings: &settings,
        options,
        origins: Origins::default(),
        today: today()?,
    };
    let mut loaded = run.load(&Texts::new());
    run.origins = Origins::read(&mut loaded, settings.pg, &run.options);
    let before = run.look(loaded);
    let mut failed = before.report.notes.iter().any(|note| note.level == Severity::Error);
    let code = |failed, looked: &Looked| reporting::code(failed, &looked.report, &args.report, settings.fail_on);
    let Some(allowed) = allowed else {
        drop(watch);
        write(&run, &before, args, global)?;
        return Ok(code(failed, &before));
    };
    let (first, rest) = before.split();
    let mended = args.edits.mend(first, allowed, true, &mut |texts| Ok(run.look(run.load(texts)).split().0))?;
    drop(watch);
    let offered = mended.before().findings.iter();
    failed |= args.edits.tell_unwritable(offered, allowed, &mended.before().sources)?;
    if args.edits.diff {
        args.edits.show(&mended, global)?;
        return Ok(reporting::code(failed, &rest, &args.report, settings.fail_on));
    }
    let (written, missed) = fixing::write(&mended)?;
    let shown = run.look(run.load(&mended.come_and_gone(&written)));
    write(&run, &shown, args, global)?;
    if args.report.format == Format::Text && !global.quiet {
        let all = shown.report.open().chain(shown.known.open());
        let left = all.filter(|finding| finding.fix.as_ref().is_some_and(|fix| fix.safety > allowed)).count();
        fixing::say_made(&mended, &written, left)?;
    }
    Ok(code(failed || missed, &shown))
}

impl Looked {
    /// What edits are tried on, and the report.
    fn split(self) -> (Checked, Report) {
        let findings = self.report.open().chain(self.known.open()).cloned().collect();
        (Checked { sources: self.sources, findings, judged: self.refusals }, self.report)
    }
}

impl Run<'_> {
    fn load(&self, texts: &Texts) -> Loaded {
        load::load_with(self.found.inputs.clone(), &self.roots, self.follow_outside, texts.clone())
    }

    /// Looks at the way from where the tree is to the target.
    fn look(&self, mut loaded: Loaded) -> Looked {
        let upgrade = upgrade::look(&mut loaded, &self.origins, &self.selection, &self.options);
        let sources = loaded.sources;
        let mut notes = loaded.notes;
        notes.extend(self.found.notes());
        notes.extend(self.servers());
        notes.extend(Note::of_majors(Majors::only(self.options.to)));
        let triage = Triage {
            sources: &sources,
            selection: &self.selection,
            target: Majors::only(self.options.to),
            severities: &self.settings.severities,
            min_severity: Severity::Info,
            min_confidence: self.settings.min_confidence,
            comments: &triage::comments(&sources),
            baseline: None,
            today: self.today,
        };
        let known = triage.report(upgrade.known, Vec::new());
        let report = triage.report(upgrade.findings, notes);
        Looked { report, sources, refusals: upgrade.refusals, known, plans: upgrade.plans }
    }

    /// What is told of the servers.
    fn servers(&self) -> Vec<Note> {
        let to = self.options.to;
        let one = |server: &upgrade::Server| Note {
            path: Some(server.name.clone().into()),
            level: Severity::Info,
            message: if server.from.is_empty() {
                format!("is of {to} or later already")
            } else {
                let why = server.why.as_ref().map(|why| format!(": {why}")).unwrap_or_default();
                let any = if server.from.len() > 1 { "any of " } else { "" };
                format!("to {to}, from {any}{}{why}", server.from)
            },
        };
        self.origins.servers.iter().map(one).collect()
    }
}

fn write(run: &Run<'_>, looked: &Looked, args: &UpgradeArgs, global: &GlobalArgs) -> Result<()> {
    let benchmarks = run.selection.benchmarks().to_vec();
    let fail_on = run.settings.fail_on;
    let base = Style { verbose: global.verbose, benchmarks, fail_on, ..Style::default() };
    let servers = run.servers();
    let (known, plans) = (&looked.known, looked.plans.as_slice());
    let view = report::Upgrade { to: run.options.to, servers: &servers, known, plans, quiet: global.quiet };
    let writer = |format: Format, report: &Report, sources: &SourceMap, style: &Style, out: &mut dyn Write| match format
    {
        Format::Text => report::upgrade(report, sources, &view, style, out),
        Format::Html => {
            let roots = args.paths.as_slice();
            report::review(&Review { report, sources, style, roots, cluster: None, beside: &[] }, out)
        }
        other => report::write(other, report, sources, style, out),
    };
    reporting::write(&looked.report, &looked.sources, &args.report, &base, global, &writer)
}
