//! Rows of which each takes some connections that the other would take, and others: which one decides depends on their
//! order. What rows above both take of that does not count.

use super::super::access::by_version;
use super::families::Rows;
use super::view::{Reach, reach, subject};
use crate::catalog::Majors;
use crate::finding::{Finding, Label};
use crate::model::hba::{AddressKind, HbaRow};
use crate::reach::{Change, Kinds, compare};
use crate::rule::{Sink, id};

/// In a file with more rows that let clients in, they are not compared with each other.
const MOST_ROWS: usize = 500;

impl Rows<'_> {
    /// Rows with others above them that take a part of their connections. Exceptions, which are a part of what the row
    /// below matches, are how files are written, and so are those for one machine.
    pub(super) fn overlaps(&self, out: &mut Sink<'_>) {
        let rows = self.accepting().collect::<Vec<_>>();
        if rows.len() > MOST_ROWS || !(out.wants(id::HBA_WEAKER_FIRST) || out.wants(id::HBA_PARTIAL_OVERLAP)) {
            return;
        }
        for (place, &(below, later, live)) in rows.iter().enumerate() {
            let mut told = (false, false);
            for &(above, first, of_first) in rows.iter().take(place).filter(|(_, row, _)| !is_exception(row)) {
                let majors = self.cover.crossing_live(above, below) & live & of_first;
                if majors.is_empty() {
                    continue;
                }
                let all = |change: Change| majors.iter().all(|major| compare(first, later, major) == Some(change));
                if all(Change::Strengthened) {
                    if !std::mem::replace(&mut told.0, true) {
                        out.push(self.weaker(first, later, majors));
                    }
                } else if !self.cover.is_part(above, below)
                    && let Some(how) = differs(first, later, all(Change::Changed))
                    && !std::mem::replace(&mut told.1, true)
                {
                    out.push(self.partial(first, later, majors, &how));
                }
                if told == (true, true) {
                    break;
                }
            }
        }
    }

    fn weaker(&self, weak: &HbaRow, strict: &HbaRow, majors: Majors) -> Finding {
        let (weaker, method) = (weak.method.name(), strict.method.name());
        let how = if weaker == method {
            "and asks for less of a certificate".to_owned()
        } else {
            format!("with `{weaker}`, not `{method}`")
        };
        let message = format!("a line above takes a part of these connections {how}");
        let label = Label::new(strict.span, "applies to a part only");
        let finding = Finding::new(id::HBA_WEAKER_FIRST, subject(self.cx, strict), majors, label, message);
        let finding = finding.related(weak.span, "asks for less, and comes first");
        by_version(self.node, finding).help("move the stricter line up")
    }

    fn partial(&self, first: &HbaRow, later: &HbaRow, majors: Majors, how: &str) -> Finding {
        let message = format!("a line above takes a part of these connections {how}");
        let label = Label::new(later.span, "applies to a part only");
        let finding = Finding::new(id::HBA_PARTIAL_OVERLAP, subject(self.cx, later), majors, label, message);
        let finding = finding.related(first.span, "comes first");
        by_version(self.node, finding)
            .help("put the line first that is meant for what both match, or part their networks")
    }
}

/// What the first row asks otherwise of what both match; nothing where it asks the same or more.
fn differs(first: &HbaRow, later: &HbaRow, changed: bool) -> Option<String> {
    let plain = |row: &HbaRow| !(Kinds::of(row.conn_type) & Kinds::PLAIN).is_empty();
    match (first.method.name(), later.method.name()) {
        (method, other) if changed && method != other => Some(format!("with `{method}`, not `{other}`")),
        _ if changed => Some("with other options".to_owned()),
        _ if plain(first) && !plain(later) => {
            Some(format!("without the encryption that `{}` asks for", later.conn_type.name()))
        }
        _ => None,
    }
}

fn is_exception(row: &HbaRow) -> bool {
    let one = |kind: &AddressKind| match kind {
        AddressKind::Net { ip, prefix, .. } => *prefix == Some(if ip.is_ipv4() { 32 } else { 128 }),
        _ => false,
    };
    reach(row) != Reach::Remote || row.address.as_ref().is_some_and(|address| one(&address.kind))
}
