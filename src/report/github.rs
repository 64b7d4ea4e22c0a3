//! Workflow commands of GitHub Actions, which become annotations of a commit's or a pull request's files.
//!
//! The runner reads `::error file=a,line=1::text` from a step's log. It shows ten annotations of a level and step, so the
//! worst findings come first; all of them stay in the log.

use std::borrow::Cow;
use std::io;

use crate::finding::{Finding, Severity};
use crate::report::lines;
use crate::report::view::View;
use crate::secret::printable;
use crate::source::SourceMap;
use crate::triage::Report;

/// So many annotations of a level are shown for a step.
const MOST_SHOWN: usize = 10;

pub(super) fn write(report: &Report, sources: &SourceMap, out: &mut dyn io::Write) -> io::Result<()> {
    let view = View::new(sources);
    let mut failures = 0;
    for note in report.notes.iter().filter(|note| note.level == Severity::Error) {
        failures += 1;
        let place = note.path.as_ref().map(|path| format!(",file={}", property(path.as_str()))).unwrap_or_default();
        let path = note.path.as_ref().map(|path| format!("{path}: ")).unwrap_or_default();
        let text = format!("{path}{}", view.text(&note.message));
        writeln!(out, "::error title=pgassay{place}::{}", data(&text))?;
    }
    for finding in lines::worst_first(report.open()) {
        one(&view, finding, report, out)?;
    }
    let summary = report.summary;
    let counts = [(summary.errors + failures, "errors"), (summary.warnings, "warnings"), (summary.infos, "notices")];
    let many = counts.iter().filter(|(count, _)| *count > MOST_SHOWN);
    let many = many.map(|(count, name)| format!("{count} {name}")).collect::<Vec<_>>();
    if !many.is_empty() {
        let many = many.join(", ");
        writeln!(out, "pgassay: {many}; GitHub shows {MOST_SHOWN} of a level as annotations, all are in this log")?;
    }
    Ok(())
}

fn one(view: &View<'_>, finding: &Finding, report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
    let span = finding.primary.span;
    let path = view.sources.file(span.file).path().as_str();
    let (start, end) = (view.start(span), view.position(span.file, span.end));
    let level = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "notice",
    };
    write!(
        out,
        "::{level} title=pgassay {},file={},line={}",
        property(finding.rule.name()),
        property(path),
        start.line
    )?;
    // The runner takes no columns where lines differ.
    let last = view.last_line(span);
    if start.line != end.line {
        write!(out, ",endLine={last}")?;
    } else if !finding.primary.is_absent() {
        write!(out, ",col={},endLine={},endColumn={}", start.column, end.line, end.column)?;
    }
    let mut text = format!("{path}:{}:{}: {}", start.line, start.column, lines::what(view, finding, report.target));
    for line in lines::more(view, finding) {
        text.push('\n');
        text.push_str(&line);
    }
    writeln!(out, "::{}", data(&text))
}

/// Text as the runner takes it back (`escapeData` of the toolkit). Control characters would drive a terminal that
/// shows the log.
fn data(text: &str) -> String {
    let text = text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
    printable(&text).into_owned()
}

/// The value of a property (`escapeProperty` of the toolkit).
fn property(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|byte| byte.is_ascii_graphic() && !b"%:,".contains(&byte)) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(data(text).replace(':', "%3A").replace(',', "%2C"))
}
