//! Subscriptions that keep deleted rows on a server that cannot make use of them.
//!
//! Source: the documentation of 19, sections "Configuration Settings" of logical replication and CREATE SUBSCRIPTION.

use crate::finding::{Confidence, Finding, Label, Severity, Subject};
use crate::model::Node;
use crate::model::sql::{OptionItem, SubscriptionAction, What};
use crate::model::value::Value;
use crate::rule::id::SUBSCRIPTION_RETAIN_DEAD_TUPLES;
use crate::rule::{Context, Sink};
use crate::syntax::sql::Name;

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for (site, statement) in cx.cluster.statements() {
        let (name, options) = match &statement.what {
            What::CreateSubscription(create) => (&create.name, &create.options),
            What::AlterSubscription(alter) if matches!(alter.action, SubscriptionAction::Set) => {
                (&alter.name, &alter.options)
            }
            _ => continue,
        };
        let item = options.iter().rev().find(|item| item.name.text == "retain_dead_tuples");
        let Some(item) = item.filter(|item| super::option::is(item, true)) else { continue };
        let Some(node) = site.node.filter(|_| site.inside).and_then(|index| cx.cluster.nodes.get(index)) else {
            continue;
        };
        let majors = site.majors & SUBSCRIPTION_RETAIN_DEAD_TUPLES.meta().majors;
        let none = node.settings.majors_where("max_replication_slots", majors, |value| *value == Value::Int(0));
        let blind = node.settings.majors_where("track_commit_timestamp", majors, |value| *value == Value::Bool(false));
        if !none.is_empty() {
            let message = "has no replication slot for it: `max_replication_slots` is `0`";
            let found = found(cx, node, (name, item), "max_replication_slots", message);
            out.push(with(found, none, "set `max_replication_slots` to `1` or more").severity(Severity::Error));
        } else if !blind.is_empty() {
            let message = "does not keep the times of commits: `track_commit_timestamp` is `off`";
            let found = found(cx, node, (name, item), "track_commit_timestamp", message);
            out.push(with(found, blind, "set `track_commit_timestamp = on` on the subscriber and restart it"));
        }
    }
}

fn with(mut finding: Finding, majors: crate::catalog::Majors, help: &str) -> Finding {
    finding.majors = majors;
    finding.help(help)
}

fn found(cx: &Context<'_>, node: &Node, (name, item): (&Name, &OptionItem), setting: &str, what: &str) -> Finding {
    let message = format!("subscription `{}` has `retain_dead_tuples`, and the server {what}", cx.name(name.span));
    let label = Label::new(item.span, "keeps deleted rows");
    let finding = Finding::new(
        SUBSCRIPTION_RETAIN_DEAD_TUPLES,
        Subject::Subscription(name.text.clone()),
        node.targets.majors,
        label,
        message,
    );
    match node.settings.winner(setting) {
        Some(definition) => finding.related(definition.span, "set here"),
        // The command line may set it too.
        None => finding.confidence(Confidence::Medium),
    }
}
