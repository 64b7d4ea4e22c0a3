//! The time zone of the log.

use crate::checks::ask::{majors, push_set, quoted, text};
use crate::rule::{Context, Sink, id};

/// Names of the time that has no offset, in lower case: the file `backward` of the time zone database.
const UTC: [&str; 16] = [
    "utc",
    "etc/utc",
    "uct",
    "etc/uct",
    "universal",
    "etc/universal",
    "zulu",
    "etc/zulu",
    "gmt",
    "etc/gmt",
    "gmt0",
    "etc/gmt0",
    "greenwich",
    "etc/greenwich",
    "etc/gmt+0",
    "etc/gmt-0",
];

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    let allowed = out.list(id::LOG_TIMEZONE, "allowed");
    let wanted = allowed.iter().map(|zone| canonical(zone)).collect::<Vec<_>>();
    for node in &cx.cluster.nodes {
        let at_fault = majors(node, id::LOG_TIMEZONE, |major| {
            text(node, "log_timezone", major).is_some_and(|zone| !wanted.contains(&canonical(&zone)))
        });
        let Some(major) = at_fault.last() else { continue };
        let allowed = allowed.join(", ");
        let message = format!("`log_timezone` is {}, not {allowed}", quoted(node, "log_timezone", major));
        let place = [("log_timezone", "the zone of the times in the log")];
        let (of, set) = ((id::LOG_TIMEZONE, at_fault), [("log_timezone", allowed.as_str())]);
        // Of several zones none is better than the others.
        let set = if wanted.len() == 1 { set.as_slice() } else { &[] };
        push_set((cx, node), of, &place, message, &format!("set it to {allowed}"), set, out);
    }
}

/// The server finds zones in any case.
fn canonical(zone: &str) -> String {
    let zone = zone.to_ascii_lowercase();
    if UTC.contains(&zone.as_str()) { "utc".to_owned() } else { zone }
}
