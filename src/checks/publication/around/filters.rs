//! Rows that one publication holds back and another hands out.

use std::collections::BTreeSet;

use super::{MOST, Of};
use crate::catalog::Majors;
use crate::model::objects::TableName;
use crate::rule::Sink;
use crate::rule::id::PUBLICATION_FILTER_ELSEWHERE;

impl Of<'_> {
    /// There are no privileges on publications: who may replicate may subscribe to any.
    pub(super) fn filters(&self, file: usize, out: &mut Sink<'_>) {
        let topology = &self.cx.cluster.topology;
        let mut told = BTreeSet::new();
        for (_, published) in self.publication.tables.iter().take(MOST) {
            let (Some(filter), Some(table)) = (published.filter, TableName::of(&published.name)) else { continue };
            let others =
                self.cx.cluster.objects.publications.iter().take(MOST).filter(|(other, _)| *other != self.name);
            let open = others.filter_map(|(name, other)| {
                let same = |of: usize| topology.of_sql(of) == topology.of_sql(file);
                let whole = other.all_tables.filter(|(of, _)| same(*of)).map(|(_, span)| span);
                let named = || {
                    let mut of = other.tables.iter().filter(|(of, _)| same(*of)).map(|(_, of)| of);
                    of.find(|of| of.filter.is_none() && TableName::of(&of.name).is_some_and(|name| name.is(&table)))
                        .map(|of| of.span)
                };
                Some((name, whole.or_else(named)?))
            });
            let Some((other, span)) = open.into_iter().next().filter(|_| told.insert(table.to_string())) else {
                continue;
            };
            let message = format!(
                "publication `{}` filters the rows of `{table}`, and publication `{other}` hands out all of them",
                self.name
            );
            let label = "keeps nothing from a role that may subscribe";
            let majors = self.site.majors & Majors::since(15);
            out.push(
                self.finding(PUBLICATION_FILTER_ELSEWHERE, majors, filter, label, message)
                    .related(span, "every row, to whoever may replicate")
                    .help(
                        "do not rely on the filter to hide rows: any role with `REPLICATION` may use any publication",
                    ),
            );
        }
    }
}
