//! Connections that are promised twice: reserved ones and WAL senders against `max_connections`.
//!
//! Source: `PostmasterMain` in postmaster.c, which compares in another way in 10, in 11, and from 16 on; tried on real
//! servers.

use crate::checks::ask::{int, majors, push, shown};
use crate::model::Node;
use crate::rule::{Context, Sink, id};

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for node in &cx.cluster.nodes {
        judge(node, out);
    }
}

fn judge(node: &Node, out: &mut Sink<'_>) {
    let get = |name, major| int(node, name, major);
    let limit = |major| get("max_connections", major);
    // Reserved connections alone use up all; `reserved_connections` exists from 16 on.
    let reserved =
        |major| Some(get("superuser_reserved_connections", major)? + get("reserved_connections", major).unwrap_or(0));
    let exceed = |major| reserved(major).zip(limit(major)).is_some_and(|(reserved, limit)| reserved >= limit);
    let at_fault = majors(node, id::RESERVED_CONNECTIONS_EXCEED, exceed);
    if let Some(major) = at_fault.last() {
        let (superuser, max) =
            (shown(node, "superuser_reserved_connections", major), shown(node, "max_connections", major));
        let others = if major >= 16 {
            format!(" plus `reserved_connections` ({})", shown(node, "reserved_connections", major))
        } else {
            String::new()
        };
        let message = format!(
            "`superuser_reserved_connections` ({superuser}){others} is not below `max_connections` ({max}): the server does not start"
        );
        let places = [
            ("max_connections", "leaves no connection for others"),
            ("superuser_reserved_connections", "reserved for superusers"),
            ("reserved_connections", "reserved for `pg_use_reserved_connections`"),
        ];
        push(
            node,
            id::RESERVED_CONNECTIONS_EXCEED,
            at_fault,
            &places,
            message,
            "raise `max_connections`, or reserve fewer",
            out,
        );
    }
    // 10 compares the senders alone, 11 the senders and the reserved connections; 12 counts senders apart.
    let senders = |major| {
        let others = if major == 11 { get("superuser_reserved_connections", major)? } else { 0 };
        Some((get("max_wal_senders", major)? + others, limit(major)?))
    };
    let at_fault = majors(node, id::WAL_SENDERS_EXCEED_CONNECTIONS, |major| {
        senders(major).is_some_and(|(senders, limit)| senders >= limit)
    }) - at_fault;
    if let Some(major) = at_fault.last() {
        let (count, max) = (shown(node, "max_wal_senders", major), shown(node, "max_connections", major));
        let reserved = shown(node, "superuser_reserved_connections", major);
        let others =
            if major == 11 { format!(" plus `superuser_reserved_connections` ({reserved})") } else { String::new() };
        let message = format!(
            "`max_wal_senders` ({count}){others} is not below `max_connections` ({max}): the server does not start"
        );
        let places = [
            ("max_connections", "up to 11 WAL senders count against this"),
            ("max_wal_senders", "WAL senders"),
            ("superuser_reserved_connections", "reserved for superusers"),
        ];
        push(
            node,
            id::WAL_SENDERS_EXCEED_CONNECTIONS,
            at_fault,
            &places,
            message,
            "raise `max_connections` or lower `max_wal_senders`",
            out,
        );
    }
}
