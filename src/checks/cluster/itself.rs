//! Subscriptions that make a slot on their own server, where the statement waits for itself.

use super::uses::flag;
use crate::finding::{Finding, Label, Subject};
use crate::rule::id::CLUSTER_SUBSCRIPTION_SELF;
use crate::rule::{Context, Sink};

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    let topology = &cx.cluster.topology;
    for edge in topology.edges.iter().filter(|edge| edge.certain && edge.upstream == Some(edge.downstream)) {
        let Some((create, member)) = edge.subscription(cx.cluster).zip(topology.members.get(edge.downstream)) else {
            continue;
        };
        let makes = flag(create, "create_slot", true) == Some(true) && flag(create, "connect", true) == Some(true);
        let publications = &member.objects(cx.cluster).publications;
        let own = create.publications.iter().filter_map(|name| publications.get(&name.text)?.created.first()).next();
        let (Some((_, published)), true) = (own, makes && !create.options.iter().any(|item| item.name.dynamic)) else {
            continue;
        };
        let message = format!(
            "subscription `{}` leads to its own server, {}, and waits for ever for its own transaction",
            cx.name(create.name.span),
            member.shown()
        );
        let subject = Subject::Subscription(create.name.text.clone());
        let span = edge.conninfo(cx.cluster).and_then(|of| Some(of.conninfo.get("port")?.span));
        let label = Label::new(span.unwrap_or(create.name.span), format!("leads to {}", edge.why));
        out.push(
            Finding::new(CLUSTER_SUBSCRIPTION_SELF, subject, member.majors, label, message)
                .related(*published, "published by the same server")
                .help("make the slot first, with pg_create_logical_replication_slot, and subscribe with `create_slot = false`"),
        );
    }
}
