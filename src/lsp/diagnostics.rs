//! What was found, as diagnostics.

use std::collections::BTreeMap;
use std::str::FromStr;

use camino::Utf8PathBuf;
use lsp_types::{
    CodeDescription, Diagnostic, DiagnosticRelatedInformation, DiagnosticSeverity, DiagnosticTag, NumberOrString,
    Range, Uri,
};
use serde_json::json;

use crate::finding::{Finding, Safety, Severity};
use crate::lsp::client::Client;
use crate::lsp::place::Places;
use crate::lsp::position::{Encoding, Lines};
use crate::lsp::project::{Fault, Snapshot};
use crate::report::{docs_url, where_it_holds};
use crate::triage::Note;

/// So many further places are told of a finding.
const MOST_RELATED: usize = 20;
/// So many findings are told of a file: an editor is no place for more.
const MOST: usize = 2000;

/// Rules on what is never reached, or counts for nothing: it is shown faded.
const UNNECESSARY: [&str; 6] = [
    "hba-shadowed",
    "hba-duplicate",
    "hba-reject-unreachable",
    "conf-duplicate",
    "conf-repeated",
    "conf-included-overridden",
];
/// Rules on what is gone or has another name now: it is shown struck through.
const DEPRECATED: [&str; 2] = ["conf-removed-setting", "conf-obsolete-name"];

/// The findings and notes of a project, by file.
pub(super) fn of(snapshot: &Snapshot, places: &Places<'_>, client: Client) -> BTreeMap<Utf8PathBuf, Vec<Diagnostic>> {
    let mut all: BTreeMap<Utf8PathBuf, Vec<Diagnostic>> = BTreeMap::new();
    for finding in snapshot.report.open() {
        let path = snapshot.input.sources.file(finding.primary.span.file).path();
        let of_file = all.entry(path.to_owned()).or_default();
        if of_file.len() < MOST {
            of_file.push(diagnostic(finding, snapshot, places, client));
        }
    }
    for note in &snapshot.report.notes {
        if let Some(path) = &note.path {
            all.entry(path.clone()).or_default().push(of_note(note, places));
        }
    }
    all
}

/// A finding as a diagnostic.
pub(super) fn diagnostic(finding: &Finding, snapshot: &Snapshot, places: &Places<'_>, client: Client) -> Diagnostic {
    let meta = finding.rule.meta();
    let mut message = places.text(&finding.message);
    if let Some(holds) = where_it_holds(finding, snapshot.report.target) {
        message.push_str(&format!(" ({holds})"));
    }
    for (word, text) in [("", Some(&finding.primary.text)), ("help: ", finding.help.as_ref())] {
        if let Some(text) = text.filter(|text| !text.is_empty()) {
            message.push_str(&format!("\n{word}{}", places.text(text)));
        }
    }
    let mut related = Vec::new();
    for label in finding.related.iter().take(MOST_RELATED) {
        if client.related
            && let Some(location) = places.location(label.span)
        {
            let message = places.text(if label.text.is_empty() { "belongs to it" } else { &label.text });
            related.push(DiagnosticRelatedInformation { location, message });
        }
    }
    let tag = if UNNECESSARY.contains(&meta.id) {
        Some(DiagnosticTag::UNNECESSARY)
    } else if DEPRECATED.contains(&meta.id) {
        Some(DiagnosticTag::DEPRECATED)
    } else {
        None
    };
    let page = meta.docs.first().and_then(|page| Uri::from_str(&docs_url(page)).ok());
    let fix = finding.fix.as_ref().map(|fix| {
        json!({
            "title": places.text(&fix.title),
            "safety": if fix.safety == Safety::Safe { "safe" } else { "unsafe" },
        })
    });
    Diagnostic {
        range: places.range(finding.primary.span),
        severity: Some(severity(finding.severity)),
        code: Some(NumberOrString::String(meta.id.to_owned())),
        code_description: page.map(|href| CodeDescription { href }),
        source: Some("pgassay".to_owned()),
        message,
        related_information: (!related.is_empty()).then_some(related),
        tags: tag.map(|tag| vec![tag]),
        data: fix.map(|fix| json!({ "fix": fix })),
    }
}

fn severity(severity: Severity) -> DiagnosticSeverity {
    match severity {
        Severity::Error => DiagnosticSeverity::ERROR,
        Severity::Warning => DiagnosticSeverity::WARNING,
        Severity::Info => DiagnosticSeverity::INFORMATION,
    }
}

/// What there is to say of a file as a whole.
fn of_note(note: &Note, places: &Places<'_>) -> Diagnostic {
    Diagnostic {
        range: Range::default(),
        severity: Some(severity(note.level)),
        source: Some("pgassay".to_owned()),
        message: places.text(&note.message),
        ..Diagnostic::default()
    }
}

/// What is wrong with pgassay.toml.
pub(super) fn of_fault(fault: &Fault, encoding: Encoding) -> Diagnostic {
    let lines = Lines::new(fault.text.as_bytes(), encoding);
    let message = crate::secret::hide_patterns(&fault.message);
    Diagnostic {
        range: fault.span.clone().map(|span| lines.range(span)).unwrap_or_default(),
        severity: Some(DiagnosticSeverity::ERROR),
        source: Some("pgassay".to_owned()),
        message: crate::secret::printable(&message).into_owned(),
        ..Diagnostic::default()
    }
}
