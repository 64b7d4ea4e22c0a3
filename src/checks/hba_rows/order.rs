//! Rows that never apply because one above, or several together, take all their connections.

use crate::catalog::Majors;
use crate::catalog::hba::{ConnType, Method};
use crate::finding::{Label, Severity};
use crate::model::hba::HbaRow;
use crate::rule::{Sink, id};

use super::mend;
use super::view::Row;
use crate::reach::{Cover, Kinds, Together};

pub(super) fn check(row: &Row<'_>, cover: &Cover, out: &mut Sink<'_>) {
    for above in cover.above(row.index) {
        let Some(first) = row.hba.rows.get(above.row) else { continue };
        let is_again = above.is_same && first.method == row.entry.method && options(row.entry) == options(first);
        let accepts = first.method != Method::Reject;
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
            // What was to be encrypted need not be, unless the plain connections are taken above.
            _ if needs_encryption(row.entry) && lets_plain_in(row, cover, above.row, above.majors) => (
                id::HBA_HOST_OVER_HOSTSSL,
                Severity::Warning,
                format!(
                    "`{}` never applies, as a `{}` line above takes all these connections, encrypted or not",
                    row.entry.conn_type.name(),
                    first.conn_type.name()
                ),
                "move the line up, or require encryption in the line above, too",
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
        let same = first.method == row.entry.method && options(row.entry) == options(first);
        let finding = mend::order(row, finding, first, same);
        out.push(finding.severity(severity).help(help).related(first.span, "takes the connections"));
    }
    if let Some(above) = cover.together(row.index) {
        together(row, above, out);
    }
}

fn needs_encryption(entry: &HbaRow) -> bool {
    (Kinds::of(entry.conn_type) & Kinds::PLAIN).is_empty() && entry.conn_type != ConnType::Local
}

/// Whether plain connections get in by a row above, given by its index.
fn lets_plain_in(row: &Row<'_>, cover: &Cover, above: usize, majors: Majors) -> bool {
    let plain = row.hba.rows.get(above).is_some_and(|above| Kinds::of(above.conn_type).covers(Kinds::PLAIN));
    plain && (cover.takes_plain(above) & majors).is_empty()
}

/// So many of the rows that together take the connections are shown.
const MOST_RELATED: usize = 5;

fn together(row: &Row<'_>, above: &Together, out: &mut Sink<'_>) {
    let rows = above.rows.iter().filter_map(|&above| row.hba.rows.get(above)).collect::<Vec<_>>();
    let method = row.entry.method;
    let rejecting = rows.iter().filter(|first| first.method == Method::Reject).count();
    let (count, name) = (rows.len(), method.name());
    let (rule, severity, message, help) = match (rejecting, row.accepts()) {
        (0, false) => (
            id::HBA_REJECT_UNREACHABLE,
            Severity::Error,
            format!("`reject` never applies, as {count} lines above together let all these connections in"),
            "move the line above those that let them in",
        ),
        (rejecting, true) if rejecting == count => (
            id::HBA_ACCEPT_AFTER_REJECT,
            Severity::Warning,
            format!("`{name}` never applies, as {count} lines above together reject all these connections"),
            "move the line above the `reject` lines, or remove it",
        ),
        _ => {
            let same = rows.iter().all(|first| first.method == method && options(first) == options(row.entry));
            (
                id::HBA_SHADOWED,
                if same { Severity::Info } else { Severity::Warning },
                format!("`{name}` never applies, as {count} lines above together take all its connections"),
                if same { "remove it" } else { "move the line up, or remove it" },
            )
        }
    };
    let finding = row.finding(rule, above.majors, Label::new(row.entry.span, "never applies"), message);
    let finding = finding.severity(severity).help(help);
    let finding = match rows.first() {
        Some(first) => mend::order(row, finding, first, severity == Severity::Info),
        None => finding,
    };
    let shown = rows.iter().take(MOST_RELATED);
    out.push(shown.fold(finding, |finding, first| finding.related(first.span, "takes a part of the connections")));
}

/// The options, in an order of their own.
fn options(entry: &HbaRow) -> Vec<(&'static str, &str)> {
    let mut options = entry.options.iter().map(|option| (option.info.name, option.value.as_str())).collect::<Vec<_>>();
    options.sort_unstable();
    options
}
