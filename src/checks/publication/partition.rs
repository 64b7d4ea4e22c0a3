//! Row filters and column lists of partitioned tables, which are for publications of their roots only.
//!
//! Source: `TransformPubWhereClauses`, `CheckPubRelationColumnList` and `AlterPublicationOptions` of publicationcmds.c
//! (15 and later); tried on servers of 15 to 18.

use crate::catalog::Majors;
use crate::finding::{Finding, Label, Subject};
use crate::model::objects::TableName;
use crate::model::sql::{OptionItem, PublicationAction, PublicationObject, PublishedTable, What};
use crate::model::value;
use crate::rule::id::PUBLICATION_PARTITION_ROOT;
use crate::rule::{Context, Sink};
use crate::source::Span;
use crate::syntax::sql::Name;

const ROOT: &str = "publish_via_partition_root";

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for (site, statement) in cx.cluster.statements() {
        let (name, objects) = match &statement.what {
            What::CreatePublication(create) if !via_root(&create.options) => (&create.name, &create.objects),
            What::AlterPublication(alter) => match &alter.action {
                PublicationAction::Add(objects) | PublicationAction::Set(objects) if without_root(cx, &alter.name) => {
                    (&alter.name, objects)
                }
                _ => continue,
            },
            _ => continue,
        };
        for object in objects {
            let PublicationObject::Table(table) = object else { continue };
            let Some((what, span)) = part(table) else { continue };
            let Some(full) = TableName::of(&table.name) else { continue };
            let made = cx.cluster.objects.find_table(&full).map_or(&[][..], |table| table.created.as_slice());
            let [made] = made else { continue };
            if !made.partitioned {
                continue;
            }
            let message = format!(
                "`{full}` is partitioned and has a {what}, but `{ROOT}` of publication `{}` is off",
                cx.name(name.span)
            );
            let label = Label::new(span, "the server refuses the statement");
            let subject = Subject::Publication(name.text.clone());
            out.push(
                Finding::new(PUBLICATION_PARTITION_ROOT, subject, site.majors & Majors::since(15), label, message)
                    .related(made.span, "partitioned here")
                    .help(format!("add `WITH ({ROOT} = true)` to the publication, or publish the partitions")),
            );
        }
    }
}

fn part(table: &PublishedTable) -> Option<(&'static str, Span)> {
    let columns = || table.columns.as_ref().map(|(_, span)| ("column list", *span));
    table.filter.map(|span| ("row filter", span)).or_else(columns)
}

/// Whether the option is or may be on.
fn via_root(options: &[OptionItem]) -> bool {
    options.iter().any(|item| {
        let off = item
            .value
            .as_ref()
            .is_some_and(|value| !value.is_dynamic() && value::parse_bool(value.text().as_bytes()) == Some(false));
        item.name.dynamic || item.name.text == ROOT && !off
    })
}

/// Whether the tree makes the publication and never turns the option on.
fn without_root(cx: &Context<'_>, name: &Name) -> bool {
    let objects = &cx.cluster.objects;
    let made = objects.publications.get(&name.text).is_some_and(|of| of.created.len() == 1);
    made && !name.dynamic
        && !objects.dynamic.publications
        && cx.cluster.statements().all(|(_, statement)| match &statement.what {
            What::CreatePublication(create) => create.name.text != name.text || !via_root(&create.options),
            What::AlterPublication(alter) => match &alter.action {
                PublicationAction::Options(options) => alter.name.text != name.text || !via_root(options),
                _ => true,
            },
            _ => true,
        })
}
