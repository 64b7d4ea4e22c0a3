//! The report as JSON, for scripts. `docs/json-output.md` says what the fields mean and how they may change.

use std::borrow::Cow;
use std::io;

use schemars::JsonSchema;
use serde::Serialize;

use crate::finding::{Confidence, Effect, Finding, Label, Safety, Severity};
use crate::report::view::View;
use crate::source::{SourceMap, Span};
use crate::triage::fingerprint::Fingerprints;
use crate::triage::{self, Report};

/// The version of the output. It changes when a field goes or changes its meaning; new fields may come without.
pub const VERSION: u32 = 1;

/// What `--format json` writes.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Output<'a> {
    /// 1.
    pub version: u32,
    /// Every finding, whatever became of it, by path, start and rule.
    pub findings: Vec<FindingOutput<'a>>,
    /// What there is to say of the run itself.
    pub notes: Vec<NoteOutput<'a>>,
    /// Counts.
    pub summary: SummaryOutput,
}

/// A finding.
#[derive(Debug, Serialize, JsonSchema)]
pub struct FindingOutput<'a> {
    /// The rule's id.
    pub rule: &'a str,
    /// How bad.
    pub severity: Severity,
    /// How sure.
    pub confidence: Confidence,
    /// What it does on a server.
    pub effect: Effect,
    /// What is wrong.
    pub message: Cow<'a, str>,
    /// What to do.
    pub help: Option<Cow<'a, str>>,
    /// The PostgreSQL majors on which it holds, out of those judged for.
    pub majors: Vec<u8>,
    /// The file.
    pub path: &'a str,
    /// Where it starts. What is absent from a file starts and ends at offset 0.
    pub start: PositionOutput,
    /// Where it ends: one past the last character.
    pub end: PositionOutput,
    /// What is said of the place; may be empty.
    pub label: Cow<'a, str>,
    /// Other places that belong to it.
    pub related: Vec<RelatedOutput<'a>>,
    /// What it is about, such as `setting:ssl`.
    pub subject: Cow<'a, str>,
    /// Stays the same when lines move; 64 hexadecimal digits.
    pub fingerprint: String,
    /// What became of it.
    pub outcome: OutcomeOutput,
    /// The comment that suppresses it.
    pub suppression: Option<SuppressionOutput<'a>>,
    /// The edit that mends it.
    pub fix: Option<FixOutput<'a>>,
    /// The step of an upgrade with which it comes; of `pgassay upgrade` only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub step: Option<StepOutput<'a>>,
}

/// A step of an upgrade.
#[derive(Debug, Serialize, JsonSchema)]
pub struct StepOutput<'a> {
    /// The last major without it.
    pub from: u8,
    /// The first major with it.
    pub to: u8,
    /// Where it is told.
    pub source: &'a str,
}

/// A place in a file.
#[derive(Debug, Clone, Copy, Serialize, JsonSchema)]
pub struct PositionOutput {
    /// From 1.
    #[schemars(range(min = 1))]
    pub line: u32,
    /// In characters, from 1. A byte that is no UTF-8 counts as one.
    #[schemars(range(min = 1))]
    pub column: u32,
    /// In bytes from the start of the file, from 0.
    pub offset: u32,
}

/// Another place that belongs to a finding.
#[derive(Debug, Serialize, JsonSchema)]
pub struct RelatedOutput<'a> {
    /// The file.
    pub path: &'a str,
    /// Where it starts.
    pub start: PositionOutput,
    /// One past its end.
    pub end: PositionOutput,
    /// What is said of it; may be empty.
    pub message: Cow<'a, str>,
}

/// What became of a finding.
#[derive(Debug, Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum OutcomeOutput {
    /// It stands.
    Open,
    /// A comment suppresses it.
    Suppressed,
    /// The baseline has it.
    Baselined,
    /// It is none of the change that was asked for.
    Unchanged,
    /// It is below the severity or confidence asked for.
    Filtered,
}

/// The comment that suppresses a finding.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SuppressionOutput<'a> {
    /// The file.
    pub path: &'a str,
    /// Where it starts.
    pub start: PositionOutput,
    /// One past its end.
    pub end: PositionOutput,
    /// The reason it gives.
    pub reason: Option<Cow<'a, str>>,
}

/// An edit that mends a finding.
#[derive(Debug, Serialize, JsonSchema)]
pub struct FixOutput<'a> {
    /// What it does.
    pub title: Cow<'a, str>,
    /// Whether it may be made without a look.
    pub safety: Safety,
    /// Whether a secret is hidden in a replacement, so that the edit cannot be made from this output.
    pub masked: bool,
    /// They do not overlap.
    pub edits: Vec<EditOutput<'a>>,
    /// Files that come or go with the edits.
    pub files: Vec<FileOutput<'a>>,
}

/// A file that comes or goes with an edit.
#[derive(Debug, Serialize, JsonSchema)]
pub struct FileOutput<'a> {
    /// What becomes of it.
    pub change: FileChangeOutput,
    /// The file.
    pub path: String,
    /// What a new file holds.
    pub text: Option<Cow<'a, str>>,
}

/// What becomes of a file.
#[derive(Debug, Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum FileChangeOutput {
    /// It is new.
    Create,
    /// It goes.
    Remove,
}

/// A part of an edit.
#[derive(Debug, Serialize, JsonSchema)]
pub struct EditOutput<'a> {
    /// The file.
    pub path: &'a str,
    /// Where what is replaced starts.
    pub start: PositionOutput,
    /// One past its end.
    pub end: PositionOutput,
    /// What takes its place.
    pub replacement: Cow<'a, str>,
}

/// Something about the run itself.
#[derive(Debug, Serialize, JsonSchema)]
pub struct NoteOutput<'a> {
    /// An error means that something could not be done.
    pub level: Severity,
    /// The file or folder.
    pub path: Option<&'a str>,
    /// What happened.
    pub message: Cow<'a, str>,
}

/// How many there are of what.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SummaryOutput {
    /// Files that were looked at.
    pub files: usize,
    /// Open findings that are errors.
    pub errors: usize,
    /// Open findings that are warnings.
    pub warnings: usize,
    /// Open findings that are neither.
    pub infos: usize,
    /// Findings that comments suppress.
    pub suppressed: usize,
    /// Findings of the baseline.
    pub baselined: usize,
    /// Findings that are none of the change that was asked for.
    pub unchanged: usize,
    /// Findings below what was asked for.
    pub filtered: usize,
}

/// The JSON Schema of [`Output`].
#[must_use]
pub fn schema() -> schemars::Schema {
    schemars::schema_for!(Output<'_>)
}

/// Writes an [`Output`], a finding to a line, without holding it in memory.
pub(super) fn write(report: &Report, sources: &SourceMap, out: &mut dyn io::Write) -> io::Result<()> {
    let view = View::new(sources);
    let mut fingerprints = Fingerprints::default();
    write!(out, "{{\"version\":{VERSION},\"findings\":[")?;
    let mut separator = "\n";
    for (finding, outcome) in &report.findings {
        out.write_all(separator.as_bytes())?;
        separator = ",\n";
        serde_json::to_writer(&mut *out, &one(&view, &mut fingerprints, finding, outcome))?;
    }
    out.write_all(b"\n],\"notes\":[")?;
    let mut separator = "\n";
    for note in &report.notes {
        out.write_all(separator.as_bytes())?;
        separator = ",\n";
        let path = note.path.as_ref().map(|path| path.as_str());
        let note = NoteOutput { level: note.level, path, message: view.text(&note.message) };
        serde_json::to_writer(&mut *out, &note)?;
    }
    let triage::Summary { files, errors, warnings, infos, suppressed, baselined, unchanged, filtered } = report.summary;
    let summary = SummaryOutput { files, errors, warnings, infos, suppressed, baselined, unchanged, filtered };
    out.write_all(b"\n],\"summary\":")?;
    serde_json::to_writer(&mut *out, &summary)?;
    out.write_all(b"}\n")
}

fn one<'a>(
    view: &View<'a>,
    fingerprints: &mut Fingerprints,
    finding: &'a Finding,
    outcome: &'a triage::Outcome,
) -> FindingOutput<'a> {
    let (path, start, end) = place(view, finding.primary.span);
    let suppression = match outcome {
        triage::Outcome::Suppressed { by, reason } => {
            let (path, start, end) = place(view, *by);
            let reason = reason.as_deref().map(|reason| view.text(reason));
            Some(SuppressionOutput { path, start, end, reason })
        }
        _ => None,
    };
    FindingOutput {
        rule: finding.rule.name(),
        severity: finding.severity,
        confidence: finding.confidence,
        effect: finding.effect,
        message: view.message(finding),
        help: finding.help.as_deref().map(|help| view.text(help)),
        majors: finding.majors.iter().collect(),
        path,
        start,
        end,
        label: view.text(&finding.primary.text),
        related: finding.related.iter().map(|label| related(view, label)).collect(),
        subject: Cow::Owned(view.text(&finding.subject.key()).into_owned()),
        fingerprint: fingerprints.next(finding, view.sources),
        outcome: match outcome {
            triage::Outcome::Open => OutcomeOutput::Open,
            triage::Outcome::Suppressed { .. } => OutcomeOutput::Suppressed,
            triage::Outcome::Baselined => OutcomeOutput::Baselined,
            triage::Outcome::Unchanged => OutcomeOutput::Unchanged,
            triage::Outcome::Filtered => OutcomeOutput::Filtered,
        },
        suppression,
        fix: finding.fix.as_ref().map(|fix| {
            let (edits, masked) = view.edits(fix);
            let edits = edits.into_iter().map(|(span, replacement)| {
                let (path, start, end) = place(view, span);
                EditOutput { path, start, end, replacement }
            });
            let (files, hidden) = view.files(fix);
            let files = files.into_iter().map(|(path, text)| {
                let change = if text.is_some() { FileChangeOutput::Create } else { FileChangeOutput::Remove };
                FileOutput { change, path, text }
            });
            let (title, masked) = (view.text(&fix.title), masked || hidden);
            FixOutput { title, safety: fix.safety, masked, edits: edits.collect(), files: files.collect() }
        }),
        step: finding.step.as_ref().map(|step| StepOutput { from: step.from, to: step.to, source: &step.source }),
    }
}

fn related<'a>(view: &View<'a>, label: &'a Label) -> RelatedOutput<'a> {
    let (path, start, end) = place(view, label.span);
    RelatedOutput { path, start, end, message: view.text(&label.text) }
}

fn place<'a>(view: &View<'a>, span: Span) -> (&'a str, PositionOutput, PositionOutput) {
    let position = |offset| {
        let at = view.position(span.file, offset);
        PositionOutput { line: at.line, column: at.column, offset: at.offset }
    };
    (view.sources.file(span.file).path().as_str(), position(span.start), position(span.end))
}
