//! Edits of rows: another connection type or method, the row elsewhere or gone.

use crate::catalog::hba::{ConnType, Method};
use crate::checks::edit;
use crate::finding::{Finding, Safety};
use crate::model::hba::HbaRow;
use crate::rule::id;
use crate::source::Span;

use super::view::{Reach, Row};

/// `hostssl` in place of a type that lets connections in without TLS. A server without TLS would let nobody in by it.
pub(super) fn tls(row: &Row<'_>) -> Option<(Span, String)> {
    let plain = matches!(row.entry.conn_type, ConnType::Host | ConnType::HostNoSsl | ConnType::HostNoGssEnc);
    let off = crate::checks::hba_settings::ssl_off(row.node);
    (plain && off.is_empty()).then(|| edit::aligned(row.cx, row.entry.conn_type_span, "hostssl"))
}

/// The finding with a fix that asks for TLS, where the server has it.
pub(super) fn with_tls(row: &Row<'_>, finding: Finding) -> Finding {
    match tls(row) {
        Some(edit) => finding.fix("write `hostssl`", Safety::Unsafe, vec![edit]),
        None => finding,
    }
}

/// The finding with a fix that asks for a proof of who it is, and for TLS where the row lets others in.
pub(super) fn with_method(row: &Row<'_>, finding: Finding, method: Method) -> Finding {
    let name = method.name();
    let mut edits = vec![edit::word(row.cx, row.entry.method_span, name)];
    let mut title = format!("write `{name}`");
    if row.reach() == Reach::Remote
        && let Some(edit) = tls(row)
    {
        edits.insert(0, edit);
        title = format!("write `hostssl` and `{name}`");
    }
    finding.fix(title, Safety::Unsafe, edits)
}

/// The finding on a row below others, of which `first` comes first, with a fix that takes it out or moves it up. `same`
/// says whether those let the same connections in in the same way.
pub(super) fn order(row: &Row<'_>, finding: Finding, first: &HbaRow, same: bool) -> Finding {
    let file = row.entry.line.file;
    let nodes = row.cx.cluster.nodes.iter().filter_map(|node| node.hba.as_ref());
    // In a file of several servers the row may matter to another one.
    if nodes.filter(|hba| hba.files.contains(&file)).count() > 1 {
        return finding;
    }
    if finding.rule == id::HBA_DUPLICATE {
        without(row, finding, Safety::Safe)
    } else if finding.rule == id::HBA_SHADOWED {
        // What is said otherwise may have been meant.
        without(row, finding, if same { Safety::Safe } else { Safety::Unsafe })
    } else if finding.rule == id::HBA_REJECT_UNREACHABLE || finding.rule == id::HBA_HOST_OVER_HOSTSSL {
        above(row, finding, first)
    } else {
        finding
    }
}

/// The finding with a fix that takes the row out. It must apply to nobody on any major that has it.
fn without(row: &Row<'_>, finding: Finding, safety: Safety) -> Finding {
    if !finding.majors.covers(row.entry.majors) {
        return finding;
    }
    let line = edit::lines(row.cx, row.entry.line);
    finding.fix("remove the line", safety, vec![(line, String::new())])
}

/// The finding with a fix that moves the row above another one.
fn above(row: &Row<'_>, finding: Finding, first: &HbaRow) -> Finding {
    match edit::moved(row.cx, row.entry.line, first.line) {
        Some(edits) => finding.fix("move the line up", Safety::Unsafe, edits),
        None => finding,
    }
}
