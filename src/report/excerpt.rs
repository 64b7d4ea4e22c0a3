//! A message about a place in pgassay.toml, drawn as the findings are.

use std::ops::Range;

use camino::Utf8Path;
use miette::{GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteDiagnostic, NamedSource};

/// The message with the lines of `text` that it is about. `span` is in bytes.
#[must_use]
pub fn excerpt(path: &Utf8Path, text: &str, span: Range<usize>, message: &str, help: Option<&str>) -> String {
    let mut diagnostic = MietteDiagnostic::new(message).with_label(LabeledSpan::at(span, ""));
    diagnostic.help = help.map(ToOwned::to_owned);
    let report = miette::Report::new(diagnostic).with_source_code(NamedSource::new(path, text.to_owned()));
    let mut out = String::new();
    let handler = GraphicalReportHandler::new_themed(GraphicalTheme::none());
    match handler.render_report(&mut out, report.as_ref()) {
        Ok(()) => out,
        Err(_) => format!("{path}: {message}"),
    }
}
