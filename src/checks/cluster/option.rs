//! Options of subscriptions that the publisher's major does not know.
//!
//! Most options that are newer than the publisher are left away by the worker: `streaming`, `two_phase`, `binary` and
//! `origin` (libpqrcv_startstreaming in libpqwalreceiver.c looks at the server's version). `failover` goes with the
//! command that makes the slot, whatever the version.

use super::ends::ends;
use super::uses::{flag, option};
use crate::catalog::Majors;
use crate::finding::{Finding, Label, Subject};
use crate::rule::id::CLUSTER_OPTION_PUBLISHER_MAJOR;
use crate::rule::{Context, Sink};

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    let since = Majors::since(17);
    for ends in ends(cx) {
        let Some(create) = ends.edge.subscription(cx.cluster) else { continue };
        let asks = flag(create, "failover", false) == Some(true)
            && flag(create, "create_slot", true) == Some(true)
            && flag(create, "connect", true) == Some(true)
            && !create.options.iter().any(|item| item.name.dynamic);
        let Some(item) = option(&create.options, "failover").filter(|_| asks) else { continue };
        if ends.up.majors.is_empty() || !(ends.up.majors & since).is_empty() {
            continue;
        }
        let up = ends.up.called();
        let message = format!(
            "subscription `{}` asks `{up}` for a failover slot, which servers before 17 do not have",
            cx.show(create.name.span)
        );
        let subject = Subject::Subscription(create.name.text.clone());
        let label = Label::new(item.span, format!("`{up}` is of major {}", ends.up.majors));
        let mut finding =
            Finding::new(CLUSTER_OPTION_PUBLISHER_MAJOR, subject, ends.down.majors & since, label, message)
                .help("leave `failover` out until the publisher is upgraded")
                .confidence(ends.confidence());
        if let Some(root) = ends.up.root(cx.cluster) {
            finding = finding.related(crate::source::Span::new(root, 0, 0), "the publisher");
        }
        out.push(finding);
    }
}
