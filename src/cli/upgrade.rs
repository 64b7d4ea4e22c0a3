//! `pgassay upgrade`: what another major makes of the files, and the edits that lead there.

use std::convert::Infallible;
use std::io::{self, BufWriter, Write};

use anyhow::{Result, bail};
use camino::Utf8PathBuf;

use crate::catalog::{Majors, NEWEST, OLDEST};
use crate::cli::args::{GlobalArgs, InputArgs, UpgradeArgs};
use crate::cli::check::{inputs, today};
use crate::cli::configuration::{Configured, Said};
use crate::cli::reporting::{self, style};
use crate::cli::{configuration, tell};
use crate::config::Settings;
use crate::discover::Discovered;
use crate::finding::{Safety, Severity};
use crate::fix::{self, Checked, Mended};
use crate::load::{self, Loaded, Texts};
use crate::report::{self, Format, Style};
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
    refusals: fix::Refusals,
    /// What was refused before and still is.
    known: Report,
    plans: Vec<Plan>,
}

pub(crate) fn upgrade(args: &UpgradeArgs, global: &GlobalArgs) -> Result<u8> {
    if !(OLDEST + 1..=NEWEST).contains(&args.to) {
        bail!("`--to {}` is no major to upgrade to; pgassay knows {} to {NEWEST}", args.to, OLDEST + 1);
    }
    if args.unsafe_fixes && !args.fix && !args.diff {
        bail!("`--unsafe-fixes` goes with `--fix`, which makes the edits, or `--diff`, which shows them");
    }
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
    let said = Said {
        of_here: false,
        input: Some(&input),
        rules: Some(&args.rules),
        plugins: None,
        fail_on: args.report.fail_on,
        min_confidence: args.report.min_confidence,
    };
    let Configured { settings, .. } = configuration::configured(global, said)?;
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
    let (texts, mended) = if args.fix || args.diff {
        let allowed = if args.unsafe_fixes { Safety::Unsafe } else { Safety::Safe };
        let mended = run.mend(&before, allowed)?;
        (mended.texts.clone(), Some(mended))
    } else {
        (Texts::new(), None)
    };
    let mut failed = before.report.notes.iter().any(|note| note.level == Severity::Error);
    if args.diff {
        let after = run.load(&texts);
        show_diff(&before.sources, &after.sources, &texts, global)?;
        failed |= tell_unwritable(&before)?;
        return Ok(reporting::code(failed, &before.report, &args.report, settings.fail_on));
    }
    let mut written = 0;
    let shown = match &mended {
        Some(mended) => {
            failed |= tell_unwritable(&before)?;
            for (path, text) in &mended.texts {
                let old = before.sources.iter().find(|(_, file)| !file.is_fragment() && file.path() == path);
                let Some((_, old)) = old else { continue };
                match fix::write(path, old.bytes(), text) {
                    Ok(()) => written += 1,
                    Err(error) => {
                        failed = true;
                        tell(&format!("{path}: not changed: {error}"))?;
                    }
                }
            }
            run.look(run.load(&Texts::new()))
        }
        None => before,
    };
    write(&run, &shown, args, global)?;
    if let Some(mended) = &mended
        && args.report.format == Format::Text
        && !global.quiet
    {
        say_made(mended, written)?;
    }
    Ok(reporting::code(failed, &shown.report, &args.report, settings.fail_on))
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
        notes.extend(crate::cli::check::not_read(&self.found));
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

    fn mend(&self, before: &Looked, allowed: Safety) -> Result<Mended> {
        let checked = |looked: Looked| Checked {
            findings: looked.report.open().chain(looked.known.open()).cloned().collect(),
            sources: looked.sources,
            refusals: looked.refusals,
        };
        // The first look is kept for the report, so a second one is what edits start from.
        let first = checked(self.look(self.load(&Texts::new())));
        let writable = |path: &Utf8PathBuf| fix::check(path).is_ok();
        let unchanged = before.sources.len() == first.sources.len();
        if !unchanged {
            bail!("the files changed while they were read");
        }
        let mended = fix::mend(first, allowed, &writable, &mut |texts| {
            Ok::<_, Infallible>(checked(self.look(self.load(texts))))
        });
        match mended {
            Ok(mended) => Ok(mended),
            Err(never) => match never {},
        }
    }
}

/// Tells which files have edits and cannot be written.
fn tell_unwritable(looked: &Looked) -> Result<bool> {
    let fixes = looked.report.open().chain(looked.known.open()).filter_map(|finding| finding.fix.as_ref());
    let mut files = fixes.flat_map(|fix| &fix.edits).map(|(span, _)| span.file).collect::<Vec<_>>();
    files.sort();
    files.dedup();
    let mut failed = false;
    for file in files {
        let path = looked.sources.file(file).path();
        if let Err(error) = fix::check(path) {
            failed = true;
            tell(&format!("{path}: not changed: {error}"))?;
        }
    }
    Ok(failed)
}

fn show_diff(old: &SourceMap, new: &SourceMap, texts: &Texts, global: &GlobalArgs) -> Result<()> {
    let style = style(global.color, Style::default());
    let mut out = BufWriter::new(io::stdout().lock());
    let of = |sources: &SourceMap, path: &Utf8PathBuf| {
        sources.iter().find(|(_, file)| !file.is_fragment() && file.path() == path).map(|(id, _)| id)
    };
    for path in texts.keys() {
        if let (Some(before), Some(after)) = (of(old, path), of(new, path)) {
            fix::diff((old, before), (new, after), style.color, &mut out)?;
        }
    }
    out.flush()?;
    Ok(())
}

fn say_made(mended: &Mended, written: usize) -> Result<()> {
    let mut out = BufWriter::new(io::stdout().lock());
    if !mended.made.is_empty() {
        let edits = if mended.made.len() == 1 { "edit" } else { "edits" };
        let files = if written == 1 { "file" } else { "files" };
        writeln!(out, "{} {edits} made in {written} {files}", mended.made.len())?;
    }
    for dropped in &mended.dropped {
        let title = crate::secret::printable(&dropped.title);
        writeln!(out, "left out in {}: {title}; the server would refuse something with it", dropped.path)?;
    }
    out.flush()?;
    Ok(())
}

fn write(run: &Run<'_>, looked: &Looked, args: &UpgradeArgs, global: &GlobalArgs) -> Result<()> {
    let benchmarks = run.selection.benchmarks().to_vec();
    let base = Style { verbose: global.verbose, benchmarks, ..Style::default() };
    let servers = run.servers();
    let (known, plans) = (&looked.known, looked.plans.as_slice());
    let view = report::Upgrade { to: run.options.to, servers: &servers, known, plans, quiet: global.quiet };
    let writer = |format: Format, report: &Report, sources: &SourceMap, style: &Style, out: &mut dyn Write| match format
    {
        Format::Text => report::upgrade(report, sources, &view, style, out),
        other => report::write(other, report, sources, style, out),
    };
    reporting::write(&looked.report, &looked.sources, &args.report, &base, global, &writer)
}
