//! What formats that show text and no snippets say of a finding.

use std::borrow::Cow;

use crate::catalog::Majors;
use crate::finding::{Finding, Severity};
use crate::report::view::View;
use crate::report::where_it_holds;

/// So many related places are told.
const MOST_RELATED: usize = 5;

/// What is wrong, and on which majors, in one line.
pub(super) fn what<'f>(view: &View<'_>, finding: &'f Finding, target: Majors) -> Cow<'f, str> {
    let message = view.message(finding);
    match where_it_holds(finding, target) {
        Some(majors) => Cow::Owned(format!("{message} ({majors})")),
        None => message,
    }
}

/// What to do, and the places that belong to it, a line each.
pub(super) fn more(view: &View<'_>, finding: &Finding) -> Vec<String> {
    let help = finding.help.as_deref().map(|help| format!("help: {}", view.text(help)));
    let related = finding.related.iter().take(MOST_RELATED).map(|label| {
        let text = view.text(&label.text);
        let colon = if text.is_empty() { "" } else { ": " };
        format!("see {}:{}{colon}{text}", view.path(label.span.file), view.start(label.span).line)
    });
    let hidden = finding.related.len().saturating_sub(MOST_RELATED);
    let rest = (hidden > 0).then(|| format!("and {hidden} more places"));
    help.into_iter().chain(related).chain(rest).collect()
}

/// The findings with the worst first, otherwise in their order.
pub(super) fn worst_first<'f>(findings: impl Iterator<Item = &'f Finding>) -> Vec<&'f Finding> {
    let mut out = findings.collect::<Vec<_>>();
    out.sort_by_key(|finding| std::cmp::Reverse::<Severity>(finding.severity));
    out
}
