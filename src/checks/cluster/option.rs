//! Options of subscriptions that the publisher's major does not know.
//!
//! Most options that are newer than the publisher are left away by the worker: `streaming`, `binary` and `origin`
//! (libpqrcv_startstreaming in libpqwalreceiver.c looks at the server's version). `failover`, and `two_phase` where no
//! table is copied first, go with the command that makes the slot, whatever the version (CreateSubscription in
//! subscriptioncmds.c). Both were played on servers.

use super::ends::{Ends, ends};
use super::uses::{flag, option};
use crate::catalog::Majors;
use crate::finding::{Finding, Label, Subject};
use crate::model::sql::CreateSubscription;
use crate::rule::id::CLUSTER_OPTION_PUBLISHER_MAJOR;
use crate::rule::{Context, Sink};
use crate::source::Span;

/// The options that go to the publisher with the slot, and the first major that knows them.
const OF_SLOTS: [(&str, u8); 2] = [("failover", 17), ("two_phase", 15)];

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for ends in ends(cx) {
        let Some(create) = ends.edge.subscription(cx.cluster) else { continue };
        let makes_slot = flag(create, "create_slot", true) == Some(true) && flag(create, "connect", true) == Some(true);
        if !makes_slot || create.options.iter().any(|item| item.name.dynamic) {
            continue;
        }
        for (name, first) in OF_SLOTS {
            let since = Majors::since(first);
            let old = !ends.up.majors.is_empty() && (ends.up.majors & since).is_empty();
            let asks = old && flag(create, name, false) == Some(true);
            let copied = name == "two_phase" && flag(create, "copy_data", true) != Some(false);
            if let Some(item) = option(&create.options, name).filter(|_| asks && !copied) {
                out.push(finding(cx, &ends, create, (name, item.span), first));
            }
        }
    }
}

fn finding(
    cx: &Context<'_>,
    ends: &Ends<'_>,
    create: &CreateSubscription,
    (name, span): (&str, Span),
    first: u8,
) -> Finding {
    let up = ends.up.shown();
    let message = format!(
        "subscription `{}` asks {up} for a slot with `{name}`, which servers before {first} do not have",
        cx.name(create.name.span)
    );
    let subject = Subject::Subscription(create.name.text.clone());
    let label = Label::new(span, format!("{up} is of major {}", ends.up.majors));
    let majors = ends.down.majors & Majors::since(first);
    let finding = Finding::new(CLUSTER_OPTION_PUBLISHER_MAJOR, subject, majors, label, message)
        .help(format!("leave `{name}` out until the publisher is upgraded"))
        .confidence(ends.confidence());
    match ends.up.root(cx.cluster) {
        Some(root) => finding.related(Span::new(root, 0, 0), "the publisher"),
        None => finding,
    }
}
