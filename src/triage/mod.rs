//! From findings to a report: order, duplicates, severities, and what becomes of each finding.
//!
//! Nothing is dropped here; what is not to be seen has an [`Outcome`] that says why. Nothing is shown here either.

use std::collections::{BTreeMap, HashMap};

use camino::Utf8PathBuf;

use crate::catalog::{self, Majors};
use crate::finding::{Confidence, Finding, Severity};
use crate::rule::{RuleId, Selection};
use crate::source::{SourceMap, Span};
use crate::syntax::comments;

mod baseline;
mod date;
mod directive;
pub mod fingerprint;
mod known;
mod named;
mod patch;
mod suppress;

pub use baseline::{Baseline, BaselineError, Gone, Root};
pub use date::Date;
pub use known::{Change, Known};
pub use patch::{FilePatch, PatchError, patches};
pub use suppress::{Commented, mentioned};

use suppress::Suppressions;

/// The comments of the files that speak to pgassay. Those in fragments are comments of their hosts, whose entries are
/// those of the fragments.
#[must_use]
pub fn comments(sources: &SourceMap) -> Vec<Commented> {
    let speaking = sources.iter().filter(|(_, file)| !file.is_fragment() && mentioned(file.bytes()));
    let speaking = speaking.collect::<Vec<_>>();
    let hosts = speaking.iter().any(|(_, file)| !file.kind().is_own());
    let fragments = if hosts { sources.fragments() } else { HashMap::new() };
    speaking
        .into_iter()
        .map(|(id, file)| {
            let (mut comments, mut entries) = comments::of(id, file.kind(), file.bytes());
            if !file.kind().is_own() {
                for &fragment in fragments.get(&id).into_iter().flatten() {
                    let text = sources.file(fragment);
                    let (inner, within) = comments::of(fragment, text.kind(), text.bytes());
                    comments.extend(inner.into_iter().map(|span| sources.to_host(span)));
                    entries.extend(within.into_iter().map(|span| sources.to_host(span)));
                }
                apart(&mut comments);
                apart(&mut entries);
            }
            comments.retain(|comment| mentioned(sources.bytes(*comment)));
            Commented { file: id, comments, entries }
        })
        .collect()
}

/// Puts spans in order and leaves out those that overlap one before.
fn apart(spans: &mut Vec<Span>) {
    spans.sort();
    spans.dedup_by(|next, kept| next.start < kept.end);
}

/// What became of a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It stands.
    Open,
    /// A comment suppresses it.
    Suppressed {
        /// The comment.
        by: Span,
        /// The reason it gives.
        reason: Option<String>,
    },
    /// The baseline has it.
    Baselined,
    /// It is none of the change that was asked for.
    Unchanged,
    /// It is below the severity or confidence asked for.
    Filtered,
}

impl Outcome {
    /// Whether the finding stands.
    #[must_use]
    pub fn is_open(&self) -> bool {
        *self == Self::Open
    }
}

/// Something about the run itself: a file that could not be read, a version that was guessed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Note {
    /// The file or folder it is about.
    pub path: Option<Utf8PathBuf>,
    /// An error means that something could not be done.
    pub level: Severity,
    /// Lower case, no full stop.
    pub message: String,
}

impl Note {
    /// What is to be said where majors are judged of which no server was asked.
    #[must_use]
    pub fn of_majors(majors: Majors) -> Option<Self> {
        catalog::caveat(majors).map(|message| Self { path: None, level: Severity::Info, message })
    }
}

/// How many there are of what.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Summary {
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

/// What is to be told of a run.
#[derive(Debug)]
pub struct Report {
    /// By path, start and rule.
    pub findings: Vec<(Finding, Outcome)>,
    /// By path.
    pub notes: Vec<Note>,
    /// Counts of the above.
    pub summary: Summary,
    /// The rules that ran.
    pub selection: Selection,
    /// The majors judged for.
    pub target: Majors,
    /// Whether findings were held against a baseline or against what was there before a change.
    pub compared: bool,
}

impl Report {
    /// The findings that stand.
    pub fn open(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|(_, outcome)| outcome.is_open()).map(|(finding, _)| finding)
    }

    /// The severity of the worst finding that stands.
    #[must_use]
    pub fn worst(&self) -> Option<Severity> {
        self.open().map(|finding| finding.severity).max()
    }
}

/// What decides about findings.
#[derive(Debug)]
pub struct Triage<'a> {
    /// The files that spans point into.
    pub sources: &'a SourceMap,
    /// The rules that ran.
    pub selection: &'a Selection,
    /// The majors judged for.
    pub target: Majors,
    /// The user's severities for rules.
    pub severities: &'a BTreeMap<RuleId, Severity>,
    /// Findings below it are filtered.
    pub min_severity: Severity,
    /// Findings below it are filtered.
    pub min_confidence: Confidence,
    /// The comments that speak to pgassay, per file.
    pub comments: &'a [Commented],
    /// What was known before.
    pub baseline: Option<&'a Known>,
    /// The day of the run, for suppressions that end.
    pub today: Date,
}

impl Triage<'_> {
    /// Makes the report of a run.
    #[must_use]
    pub fn report(&self, mut findings: Vec<Finding>, mut notes: Vec<Note>) -> Report {
        for finding in &mut findings {
            finding.lead_to_host(self.sources);
        }
        let mut suppressions = Suppressions::read(self, &mut findings);
        let order = Order::new(self.sources);
        let findings = self.settled(findings, &order);
        let mut findings = suppressions.judge(findings);
        let unused = self.settled(suppressions.unused(self), &order);
        findings.extend(suppressions.judge(unused));
        findings.sort_by(|(a, _), (b, _)| order.key(a).cmp(&order.key(b)));
        for (finding, outcome) in &mut findings {
            let hidden = finding.severity < self.min_severity || finding.confidence < self.min_confidence;
            if hidden && outcome.is_open() {
                *outcome = Outcome::Filtered;
            }
        }
        if let Some(known) = self.baseline {
            known.settle(&mut findings, self.sources);
        }
        // What a plugin tells in an order keeps it.
        notes.sort_by(|a, b| (&a.path, a.level).cmp(&(&b.path, b.level)));
        notes.dedup();
        let summary = self.summary(&findings);
        Report {
            findings,
            notes,
            summary,
            selection: self.selection.clone(),
            target: self.target,
            compared: self.baseline.is_some(),
        }
    }

    /// The findings in order, with the user's severities, each once.
    fn settled(&self, mut findings: Vec<Finding>, order: &Order) -> Vec<Finding> {
        for finding in &mut findings {
            if let Some(&severity) = self.severities.get(&finding.rule) {
                finding.severity = severity;
            }
            for label in finding.related.iter_mut().chain([&mut finding.primary]) {
                label.span = self.sources.whole_characters(label.span);
            }
        }
        findings.sort_by(|a, b| order.key(a).cmp(&order.key(b)));
        let mut out = Vec::<Finding>::with_capacity(findings.len());
        for finding in findings {
            match out.last_mut() {
                Some(last) if is_same(last, &finding) => merge(last, finding),
                _ => out.push(finding),
            }
        }
        out
    }

    fn summary(&self, findings: &[(Finding, Outcome)]) -> Summary {
        let files = self.sources.iter().filter(|(_, file)| !file.is_fragment()).count();
        Summary::of(files, findings.iter().map(|(finding, outcome)| (finding, outcome)))
    }
}

/// Whether two findings say the same of one place, perhaps of different majors. What the server makes of it must be
/// the same as well: refused on some majors and ignored on others are two statements.
fn is_same(a: &Finding, b: &Finding) -> bool {
    (a.rule, a.primary.span, a.effect, &a.subject) == (b.rule, b.primary.span, b.effect, &b.subject)
        && (a.message == b.message || !(a.majors & b.majors).is_empty())
}

fn merge(into: &mut Finding, other: Finding) {
    into.majors = into.majors | other.majors;
    into.severity = into.severity.max(other.severity);
    into.confidence = into.confidence.max(other.confidence);
    for label in other.related {
        if !into.related.contains(&label) {
            into.related.push(label);
        }
    }
    into.help = into.help.take().or(other.help);
    into.fix = into.fix.take().or(other.fix);
}

/// The order of findings: by path, start and rule, then by all else, so that it does not depend on who found them first.
struct Order {
    /// The place of each file among the paths.
    rank: Vec<usize>,
}

impl Order {
    fn new(sources: &SourceMap) -> Self {
        let mut files = sources.iter().collect::<Vec<_>>();
        files.sort_by_key(|(id, file)| (file.path(), *id));
        let mut rank = vec![0; files.len()];
        for (place, (id, _)) in files.into_iter().enumerate() {
            rank[id.index()] = place;
        }
        Self { rank }
    }

    fn key<'f>(&self, finding: &'f Finding) -> impl Ord + use<'f> {
        let span = finding.primary.span;
        let rank = self.rank.get(span.file.index()).copied().unwrap_or_default();
        let place = (rank, span.start, finding.rule, span.end);
        (place, &finding.subject, finding.effect, &finding.message, finding.majors)
    }
}

#[cfg(test)]
#[allow(clippy::single_range_in_vec_init, reason = "one range of lines is meant")]
mod tests;
