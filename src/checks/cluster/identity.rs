//! Tables of a receiver by whose keys the rows that are sent cannot be found.
//!
//! Source: `logicalrep_rel_mark_updatable` in relation.c and `check_relation_updatable` in worker.c: every column of the
//! receiver's replica identity, else of its primary key, must be one of the sender's identity, and without either the
//! sender must send whole rows. Seen on servers of 15 and 18.

use super::ends::Ends;
use crate::finding::{Finding, Label, Subject};
use crate::model::objects::{Identity, Operations, Table};
use crate::model::sql::CreateSubscription;
use crate::rule::id::CLUSTER_TABLE_IDENTITY;
use crate::rule::{Context, shorten};
use crate::source::Span;

/// What is wrong with a table that both servers make, if anything is.
pub(super) fn finding(
    cx: &Context<'_>,
    ends: &Ends<'_>,
    create: &CreateSubscription,
    (sent, received): (&Table, &Table),
    published: Span,
    operations: Operations,
) -> Option<Finding> {
    let verbs = match (operations.update, operations.delete) {
        (true, true) => "`UPDATE` and `DELETE`",
        (true, false) => "`UPDATE`",
        (false, true) => "`DELETE`",
        (false, false) => return None,
    };
    let (sends, receives) = (ends.up.objects(cx.cluster), ends.down.objects(cx.cluster));
    // Whole rows are found without a key, and without an identity the publisher refuses the statement.
    let Identity::Key(Some(key), at) = sends.identity(sent) else { return None };
    let (lacks, place) = match receives.identity(received) {
        Identity::Missing(span) => ("has no primary key and no replica identity".to_owned(), span),
        Identity::Key(Some(own), span) => {
            let foreign = own.iter().filter(|column| !key.contains(column));
            let foreign = foreign.map(|column| format!("`{}`", shorten(column))).collect::<Vec<_>>();
            if foreign.is_empty() {
                return None;
            }
            (format!("has {} in its key, which is not in that of the publisher", foreign.join(", ")), span)
        }
        _ => return None,
    };
    let down = ends.down.shown();
    let name = shorten(&sent.name.to_string());
    let message = format!(
        "{verbs} of table `{name}` will stop subscription `{}`: the table on {down} {lacks}",
        cx.name(create.name.span)
    );
    let label = Label::new(place, "rows cannot be found by it");
    let subject = Subject::Object(format!("table {}", sent.name));
    let finding = Finding::new(CLUSTER_TABLE_IDENTITY, subject, ends.down.majors, label, message)
        .confidence(ends.confidence())
        .related(at, "the publisher's identity")
        .related(published, "published here");
    Some(
        finding
            .help("give the table the primary key of the publisher's, or set `REPLICA IDENTITY FULL` on the publisher"),
    )
}
