//! `pgassay check`: the whole pipeline, once, or as often as edits are tried.

use std::io::{self, Write};

use anyhow::{Result, bail};
use camino::Utf8PathBuf;

use crate::cli::args::{CheckArgs, GlobalArgs, KnownArgs};
use crate::cli::baseline::{self, Scope};
use crate::cli::configuration::{Configured, Found, Said};
use crate::cli::files::Files;
use crate::cli::progress::Watch;
use crate::cli::run::{Run, failed};
use crate::cli::since::Since;
use crate::cli::{configuration, fixing, reporting};
use crate::finding::{Safety, Severity};
use crate::fix::Mended;
use crate::load::Texts;
use crate::model::Cluster;
use crate::plugin::Plugins;
use crate::report::{self, Beside, Format, Review, Style};
use crate::source::SourceMap;
use crate::triage::{Baseline, Known, Note, Report};

pub(crate) fn check(args: &CheckArgs, global: &GlobalArgs) -> Result<u8> {
    let allowed = args.edits.allowed()?;
    if args.edits.diff && args.report.format != Format::Text {
        bail!("`--diff` prints a difference, so there is no report for `--format`; `--output FORMAT=PATH` writes one");
    }
    if allowed.is_some() && (args.known.since.is_some() || args.known.diff_only.is_some()) {
        bail!("edits move the lines that `--since` and `--diff-only` ask for; leave these out to make or show edits");
    }
    let said = Said {
        input: Some(&args.input),
        only_named: args.only_named,
        rules: Some(&args.rules),
        plugins: Some(&args.plugins),
        fail_on: args.report.fail_on,
        min_confidence: args.report.min_confidence,
    };
    reporting::ready(&args.report)?;
    let watch = Watch::start(global);
    let since = since(&args.known, global, said)?;
    let configured = configuration::configured(global, said)?;
    let baseline = baseline(&args.known, &configured)?;
    let beside = if args.report.asks(Format::Html) {
        beside(&configured.found, configured.plugins.as_ref())
    } else {
        Vec::new()
    };
    let (run, plugins) = Run::new(&args.input, said, configured)?;
    let mut check = Check { args, global, run, baseline, known: Known::default(), beside };
    if let Some(baseline) = &check.baseline {
        check.known.baseline = Some((baseline::read(baseline)?, baseline::root(baseline)?));
    }
    match allowed {
        Some(allowed) => check.mend(allowed, plugins, watch),
        None => check.report(since, plugins, watch),
    }
}

/// The baseline that holds, if one does.
fn baseline(args: &KnownArgs, configured: &Configured) -> Result<Option<Utf8PathBuf>> {
    let path = args.baseline.clone().or_else(|| configured.settings.baseline.clone());
    Ok(path.filter(|_| !args.no_baseline))
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

struct Check<'a> {
    args: &'a CheckArgs,
    global: &'a GlobalArgs,
    run: Run<'a>,
    /// The file of the baseline.
    baseline: Option<Utf8PathBuf>,
    known: Known,
    /// What decides about findings and is none of the files; for the review.
    beside: Vec<Beside>,
}

impl Check<'_> {
    /// What was known before, if anything was.
    fn known(&self) -> Option<&Known> {
        let compared = self.known.baseline.is_some() || self.known.change.is_some();
        compared.then_some(&self.known)
    }

    fn report(mut self, since: Option<Since>, plugins: Option<Plugins>, watch: Watch) -> Result<u8> {
        let mut looked = self.run.look(&Texts::new(), plugins, false)?;
        self.known.change = since.map(|since| since.change(looked.sources())).transpose()?;
        let mut report = self.run.report(&mut looked, self.known());
        drop(watch);
        self.tell_gone(&mut report, looked.sources())?;
        self.write(&report, looked.sources(), &looked.input.cluster)?;
        Ok(self.code(failed(&report), &report))
    }

    /// Makes the edits, or shows them.
    fn mend(self, allowed: Safety, plugins: Option<Plugins>, watch: Watch) -> Result<u8> {
        let edits = &self.args.edits;
        let writable = matches!(self.run.files, Files::Named(..));
        if edits.fix && !writable {
            bail!("`--fix` writes files, and standard input is none; `--diff` shows the edits");
        }
        let run = &self.run;
        let mut looked = run.look(&Texts::new(), plugins, true)?;
        let report = run.report(&mut looked, self.known());
        let (first, cluster) = looked.split(&report)?;
        let mended = edits.mend(first, allowed, writable, &mut |texts| {
            let mut looked = run.look(texts, run.plugins()?, true)?;
            let report = run.report(&mut looked, self.known());
            Ok(looked.split(&report)?.0)
        })?;
        drop(watch);
        let mut missed = failed(&report);
        if writable {
            missed |= edits.tell_unwritable(report.open(), allowed, &mended.before().sources)?;
        }
        if edits.diff {
            let (style, sources) = (self.style(), &mended.before().sources);
            reporting::write_files(&report, sources, &self.args.report, &style, &self.writer(&cluster))?;
            edits.show(&mended, self.global)?;
            return Ok(self.code(missed, &report));
        }
        let (written, unwritten) = fixing::write(&mended)?;
        let watch = Watch::start(self.global);
        let mut looked = run.look(&mended.come_and_gone(&written), run.plugins()?, false)?;
        let mut report = run.report(&mut looked, self.known());
        drop(watch);
        withdraw(&mut report, &mended, looked.sources());
        missed |= unwritten || failed(&report);
        self.tell_gone(&mut report, looked.sources())?;
        self.write(&report, looked.sources(), &looked.input.cluster)?;
        if self.args.report.format == Format::Text && !self.global.quiet {
            let left = report.open().filter(|finding| finding.fix.as_ref().is_some_and(|fix| fix.safety > allowed));
            fixing::say_made(&mended, &written, left.count())?;
        }
        Ok(self.code(missed, &report))
    }

    /// Notes how many findings of the baseline are gone.
    fn tell_gone(&self, report: &mut Report, sources: &SourceMap) -> Result<()> {
        let (Some((baseline, root)), Some(path)) = (&self.known.baseline, &self.baseline) else { return Ok(()) };
        if failed(report) {
            return Ok(());
        }
        let scope = Scope::new(&self.args.input, &self.run.settings.selection)?;
        let now = Baseline::of(report, sources, root);
        let gone = baseline.gone(&now, &|path, rule| scope.covers(root, path, rule));
        let count = gone.iter().map(|gone| gone.count).sum::<u32>();
        if count > 0 {
            let message =
                format!("findings of the baseline are gone: {count}; `pgassay baseline --prune` takes them out");
            report.notes.push(Note { path: Some(path.clone()), level: Severity::Info, message });
            report.notes.sort_by(|a, b| (&a.path, a.level).cmp(&(&b.path, b.level)));
        }
        Ok(())
    }

    fn style(&self) -> Style {
        let settings = &self.run.settings;
        Style {
            verbose: self.global.verbose,
            benchmarks: settings.selection.benchmarks().to_vec(),
            category: self.args.sarif_category.clone(),
            suppressed: self.args.sarif_suppressed,
            fail_on: settings.fail_on,
            ..Style::default()
        }
    }

    fn write(&self, report: &Report, sources: &SourceMap, cluster: &Cluster) -> Result<()> {
        let (style, writer) = (self.style(), self.writer(cluster));
        reporting::write(report, sources, &self.args.report, &style, self.global, &writer)
    }

    /// Writes a report in any format. The review wants more than the others.
    fn writer<'c>(
        &'c self,
        cluster: &'c Cluster,
    ) -> impl Fn(Format, &Report, &SourceMap, &Style, &mut dyn Write) -> io::Result<()> + 'c {
        move |format, report, sources, style, out| match format {
            Format::Html => {
                let (roots, beside) = (self.args.input.paths.as_slice(), self.beside.as_slice());
                report::review(&Review { report, sources, style, roots, cluster: Some(cluster), beside }, out)
            }
            other => report::write(other, report, sources, style, out),
        }
    }

    fn code(&self, failed: bool, report: &Report) -> u8 {
        reporting::code(failed, report, &self.args.report, self.run.settings.fail_on)
    }
}

/// What decides about findings and is none of the files that are checked.
fn beside(found: &Found, plugins: Option<&Plugins>) -> Vec<Beside> {
    let file = (found.path != "").then(|| Beside::text("configuration", found.path.clone(), &found.text));
    let plugins = plugins.into_iter().flat_map(|plugins| &plugins.plugins).map(|plugin| Beside {
        path: plugin.spec.path.clone(),
        what: format!("plugin {} {}", plugin.description.meta.name, plugin.description.meta.version),
        sha256: plugin.sha256.clone(),
    });
    file.into_iter().chain(plugins).collect()
}

/// Fixes that were left out are not offered again.
fn withdraw(report: &mut Report, mended: &Mended, sources: &SourceMap) {
    for (finding, _) in &mut report.findings {
        if finding.fix.is_some() && mended.left_out(finding, sources) {
            finding.fix = None;
        }
    }
}
