//! What a publication hands out: all tables, schemas, nothing, or not every operation.

use crate::finding::{Finding, Label, Subject};
use crate::model::objects::{Operations, Site};
use crate::model::sql::{CreatePublication, PublicationObject, What};
use crate::rule::id::{
    PUBLICATION_ADD_WITHOUT_REFRESH, PUBLICATION_ALL_TABLES, PUBLICATION_EMPTY, PUBLICATION_IN_SCHEMA,
    PUBLICATION_PARTIAL_OPS,
};
use crate::rule::{Context, Sink};
use crate::source::Span;

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for (site, statement) in cx.cluster.statements() {
        if let What::CreatePublication(create) = &statement.what {
            created(cx, out, site, create);
        }
    }
    added(cx, out);
}

fn created(cx: &Context<'_>, out: &mut Sink<'_>, site: &Site, create: &CreatePublication) {
    let shown = cx.name(create.name.span);
    let mut push = |rule, span: Span, label: &str, message: String, help: &str| {
        let subject = Subject::Publication(create.name.text.clone());
        out.push(Finding::new(rule, subject, site.majors, Label::new(span, label), message).help(help));
    };
    let all = create.objects.iter().find_map(|object| match object {
        PublicationObject::AllTables(span) => Some(*span),
        _ => None,
    });
    if let Some(span) = all {
        push(
            PUBLICATION_ALL_TABLES,
            span,
            "tables made later are published too, whatever they hold",
            format!("publication `{shown}` hands out every table of the database"),
            "list the tables with `FOR TABLE`",
        );
    }
    let schema = create.objects.iter().find_map(|object| match object {
        PublicationObject::Schema { name, keyword } => Some((name, *keyword)),
        _ => None,
    });
    if let Some((schema, keyword)) = schema {
        push(
            PUBLICATION_IN_SCHEMA,
            keyword,
            "tables made there later are published too",
            format!("publication `{shown}` hands out every table of schema `{}`", cx.show(schema.span)),
            "list the tables with `FOR TABLE`",
        );
    }
    let facts = cx.cluster.objects.publications.get(&create.name.text).filter(|_| !create.name.dynamic);
    let filled = facts.is_none_or(|facts| !facts.known || !facts.added.is_empty());
    if create.objects.is_empty() && !filled && !cx.cluster.objects.dynamic.publications {
        push(
            PUBLICATION_EMPTY,
            create.name.span,
            "no `FOR`, and no `ALTER PUBLICATION ... ADD` in the tree",
            format!("publication `{shown}` publishes nothing"),
            "name its tables with `FOR TABLE`",
        );
    }
    if let Some(Some(given)) = crate::model::objects::publish(&create.options) {
        let missing = missing(given);
        let span = create.options.iter().find(|item| item.name.text == "publish").map(|item| item.span);
        if let (Some(span), false) = (span, missing.is_empty()) {
            push(
                PUBLICATION_PARTIAL_OPS,
                span,
                "the subscriber's rows drift away from the publisher's",
                format!("publication `{shown}` does not publish {}", missing.join(", ")),
                "leave `publish` out, unless the subscriber is meant to keep what is deleted",
            );
        }
    }
}

/// The operations that are left out. A lack of TRUNCATE alone is as old as 10, which did not have it.
fn missing(given: Operations) -> Vec<&'static str> {
    let of = [(given.insert, "`insert`"), (given.update, "`update`"), (given.delete, "`delete`")];
    of.into_iter().filter(|(has, _)| !has).map(|(_, name)| name).collect()
}

/// A table that is added later reaches a subscriber only by REFRESH PUBLICATION.
fn added(cx: &Context<'_>, out: &mut Sink<'_>) {
    let objects = &cx.cluster.objects;
    for (site, statement) in cx.cluster.statements() {
        let What::CreateSubscription(create) = &statement.what else { continue };
        let Some(facts) = objects.subscriptions.get(&create.name.text).filter(|_| !create.name.dynamic) else {
            continue;
        };
        if !facts.refreshed.is_empty() || objects.dynamic.subscriptions {
            continue;
        }
        for name in create.publications.iter().filter(|name| !name.dynamic) {
            let Some(publication) = objects.publications.get(&name.text) else { continue };
            let Some(first) = publication.added.first() else { continue };
            // What is added before the subscription is made is there when it is made.
            if first.file == create.name.span.file && first.start < create.name.span.start {
                continue;
            }
            let message = format!(
                "subscription `{}` is never told of what is added to publication `{}`",
                cx.name(create.name.span),
                cx.name(name.span)
            );
            let label = Label::new(*first, "new tables are not copied until the subscriber refreshes");
            let subject = Subject::Publication(name.text.clone());
            out.push(
                Finding::new(PUBLICATION_ADD_WITHOUT_REFRESH, subject, site.majors, label, message)
                    .related(create.name.span, "the subscription")
                    .help("run `ALTER SUBSCRIPTION ... REFRESH PUBLICATION` on the subscriber afterwards"),
            );
        }
    }
}
