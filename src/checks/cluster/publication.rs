//! Subscriptions to publications that the sender does not make.

use std::collections::HashSet;

use super::ends::{Ends, ends};
use super::sender::{Sender, Senders};
use crate::catalog::nearest;
use crate::finding::{Finding, Label, Subject};
use crate::model::sql::CreateSubscription;
use crate::rule::id::CLUSTER_PUBLICATION_MISSING;
use crate::rule::{Context, Sink, shorten};
use crate::source::Span;
use crate::syntax::sql::Name;

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    let senders = Senders::new(cx);
    for ends in ends(cx) {
        let Some(sender) = senders.of(&ends) else { continue };
        for (create, name) in missing(&ends, &senders) {
            out.push(finding(cx, &ends, sender, create, name));
        }
    }
}

/// The places of the names that [`check`] finds, for the rule that looks at whole trees.
pub(crate) fn told(cx: &Context<'_>) -> HashSet<Span> {
    let senders = Senders::new(cx);
    ends(cx).flat_map(|ends| missing(&ends, &senders)).map(|(_, name)| name.span).collect()
}

/// The publications of an edge's subscription that its sender surely does not make, though it makes others.
fn missing<'a>(ends: &Ends<'a>, senders: &Senders<'a>) -> Vec<(&'a CreateSubscription, &'a Name)> {
    let Some((create, sender)) = ends.edge.subscription(ends.cluster).zip(senders.of(ends)) else { return Vec::new() };
    let makes = sender.publications.values().any(|publication| !publication.made.is_empty());
    let changed = senders.receiver(ends).is_none_or(|down| down.changed.contains(create.name.text.as_str()));
    if !makes || changed || !sender.closed || create.name.dynamic {
        return Vec::new();
    }
    let is_missing = |name: &&Name| {
        // A sender that was told by what it publishes is not the one where something else makes the rest.
        let elsewhere = ends.cluster.objects.publications.get(&name.text).is_some_and(|of| !of.created.is_empty());
        !name.dynamic
            && !sender.publications.contains_key(name.text.as_str())
            && (ends.edge.certain || !elsewhere)
            && !senders.is_renamed(&name.text)
    };
    create.publications.iter().filter(is_missing).map(|name| (create, name)).collect()
}

fn finding(
    cx: &Context<'_>,
    ends: &Ends<'_>,
    sender: &Sender<'_>,
    create: &CreateSubscription,
    name: &Name,
) -> Finding {
    let up = ends.up.shown();
    let made = sender.publications.iter().filter(|(_, publication)| !publication.made.is_empty());
    let near = nearest(&name.text, made.clone().take(MOST).map(|(name, _)| *name));
    let shown = made.clone().take(3).map(|(name, _)| format!("`{}`", shorten(name))).collect::<Vec<_>>().join(", ");
    let more = if made.clone().nth(3).is_some() { " and more" } else { "" };
    let message = format!(
        "subscription `{}` names publication `{}`, which {up} does not make; it makes {shown}{more}",
        cx.name(create.name.span),
        cx.name(name.span)
    );
    let related = near.and_then(|near| sender.publications.get(near)).or_else(|| made.clone().next().map(|(_, of)| of));
    let label = Label::new(name.span, "no such publication");
    let subject = Subject::Subscription(create.name.text.clone());
    let mut finding = Finding::new(CLUSTER_PUBLICATION_MISSING, subject, ends.up.majors, label, message);
    if let Some(span) = related.and_then(|of| of.made.first()) {
        finding = finding.related(*span, "made on the sender");
    }
    let help = near.map_or_else(|| format!("make the publication on {up}"), |near| format!("did you mean `{near}`?"));
    finding.help(help).confidence(ends.confidence())
}

/// So many publications are looked through for a name that is near.
const MOST: usize = 200;
