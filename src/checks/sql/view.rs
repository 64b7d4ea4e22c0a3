//! Views that show what row level security hides.
//!
//! Source: rules-privileges.html: a view's tables are read with the rights of its owner, whose policies count, unless it
//! has `security_invoker` (15 and later). The owner of a table passes by its policies, unless they are forced.

use std::collections::HashSet;

use crate::catalog::Majors;
use crate::finding::{Finding, Label, Subject};
use crate::model::objects::TableName;
use crate::model::sql::{RelationKind, RowSecurity, What};
use crate::rule::id::VIEW_NO_INVOKER;
use crate::rule::{Context, Sink};

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    let objects = &cx.cluster.objects;
    if !out.wants(VIEW_NO_INVOKER) || objects.dynamic.tables || objects.tables.is_empty() {
        return;
    }
    // ALTER VIEW may turn it on; which one is not looked at.
    let turned_on = |bytes: &[u8]| {
        memchr::memmem::find_iter(bytes, b"security_invoker").any(|at| {
            let before = bytes.get(at.saturating_sub(200)..at).unwrap_or_default().to_ascii_lowercase();
            let statement = before.rsplit(|byte| *byte == b';').next().unwrap_or_default();
            memchr::memmem::find(statement, b"alter").is_some()
        })
    };
    if cx.cluster.sql.iter().any(|file| turned_on(cx.sources.file(file.file).bytes())) {
        return;
    }
    let mut told = HashSet::new();
    for (site, statement) in cx.cluster.statements() {
        let What::Relation(view) = &statement.what else { continue };
        if view.kind != RelationKind::View || view.invoker || view.name.is_dynamic() {
            continue;
        }
        let protected = view.reads.iter().filter_map(TableName::of).find_map(|name| {
            let table = objects.find_table(&name)?;
            let row = objects.tables_like(&name).flat_map(|table| &table.row_security).collect::<Vec<_>>();
            let other = |(what, _): &&(RowSecurity, crate::source::Span)| *what != RowSecurity::Enable;
            // A table without a policy is closed on purpose, and the view is its door.
            let plain = !row.is_empty() && !row.iter().copied().any(|of| other(&of)) && !table.policies.is_empty();
            plain.then(|| Some((table, row.first()?.1))).flatten()
        });
        let Some((table, span)) = protected else { continue };
        if !told.insert(view.name.name.text.clone()) {
            continue;
        }
        let message = format!(
            "view `{}` reads `{}` with the rights of its owner, whom row level security does not hold back",
            cx.name(view.name.span),
            table.name
        );
        let label = Label::new(view.name.span, "whoever may read the view sees every row that its query gives");
        let subject = Subject::Object(format!("view/{}", view.name.name.text));
        out.push(
            Finding::new(VIEW_NO_INVOKER, subject, site.majors & Majors::since(15), label, message)
                .related(span, "row level security")
                .help("make it `WITH (security_invoker = true)`, where it is not meant to show more than the table"),
        );
    }
}
