//! The findings of a fixture, as its `expected.txt` has them: the concise format with paths of the tree and with majors.

use std::fmt::Write as _;

use camino::Utf8Path;

use crate::finding::Finding;
use crate::report::view::View;
use crate::source::SourceMap;

/// A line for each finding: `path:line:column: severity[rule]: message (majors)`; paths are relative to `root`.
#[must_use]
pub fn expected(findings: &[Finding], sources: &SourceMap, root: &Utf8Path) -> String {
    let view = View::new(sources);
    let mut out = String::new();
    for finding in findings {
        let path = sources.file(finding.primary.span.file).path();
        let at = view.start(finding.primary.span);
        let _ = writeln!(
            out,
            "{}:{}:{}: {}[{}]: {} ({})",
            path.strip_prefix(root).unwrap_or(path),
            at.line,
            at.column,
            finding.severity.name(),
            finding.rule,
            view.message(finding),
            finding.majors
        );
    }
    out
}
