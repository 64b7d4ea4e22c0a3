//! Rows that never apply because one above takes all their connections.

use crate::finding::{Label, Severity};
use crate::rule::{Sink, id};

use super::super::hba_cover::Cover;
use super::view::Row;

pub(super) fn check(row: &Row<'_>, cover: &Cover, out: &mut Sink<'_>) {
    for above in cover.above(row.index) {
        let Some(first) = row.hba.rows.get(above.row) else { continue };
        let is_again =
            above.is_same && first.method == row.entry.method && options(row, row.entry) == options(row, first);
        let accepts = first.method != crate::catalog::hba::Method::Reject;
        let (method, first_method) = (row.entry.method.name(), first.method.name());
        let (rule, severity, message, help) = match (accepts, row.accepts()) {
            _ if is_again => {
                (id::HBA_DUPLICATE, Severity::Info, "the line says the same as one above".to_owned(), "remove it")
            }
            (true, false) => (
                id::HBA_REJECT_UNREACHABLE,
                Severity::Error,
                format!("`reject` never applies, as a line above lets all these connections in with `{first_method}`"),
                "move the line above the one that lets them in",
            ),
            (false, true) => (
                id::HBA_ACCEPT_AFTER_REJECT,
                Severity::Warning,
                format!("`{method}` never applies, as a line above rejects all these connections"),
                "move the line above the `reject` line, or remove it",
            ),
            _ if first.method == row.entry.method => (
                id::HBA_SHADOWED,
                Severity::Info,
                "the line never applies, as a line above takes all its connections".to_owned(),
                "remove it, or move it up if its options are meant",
            ),
            _ => (
                id::HBA_SHADOWED,
                Severity::Warning,
                format!("`{method}` never applies, as a line above takes all these connections with `{first_method}`"),
                "move the line up, or remove it",
            ),
        };
        let finding = row.finding(rule, above.majors, Label::new(row.entry.span, "never applies"), message);
        out.push(finding.severity(severity).help(help).related(first.span, "takes the connections"));
    }
}

/// The options as they hold, in an order of their own.
fn options<'e>(row: &Row<'_>, entry: &'e crate::model::hba::HbaRow) -> Vec<(&'static str, &'e str)> {
    let _ = row;
    let mut options = entry.options.iter().map(|option| (option.info.name, option.value.as_str())).collect::<Vec<_>>();
    options.sort_unstable();
    options
}
