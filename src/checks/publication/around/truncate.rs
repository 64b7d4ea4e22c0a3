//! Foreign keys that keep a subscriber from applying `TRUNCATE`.

use std::collections::BTreeMap;

use super::{Of, SHOWN};
use crate::catalog::Majors;
use crate::model::objects::{Table, TableName};
use crate::rule::Sink;
use crate::rule::id::PUBLICATION_TRUNCATE_FOREIGN_KEY;
use crate::source::Span;

impl Of<'_> {
    /// `ApplyTruncate` truncates what is in the subscription, and a foreign key from another table refuses it.
    pub(super) fn truncates(&self, referring: &BTreeMap<&str, Vec<(&Table, &TableName, Span)>>, out: &mut Sink<'_>) {
        let whole = self.publication.all_tables.is_some() || !self.publication.schemas.is_empty();
        if whole || !self.publication.operations().truncate {
            return;
        }
        let mut found = BTreeMap::new();
        for table in self.tables() {
            for (from, to, span) in referring.get(table.name.name.as_str()).into_iter().flatten() {
                if to.is(&table.name) && !from.name.is(&table.name) && !self.names(from) {
                    found.entry(from.name.to_string()).or_insert((table.name.to_string(), *span));
                }
            }
        }
        let Some((from, (to, _))) = found.iter().next() else { return };
        let more = match found.len() {
            1 => String::new(),
            2 => " (and one more)".to_owned(),
            number => format!(" (and {} more)", number - 1),
        };
        let message = format!(
            "publication `{}` passes on `TRUNCATE` of `{to}`, and not table `{from}`, which refers to it{more}",
            self.name
        );
        let label = "a subscriber that has the foreign key cannot apply it, and stops";
        let majors = self.site.majors & Majors::since(11);
        let finding = self.finding(PUBLICATION_TRUNCATE_FOREIGN_KEY, majors, self.place, label, message);
        let related = found.values().take(SHOWN);
        let finding = related.fold(finding, |finding, (_, span)| finding.related(*span, "refers to a published table"));
        out.push(finding.help("publish these tables too, or leave `truncate` out of `publish`"));
    }

    fn names(&self, table: &Table) -> bool {
        self.publication
            .tables
            .iter()
            .any(|(_, of)| TableName::of(&of.name).is_none_or(|name| name.may_be(&table.name)))
    }
}
