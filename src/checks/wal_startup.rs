//! Settings of the WAL that the server refuses together when it starts, or that make no sense together.
//!
//! Source: `PostmasterMain` in postmaster.c and `ReadControlFile` in xlog.c, tried on real servers. The segment size is
//! in the control file, which is not read; the usual 16MB are assumed.

use crate::catalog::Majors;
use crate::checks::ask::{int, is_on, majors, push, push_set, shown, text};
use crate::model::Node;
use crate::rule::{Context, Sink, id};

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for node in &cx.cluster.nodes {
        wal_minimal(node, out);
        wal_sizes(cx, node, out);
    }
}

fn wal_minimal(node: &Node, out: &mut Sink<'_>) {
    let minimal = |major| text(node, "wal_level", major).as_deref() == Some("minimal");
    let archived = majors(node, id::WAL_MINIMAL_ARCHIVE, |major| minimal(major) && is_on(node, "archive_mode", major));
    let places = [("wal_level", "too little WAL for an archive"), ("archive_mode", "asks for an archive")];
    let message = "`wal_level` is `minimal` while `archive_mode` is on: the server does not start".to_owned();
    push(
        node,
        id::WAL_MINIMAL_ARCHIVE,
        archived,
        &places,
        message,
        "set `wal_level = replica`, or `archive_mode = off`",
        out,
    );

    let summarized =
        majors(node, id::WAL_MINIMAL_SUMMARIZE, |major| minimal(major) && is_on(node, "summarize_wal", major))
            - archived;
    let places = [("wal_level", "too little WAL to summarize"), ("summarize_wal", "asks for summaries")];
    let message = "`wal_level` is `minimal` while `summarize_wal` is on: the server does not start".to_owned();
    push(
        node,
        id::WAL_MINIMAL_SUMMARIZE,
        summarized,
        &places,
        message,
        "set `wal_level = replica`, or `summarize_wal = off`",
        out,
    );

    let senders = |major| minimal(major) && int(node, "max_wal_senders", major).is_some_and(|count| count > 0);
    let at_fault = majors(node, id::WAL_MINIMAL_SENDERS, senders) - archived - summarized;
    let places = [("wal_level", "too little WAL to stream"), ("max_wal_senders", "asks for streaming")];
    let count = at_fault.last().map(|major| shown(node, "max_wal_senders", major)).unwrap_or_default();
    let message = format!("`wal_level` is `minimal` while `max_wal_senders` is {count}: the server does not start");
    push(
        node,
        id::WAL_MINIMAL_SENDERS,
        at_fault,
        &places,
        message,
        "set `max_wal_senders = 0`, or `wal_level = replica`",
        out,
    );
}

/// Megabytes of two WAL segments of the usual size.
const TWO_SEGMENTS: i64 = 32;

fn wal_sizes(cx: &Context<'_>, node: &Node, out: &mut Sink<'_>) {
    let mut small = Majors::NONE;
    for name in ["min_wal_size", "max_wal_size"] {
        let at_fault = majors(node, id::WAL_SIZE_TOO_SMALL, |major| {
            int(node, name, major).is_some_and(|size| size < TWO_SEGMENTS)
        });
        let Some(major) = at_fault.last() else { continue };
        small = small | at_fault;
        let message = format!(
            "`{name}` is {}, below two WAL segments of 16MB: the server does not start",
            shown(node, name, major)
        );
        let places = [(name, "must be at least twice `wal_segment_size`")];
        let (of, set) = ((id::WAL_SIZE_TOO_SMALL, at_fault), [(name, "32MB")]);
        push_set((cx, node), of, &places, message, "set at least `32MB`", &set, out);
    }
    let swapped = |major| {
        int(node, "min_wal_size", major).zip(int(node, "max_wal_size", major)).is_some_and(|(min, max)| min > max)
    };
    let at_fault = majors(node, id::WAL_SIZE_ORDER, swapped) - small;
    if let Some(major) = at_fault.last() {
        let (min, max) = (shown(node, "min_wal_size", major), shown(node, "max_wal_size", major));
        let places = [("min_wal_size", "more than `max_wal_size`"), ("max_wal_size", "less than `min_wal_size`")];
        let message = format!("`min_wal_size` ({min}) is above `max_wal_size` ({max})");
        push(node, id::WAL_SIZE_ORDER, at_fault, &places, message, "set `min_wal_size` below `max_wal_size`", out);
    }
}
