//! Tables that cannot be published.

use std::collections::HashMap;

use crate::catalog::Majors;
use crate::finding::{Finding, Label, Subject};
use crate::model::objects::TableName;
use crate::model::sql::{AlterPublication, PublicationAction, PublicationObject, RelationKind, What};
use crate::rule::id::PUBLICATION_TABLE_KIND;
use crate::rule::{Context, Sink};

fn kind(kind: RelationKind) -> &'static str {
    match kind {
        RelationKind::View => "a view",
        RelationKind::MaterializedView => "a materialized view",
        RelationKind::ForeignTable => "a foreign table",
    }
}

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    let relations = cx.cluster.statements().filter_map(|(_, statement)| match &statement.what {
        What::Relation(of) => Some((of.name.name.text.as_str(), of)),
        _ => None,
    });
    let relations = relations.collect::<HashMap<_, _>>();
    for (site, statement) in cx.cluster.statements() {
        let (name, objects) = match &statement.what {
            What::CreatePublication(create) => (&create.name, &create.objects),
            What::AlterPublication(AlterPublication {
                name,
                action: PublicationAction::Add(objects) | PublicationAction::Set(objects),
            }) => (name, objects),
            _ => continue,
        };
        for object in objects {
            let PublicationObject::Table(table) = object else { continue };
            let relation = relations.get(table.name.name.text.as_str()).copied();
            let Some(full) = TableName::of(&table.name) else { continue };
            let made = cx.cluster.objects.find_table(&full).map_or(&[][..], |table| table.created.as_slice());
            let relation = relation.filter(|of| TableName::of(&of.name).is_some_and(|name| name.is(&full)));
            let mut majors = site.majors;
            let (what, place) = match made {
                // `check_publication_add_relation` of 10 to 12.
                [made] if made.partitioned => {
                    majors = site.refused(Majors::until(12));
                    ("a partitioned table", Some(made.span))
                }
                _ if full.schema.as_deref() == Some("pg_catalog") => ("a table of the system", None),
                [made] if made.unlogged => ("an unlogged table", Some(made.span)),
                [made] if made.temporary => ("a temporary table", Some(made.span)),
                [] => match relation {
                    Some(of) => (kind(of.kind), Some(of.name.span)),
                    None => continue,
                },
                _ => continue,
            };
            let until = if majors == site.majors { "" } else { " before 13" };
            let message = format!("`{full}` is {what}, which cannot be published{until}");
            let label = Label::new(table.name.span, "the server refuses the statement");
            let mut finding =
                Finding::new(PUBLICATION_TABLE_KIND, Subject::Publication(name.text.clone()), majors, label, message)
                    .help("leave the table out, or make it an ordinary table");
            if let Some(place) = place {
                finding = finding.related(place, "made here");
            }
            out.push(finding);
        }
    }
}
