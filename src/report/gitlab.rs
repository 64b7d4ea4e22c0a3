//! GitLab's Code Quality report: an array of violations, which merge requests show.

use std::io;

use serde::Serialize;

use crate::finding::{Finding, Severity};
use crate::report::lines;
use crate::report::view::View;
use crate::source::SourceMap;
use crate::triage::Report;
use crate::triage::fingerprint::Fingerprints;

/// A violation, with the fields that GitLab reads.
#[derive(Debug, Serialize)]
struct Violation<'a> {
    /// GitLab does not show the name of the check everywhere, so it stands here too.
    description: String,
    check_name: &'a str,
    /// Of two with one fingerprint GitLab shows the first.
    fingerprint: String,
    severity: &'static str,
    location: Location<'a>,
}

#[derive(Debug, Serialize)]
struct Location<'a> {
    path: &'a str,
    lines: Lines,
}

#[derive(Debug, Serialize)]
struct Lines {
    begin: u32,
    end: u32,
}

pub(super) fn write(report: &Report, sources: &SourceMap, out: &mut dyn io::Write) -> io::Result<()> {
    let view = View::new(sources);
    let mut fingerprints = Fingerprints::default();
    out.write_all(b"[")?;
    let mut separator = "\n";
    for (finding, outcome) in &report.findings {
        // Occurrences count all findings, so that they do not depend on what is shown.
        let fingerprint = fingerprints.next(finding, sources);
        if outcome.is_open() {
            out.write_all(separator.as_bytes())?;
            separator = ",\n";
            serde_json::to_writer(&mut *out, &one(&view, finding, report, fingerprint))?;
        }
    }
    out.write_all(b"\n]\n")
}

fn one<'a>(view: &View<'a>, finding: &'a Finding, report: &Report, fingerprint: String) -> Violation<'a> {
    let span = finding.primary.span;
    let rule = finding.rule.name();
    let mut description = format!("{rule}: {}", lines::what(view, finding, report.target));
    for line in lines::more(view, finding).iter().filter(|line| line.starts_with("help: ")) {
        description.push_str("; ");
        description.push_str(line);
    }
    Violation {
        description,
        check_name: rule,
        fingerprint,
        severity: match finding.severity {
            Severity::Error => "critical",
            Severity::Warning => "major",
            Severity::Info => "info",
        },
        location: Location {
            path: view.sources.file(span.file).path().as_str(),
            lines: Lines { begin: view.start(span).line, end: view.last_line(span) },
        },
    }
}
