//! Columns that are better not handed out.

use super::Of;
use crate::catalog::Majors;
use crate::model::objects::TableName;
use crate::rule::Sink;
use crate::rule::id::PUBLICATION_SENSITIVE_COLUMNS;

impl Of<'_> {
    /// Columns that are called like secrets, in tables that are published with all of their columns.
    pub(super) fn sensitive(&self, out: &mut Sink<'_>) {
        let words = out.list(PUBLICATION_SENSITIVE_COLUMNS, "words").into_iter().map(str::to_owned).collect::<Vec<_>>();
        let whole = self.publication.tables.iter().filter(|(_, table)| table.columns.is_none());
        for (_, published) in whole {
            let table = TableName::of(&published.name).and_then(|name| self.cx.cluster.objects.find_table(&name));
            let Some([made]) = table.map(|table| table.created.as_slice()) else { continue };
            let secret = |column: &&String| {
                let parts = column.split('_').collect::<Vec<_>>();
                words.iter().any(|word| parts.contains(&word.as_str()) || *column == word)
            };
            let found = made.columns.iter().filter(secret).map(|column| format!("`{column}`")).collect::<Vec<_>>();
            if found.is_empty() {
                continue;
            }
            let message = format!(
                "publication `{}` hands out {} of `{}`",
                self.name,
                found.join(", "),
                self.cx.name(published.name.span)
            );
            let label = "every column of the table goes to the subscribers";
            let majors = self.site.majors & Majors::since(15);
            out.push(
                self.finding(PUBLICATION_SENSITIVE_COLUMNS, majors, published.name.span, label, message)
                    .related(made.span, "the table")
                    .help("list the columns that subscribers need"),
            );
        }
    }
}
