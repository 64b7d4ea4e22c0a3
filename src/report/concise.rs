//! One line per open finding, for grep, editors and problem matchers: `path:line:column: severity[rule]: message`.

use std::io;

use crate::report::view::View;
use crate::source::SourceMap;
use crate::triage::Report;

pub(super) fn write(report: &Report, sources: &SourceMap, out: &mut dyn io::Write) -> io::Result<()> {
    let view = View::new(sources);
    for finding in report.open() {
        let span = finding.primary.span;
        let at = view.start(span);
        writeln!(
            out,
            "{}:{}:{}: {}[{}]: {}",
            view.path(span.file),
            at.line,
            at.column,
            finding.severity.name(),
            finding.rule,
            view.message(finding)
        )?;
    }
    Ok(())
}
