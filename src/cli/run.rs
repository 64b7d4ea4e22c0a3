//! The pipeline from files to a report. Where edits are tried, it runs again with what they make of the files.

use std::collections::HashSet;
use std::sync::Arc;
use std::thread;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, anyhow};
use camino::Utf8PathBuf;

use crate::cli::args::{InputArgs, PluginArgs};
use crate::cli::configuration::{Configured, Said};
use crate::cli::files::Files;
use crate::cli::{named, plugin};
use crate::config::Settings;
use crate::finding::{Effect, Finding, Severity};
use crate::fix::Checked;
use crate::load::Texts;
use crate::model::Cluster;
use crate::plugin::{Input, Plugins, Spec, Trouble};
use crate::source::SourceMap;
use crate::triage::{self, Date, Known, Note, Report, Triage};
use crate::{model, rule};

/// What is read, and what is asked of it.
pub(crate) struct Run<'a> {
    pub(crate) settings: Settings,
    pub(crate) files: Files,
    /// The files that are reported, if not all that are read are.
    named: Option<HashSet<Utf8PathBuf>>,
    follow_outside: bool,
    plugin_args: Option<&'a PluginArgs>,
    specs: Vec<Spec>,
    /// What is told of the run, whatever is found.
    notes: Vec<Note>,
    today: Date,
}

/// What one look finds, before triage.
pub(crate) struct Looked {
    pub(crate) input: Arc<Input>,
    findings: Vec<Finding>,
    notes: Vec<Note>,
    /// What the server refuses by rules that were not selected; only looked for where edits are tried.
    refusals: Vec<Finding>,
}

impl<'a> Run<'a> {
    /// A run on what the arguments name. The plugins are those of the first look.
    pub(crate) fn new(input: &InputArgs, said: Said<'a>, configured: Configured) -> Result<(Self, Option<Plugins>)> {
        let Configured { settings, plugins, notes, specs, .. } = configured;
        let files = if said.only_named { Files::around(input, &settings)? } else { Files::find(input, &settings)? };
        let named = if said.only_named { Some(named::files(input)?.into_iter().collect()) } else { None };
        let follow_outside = input.follow_outside;
        let run =
            Self { settings, files, named, follow_outside, plugin_args: said.plugins, specs, notes, today: today()? };
        Ok((run, plugins))
    }

    /// The plugins anew: each is asked once.
    pub(crate) fn plugins(&self) -> Result<Option<Plugins>> {
        match self.plugin_args {
            Some(args) if !self.specs.is_empty() => Ok(Some(plugin::load(self.specs.clone(), args)?.0)),
            _ => Ok(None),
        }
    }

    /// What is found with some texts in place of files. `all` also asks the rules on what the server refuses that were not
    /// selected.
    pub(crate) fn look(&self, texts: &Texts, plugins: Option<Plugins>, all: bool) -> Result<Looked> {
        let settings = &self.settings;
        let mut loaded = self.files.load(self.follow_outside, texts);
        let options = model::Options { pg: settings.pg, nodes: settings.nodes.clone() };
        let cluster = model::build(&mut loaded, &options);
        let mut notes = loaded.notes;
        notes.extend(self.notes.iter().cloned());
        let contradictions = settings.selection.contradictions();
        notes.extend(contradictions.into_iter().map(|message| Note { path: None, level: Severity::Warning, message }));
        notes.extend(Note::of_majors(cluster.targets()));
        let input = Arc::new(Input::new(cluster, loaded.sources));
        let findings = find(&input, settings, plugins, &mut notes)?;
        let mut refusals = Vec::new();
        if all {
            let more = settings.selection.and(|rule| rule.meta().effect == Effect::Refused);
            let more = more.without(|rule| settings.selection.contains(rule));
            refusals = rule::check(&input.cluster, &input.sources, &more);
            refusals.retain(|finding| finding.effect == Effect::Refused);
            refusals.iter_mut().for_each(|finding| finding.lead_to_host(&input.sources));
        }
        Ok(Looked { input, findings, notes, refusals })
    }

    /// The report of what was found, held against what was known before.
    pub(crate) fn report(&self, looked: &mut Looked, known: Option<&Known>) -> Report {
        let (findings, notes) = (std::mem::take(&mut looked.findings), std::mem::take(&mut looked.notes));
        let sources = looked.sources();
        let triage = Triage {
            sources,
            selection: &self.settings.selection,
            target: looked.input.cluster.targets(),
            severities: &self.settings.severities,
            min_severity: Severity::Info,
            min_confidence: self.settings.min_confidence,
            comments: &triage::comments(sources),
            baseline: known,
            today: self.today,
        };
        let mut report = triage.report(findings, notes);
        if let Some(named) = &self.named {
            report.keep_named(sources, |path| named.contains(path));
        }
        report
    }
}

impl Looked {
    pub(crate) fn sources(&self) -> &SourceMap {
        &self.input.sources
    }

    /// What edits are tried on, and the cluster.
    pub(crate) fn split(self, report: &Report) -> Result<(Checked, Cluster)> {
        let findings = report.open().cloned().collect::<Vec<_>>();
        let judged = findings.iter().cloned().chain(self.refusals).collect();
        let input = Arc::into_inner(self.input).context("a plugin has not ended")?;
        Ok((Checked { sources: input.sources, findings, judged }, input.cluster))
    }
}

/// Whether a part of the job could not be done.
pub(crate) fn failed(report: &Report) -> bool {
    report.notes.iter().any(|note| note.level == Severity::Error)
}

/// What all selected rules find. Those of plugins run beside the built-in ones.
pub(crate) fn find(
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
