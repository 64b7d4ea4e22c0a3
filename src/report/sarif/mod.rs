//! The report as SARIF 2.1.0, as GitHub's code scanning reads it and other consumers may.
//!
//! Kept within GitHub's limits. Results are written one by one; secrets are hidden, and a fix that would show one is
//! left out.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::io;

use serde::{Serialize, Serializer};

use crate::finding::{Finding, Severity};
use crate::report::view::View;
use crate::report::{Style, where_it_holds};
use crate::rule::RuleId;
use crate::source::{FileId, SourceMap, Span};
use crate::triage::fingerprint::Fingerprints;
use crate::triage::{Outcome, Report};

mod fingerprint;
mod limits;
mod model;
mod rules;

pub(super) use limits::Limits;
use model::{
    Artifact, ArtifactChange, ArtifactLocation, AutomationDetails, Driver, Extension, FileLocation, Invocation,
    Location, Log, Notification, PartialFingerprints, PhysicalLocation, Region, Replacement, ResultProperties, Run,
    SarifFix, SarifResult, Suppression, Target, Text, Tool,
};

/// GitHub keeps as many locations of a result.
const MOST_RELATED: usize = 100;
/// How many related places the message links to.
const MOST_LINKS: usize = 5;
/// A snippet of more bytes is left out; the region says where to look.
const LONGEST_SNIPPET: u32 = 1000;

pub(super) fn write(report: &Report, sources: &SourceMap, style: &Style, out: &mut dyn io::Write) -> io::Result<()> {
    write_within(&Limits::GITHUB, report, sources, style, out)
}

/// Leaves results out, the least severe first, until the log is within the limits.
pub(super) fn write_within(
    limits: &Limits,
    report: &Report,
    sources: &SourceMap,
    style: &Style,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let mut most = limits.results;
    loop {
        let results = Results::new(report, sources, style, most);
        let log = log(report, style, &results);
        match limits.fewer(&results, &log)? {
            Some(fewer) => most = fewer,
            None => {
                serde_json::to_writer(&mut *out, &log)?;
                return out.write_all(b"\n");
            }
        }
    }
}

fn log<'a>(report: &'a Report, style: &Style, results: &'a Results<'a>) -> Log<Run<'a, &'a Results<'a>>> {
    let found = results.findings.iter().flatten().map(|(finding, _)| finding.rule).collect::<BTreeSet<_>>();
    let taxonomies = rules::taxonomies(&results.rules);
    let (own, plugins) = rules::by_component(&results.rules);
    let run = Run {
        tool: Tool {
            driver: Driver {
                name: "pgassay",
                semantic_version: env!("CARGO_PKG_VERSION"),
                information_uri: Some(env!("CARGO_PKG_REPOSITORY")).filter(|uri| !uri.is_empty()),
                rules: rules::rules(&own, &found, &taxonomies),
                supported_taxonomies: taxonomies
                    .iter()
                    .enumerate()
                    .map(|(index, taxonomy)| model::Component { name: taxonomy.name.clone(), index })
                    .collect(),
            },
            extensions: plugins
                .iter()
                .map(|(plugin, rules)| Extension {
                    name: plugin.name,
                    version: plugin.version,
                    rules: rules::rules(rules, &found, &taxonomies),
                })
                .collect(),
        },
        // What follows the last slash would tell single runs apart.
        automation_details: style
            .category
            .as_ref()
            .map(|category| AutomationDetails { id: format!("pgassay/{}/", category.trim_matches('/')) }),
        invocations: [invocation(report, results)],
        column_kind: "utf16CodeUnits",
        taxonomies,
        results,
    };
    Log { schema: "https://json.schemastore.org/sarif-2.1.0.json", version: "2.1.0", runs: [run] }
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}

fn invocation<'a>(report: &'a Report, results: &Results<'a>) -> Invocation<'a> {
    let mut notes = report
        .notes
        .iter()
        .map(|note| Notification {
            level: level(note.level),
            message: Text { text: results.view.text(&note.message) },
            locations: note
                .path
                .iter()
                .map(|path| FileLocation {
                    physical_location: Artifact { artifact_location: ArtifactLocation { uri: uri(path.as_str()) } },
                })
                .collect(),
        })
        .collect::<Vec<_>>();
    let left = results.left_out;
    if left > 0 {
        let text = Cow::Owned(format!("{left} results are left out, the least severe ones: GitHub does not take more"));
        notes.push(Notification { level: "warning", message: Text { text }, locations: Vec::new() });
    }
    Invocation {
        execution_successful: report.notes.iter().all(|note| note.level != Severity::Error),
        tool_execution_notifications: notes,
    }
}

/// The results, made one at a time when they are written.
struct Results<'a> {
    view: View<'a>,
    report: &'a Report,
    /// Each finding of the report that becomes a result, `None` for the others.
    findings: Vec<Option<&'a (Finding, Outcome)>>,
    left_out: usize,
    /// Those that are described: the selected ones, and those of the results.
    rules: BTreeSet<RuleId>,
    places: BTreeMap<RuleId, rules::Place>,
    hashes: BTreeMap<FileId, BTreeMap<u32, String>>,
}

impl<'a> Results<'a> {
    fn new(report: &'a Report, sources: &'a SourceMap, style: &Style, most: usize) -> Self {
        let view = View::new(sources);
        let shown = |outcome: &Outcome| match outcome {
            Outcome::Open => true,
            Outcome::Suppressed { .. } | Outcome::Baselined | Outcome::Unchanged => style.suppressed,
            Outcome::Filtered => false,
        };
        let mut findings = report
            .findings
            .iter()
            .map(|one| shown(&one.1).then_some(one))
            .collect::<Vec<Option<&(Finding, Outcome)>>>();
        let mut indices = (0..findings.len()).filter(|&index| findings[index].is_some()).collect::<Vec<_>>();
        indices.sort_by_key(|&index| findings[index].map(|(finding, _)| std::cmp::Reverse(finding.severity)));
        let left_out = indices.len().saturating_sub(most);
        for index in indices.into_iter().skip(most) {
            findings[index] = None;
        }
        let mut lines = BTreeMap::<FileId, BTreeSet<u32>>::new();
        for (finding, _) in findings.iter().flatten() {
            let span = finding.primary.span;
            let lines = lines.entry(span.file).or_default();
            let line = view.start(span).line;
            // A hash of a secret could be tried against a list of passwords. GitHub adds the hash where it is missing.
            if !lines.contains(&line) && !view.redactor.hides(fingerprint::hashed(span.file, sources, line)) {
                lines.insert(line);
            }
        }
        let hashes = lines
            .iter()
            .map(|(file, lines)| (*file, fingerprint::line_hashes(sources.file(*file).bytes(), lines)))
            .collect();
        let rules = findings.iter().flatten().map(|(finding, _)| finding.rule).chain(report.selection.iter()).collect();
        let (own, plugins) = rules::by_component(&rules);
        let places = rules::places(&own, &plugins);
        Self { view, report, findings, left_out, rules, places, hashes }
    }

    fn result(&self, finding: &'a Finding, outcome: &'a Outcome, own: String) -> SarifResult<'a> {
        let view = &self.view;
        let mut primary = self.location(finding.primary.span);
        let line = primary.physical_location.region.start_line;
        primary.message = self.said(&finding.primary.text);
        let related = finding.related.iter().take(MOST_RELATED).enumerate().map(|(index, label)| Location {
            id: Some(index + 1),
            message: self.said(&label.text),
            ..self.location(label.span)
        });
        let place = self.places.get(&finding.rule).cloned().unwrap_or_default();
        SarifResult {
            rule_id: finding.rule.name(),
            rule_index: place.component.is_none().then_some(place.index),
            rule: place.component.clone().map(|component| Target {
                id: Cow::Borrowed(finding.rule.name()),
                index: Some(place.index),
                tool_component: component,
            }),
            level: level(finding.severity),
            message: Text { text: Cow::Owned(self.message(finding)) },
            locations: [primary],
            related_locations: related.collect(),
            partial_fingerprints: PartialFingerprints {
                line: self.hashes.get(&finding.primary.span.file).and_then(|hashes| hashes.get(&line)).cloned(),
                own,
            },
            baseline_state: self.report.compared.then_some(match outcome {
                Outcome::Baselined | Outcome::Unchanged => "unchanged",
                Outcome::Open | Outcome::Suppressed { .. } | Outcome::Filtered => "new",
            }),
            suppressions: self.suppressions(outcome),
            fixes: self.fix(finding).into_iter().collect(),
            properties: ResultProperties {
                confidence: finding.confidence,
                effect: finding.effect,
                majors: finding.majors.iter().collect(),
                subject: Cow::Owned(view.text(&finding.subject.key()).into_owned()),
            },
        }
    }

    /// One sentence that says what is wrong, then what to do, then links to the related places.
    fn message(&self, finding: &Finding) -> String {
        let mut out = escaped(&self.view.message(finding));
        if let Some(majors) = where_it_holds(finding, self.report.target) {
            out.push_str(&format!(" ({majors})"));
        }
        out.push('.');
        if let Some(help) = &finding.help {
            out.push(' ');
            out.push_str(&sentence(&escaped(&self.view.text(help))));
        }
        let mut separator = " See ";
        for (index, label) in finding.related.iter().take(MOST_LINKS).enumerate() {
            let text = self.view.text(&label.text);
            let text = if text.is_empty() { "here" } else { &text };
            out.push_str(&format!("{separator}[{}]({})", escaped(text), index + 1));
            separator = ", ";
        }
        if separator == ", " {
            out.push('.');
        }
        out
    }

    fn said(&self, text: &'a str) -> Option<Text<'a>> {
        (!text.is_empty()).then(|| Text { text: Cow::Owned(escaped(&self.view.text(text))) })
    }

    fn suppressions(&self, outcome: &'a Outcome) -> Vec<Suppression<'a>> {
        match outcome {
            Outcome::Open | Outcome::Filtered => Vec::new(),
            Outcome::Suppressed { by, reason } => vec![Suppression {
                kind: "inSource",
                status: "accepted",
                justification: reason.as_deref().map(|reason| self.view.text(reason)),
                location: Some(self.location(*by)),
            }],
            Outcome::Baselined => vec![external("in the baseline")],
            Outcome::Unchanged => vec![external("not of the change")],
        }
    }

    /// The fix, unless a secret would have to be hidden in it.
    fn fix(&self, finding: &'a Finding) -> Option<SarifFix<'a>> {
        let fix = finding.fix.as_ref()?;
        let (edits, masked) = self.view.edits(fix);
        // SARIF has no words for files that come or go.
        if masked || edits.is_empty() || !fix.files.is_empty() {
            return None;
        }
        let mut changes = BTreeMap::<FileId, Vec<Replacement<'a>>>::new();
        for (span, text) in edits {
            let deleted_region = self.region(span, false);
            // A byte order mark has no column, so no region can name it.
            if span.start < span.end && deleted_region.is_empty() {
                return None;
            }
            changes
                .entry(span.file)
                .or_default()
                .push(Replacement { deleted_region, inserted_content: (!text.is_empty()).then_some(Text { text }) });
        }
        Some(SarifFix {
            description: Text { text: self.view.text(&fix.title) },
            artifact_changes: changes
                .into_iter()
                .map(|(file, replacements)| ArtifactChange { artifact_location: self.artifact(file), replacements })
                .collect(),
        })
    }

    fn artifact(&self, file: FileId) -> ArtifactLocation {
        ArtifactLocation { uri: uri(self.view.sources.file(file).path().as_str()) }
    }

    fn location(&self, span: Span) -> Location<'a> {
        let physical_location =
            PhysicalLocation { artifact_location: self.artifact(span.file), region: self.region(span, true) };
        Location { id: None, physical_location, message: None }
    }

    fn region(&self, span: Span, snippet: bool) -> Region {
        let start = self.view.position_utf16(span.file, span.start);
        let end = self.view.position_utf16(span.file, span.end);
        let short = snippet && span.start < span.end && span.end - span.start <= LONGEST_SNIPPET;
        Region {
            start_line: start.line,
            start_column: start.column,
            end_line: end.line,
            end_column: end.column,
            snippet: short.then(|| Text { text: Cow::Owned(self.view.redactor.show(span).text().to_owned()) }),
        }
    }
}

impl Serialize for Results<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fingerprints = Fingerprints::default();
        // Occurrences count all findings, so that they do not depend on what is shown.
        let all = self.report.findings.iter().map(|(finding, _)| fingerprints.next(finding, self.view.sources));
        let results = self.findings.iter().zip(all);
        serializer.collect_seq(results.filter_map(|(one, own)| {
            let (finding, outcome) = (*one)?;
            Some(self.result(finding, outcome, own))
        }))
    }
}

/// What something outside of the files says.
fn external(why: &str) -> Suppression<'_> {
    Suppression { kind: "external", status: "accepted", justification: Some(Cow::Borrowed(why)), location: None }
}

/// A phrase with a capital letter and a full stop.
fn sentence(phrase: &str) -> String {
    let mut out = phrase.to_owned();
    if let Some(first) = out.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    if !out.ends_with(['.', '?', '!']) {
        out.push('.');
    }
    out
}

/// Text in which brackets make no link (section 3.11.6 of the specification).
fn escaped(text: &str) -> String {
    if text.contains("](") || text.contains('\\') && text.contains(['[', ']']) {
        text.replace('\\', "\\\\").replace('[', "\\[").replace(']', "\\]")
    } else {
        text.to_owned()
    }
}

/// A path as a URI: relative as it is, absolute with a scheme; all but unreserved characters percent-encoded.
fn uri(path: &str) -> String {
    let mut out = String::with_capacity(path.len() + 8);
    if path.starts_with('/') {
        out.push_str("file://");
    }
    for byte in path.trim_start_matches("./").bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => out.push(byte as char),
            byte => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_percent_encoded() {
        for (path, want) in [
            ("conf/pg_hba.conf", "conf/pg_hba.conf"),
            ("./a b#c?.conf", "a%20b%23c%3F.conf"),
            ("dé/a%.conf", "d%C3%A9/a%25.conf"),
            ("a:b.conf", "a%3Ab.conf"),
            ("../x", "../x"),
            ("/etc/x", "file:///etc/x"),
        ] {
            assert_eq!(uri(path), want);
        }
    }

    #[test]
    fn brackets_make_no_links() {
        assert_eq!(escaped("`[local]` is"), "`[local]` is");
        assert_eq!(escaped("[a](1)"), "\\[a\\](1)");
    }
}
