//! The Reviewdog Diagnostic Format (`rdjson`), for reviewdog, which posts findings to pull requests of many hosts.
//!
//! Columns count bytes of UTF-8 there. A fix is a suggestion if it is one edit of the finding's own file.

use std::borrow::Cow;
use std::io;

use serde::Serialize;

use crate::finding::{Finding, Severity};
use crate::report::lines;
use crate::report::view::View;
use crate::source::{SourceMap, Span};
use crate::triage::Report;

#[derive(Debug, Serialize)]
struct Diagnostic<'a> {
    message: String,
    location: Location<'a>,
    severity: &'static str,
    code: Code<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    suggestions: Vec<Suggestion<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<Related<'a>>,
}

#[derive(Debug, Serialize)]
struct Code<'a> {
    value: &'a str,
}

#[derive(Debug, Serialize)]
struct Location<'a> {
    path: &'a str,
    range: Range,
}

#[derive(Debug, Serialize)]
struct Range {
    start: Position,
    #[serde(skip_serializing_if = "Option::is_none")]
    end: Option<Position>,
}

#[derive(Debug, Serialize)]
struct Position {
    line: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<u32>,
}

#[derive(Debug, Serialize)]
struct Suggestion<'a> {
    range: Range,
    text: Cow<'a, str>,
}

#[derive(Debug, Serialize)]
struct Related<'a> {
    #[serde(skip_serializing_if = "str::is_empty")]
    message: Cow<'a, str>,
    location: Location<'a>,
}

/// So many related places are told.
const MOST_RELATED: usize = 20;

pub(super) fn write(report: &Report, sources: &SourceMap, out: &mut dyn io::Write) -> io::Result<()> {
    let view = View::new(sources);
    out.write_all(b"{\"source\":{\"name\":\"pgassay\"},\"diagnostics\":[")?;
    let mut separator = "\n";
    for finding in report.open() {
        out.write_all(separator.as_bytes())?;
        separator = ",\n";
        serde_json::to_writer(&mut *out, &one(&view, finding, report))?;
    }
    out.write_all(b"\n]}\n")
}

fn one<'a>(view: &View<'a>, finding: &'a Finding, report: &Report) -> Diagnostic<'a> {
    let mut message = lines::what(view, finding, report.target).into_owned();
    if let Some(help) = &finding.help {
        message.push_str("\nhelp: ");
        message.push_str(&view.text(help));
    }
    let related = finding.related.iter().take(MOST_RELATED);
    Diagnostic {
        message,
        location: location(view, finding.primary.span),
        severity: match finding.severity {
            Severity::Error => "ERROR",
            Severity::Warning => "WARNING",
            Severity::Info => "INFO",
        },
        code: Code { value: finding.rule.name() },
        suggestions: suggestion(view, finding).into_iter().collect(),
        related_locations: related
            .map(|label| Related { message: view.text(&label.text), location: location(view, label.span) })
            .collect(),
    }
}

fn suggestion<'a>(view: &View<'a>, finding: &'a Finding) -> Option<Suggestion<'a>> {
    let (edits, masked) = view.edits(finding.fix.as_ref()?);
    let mut edits = edits.into_iter();
    match (edits.next(), edits.next()) {
        (Some((span, text)), None) if !masked && span.file == finding.primary.span.file => {
            let range = Range { start: position(view, span, span.start), end: Some(position(view, span, span.end)) };
            Some(Suggestion { range, text })
        }
        _ => None,
    }
}

fn location<'a>(view: &View<'a>, span: Span) -> Location<'a> {
    let path = view.sources.file(span.file).path().as_str();
    // What a file lacks has no column.
    let range = if span.start == 0 && span.end == 0 {
        Range { start: Position { line: 1, column: None }, end: None }
    } else {
        Range { start: position(view, span, span.start), end: Some(position(view, span, span.end)) }
    };
    Location { path, range }
}

fn position(view: &View<'_>, span: Span, offset: u32) -> Position {
    let file = view.sources.file(span.file);
    let line = file.lines().line(offset);
    let start = file.lines().range(line, file.bytes()).start as u32;
    Position { line: line as u32 + 1, column: Some(offset.saturating_sub(start) + 1) }
}
