//! Sequences that fill published tables and stay behind.

use std::collections::BTreeMap;

use super::{Of, SHOWN};
use crate::rule::Sink;
use crate::rule::id::PUBLICATION_SEQUENCES;

impl Of<'_> {
    pub(super) fn sequences(&self, out: &mut Sink<'_>) {
        let mut found = BTreeMap::new();
        for made in self.tables().flat_map(|table| &table.created) {
            if let Some(column) = made.serial.first() {
                found.entry(self.cx.show(made.span)).or_insert((column.clone(), made.span));
            }
        }
        let Some((table, (column, _))) = found.iter().next() else { return };
        let message = match found.len() {
            1 => format!("publication `{}` does not pass on the sequence of `{table}.{column}`", self.name),
            number => format!(
                "publication `{}` does not pass on the sequences of {number} of its tables, such as `{table}.{column}`",
                self.name
            ),
        };
        let label = "subscribers get the rows and not the numbers that come next";
        let finding = self.finding(PUBLICATION_SEQUENCES, self.site.majors, self.place, label, message);
        let related = found.values().take(SHOWN);
        let finding = related.fold(finding, |finding, (_, span)| finding.related(*span, "filled by a sequence"));
        out.push(finding.help("set the sequences with `setval` before the subscriber takes writes"));
    }
}
