//! Settings that the server accepts one by one and refuses together when it starts, or that cancel each other out.
//!
//! Source: `PostmasterMain` in postmaster.c and the check hooks of guc.c, each tried on real servers. WAL is the business
//! of `wal_startup`, connections of `connections`. Files that the server needs at start are not looked for.

use crate::checks::ask::{int, is_on, majors, push, push_set, shown, text};
use crate::model::Node;
use crate::rule::{Context, Sink, id};

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for node in &cx.cluster.nodes {
        huge_pages(node, out);
        recovery_targets(node, out);
        autovacuum_workers(cx, node, out);
        log_stats(node, out);
    }
}

fn huge_pages(node: &Node, out: &mut Sink<'_>) {
    let is = |name, word: &str, major| text(node, name, major).as_deref() == Some(word);
    let at_fault = majors(node, id::HUGE_PAGES_SYSV, |major| {
        is("huge_pages", "on", major) && is("shared_memory_type", "sysv", major)
    });
    let places = [("huge_pages", "needs `mmap`"), ("shared_memory_type", "has no huge pages here")];
    let message = "`huge_pages` is `on` while `shared_memory_type` is `sysv`: the server does not start".to_owned();
    push(
        node,
        id::HUGE_PAGES_SYSV,
        at_fault,
        &places,
        message,
        "remove `shared_memory_type`, or set `huge_pages = try`",
        out,
    );
}

/// The targets of which the server allows one.
const TARGETS: [&str; 5] =
    ["recovery_target", "recovery_target_lsn", "recovery_target_name", "recovery_target_time", "recovery_target_xid"];

fn recovery_targets(node: &Node, out: &mut Sink<'_>) {
    let set = |major: u8| {
        TARGETS.into_iter().filter(move |name| text(node, name, major).is_some_and(|text| !text.is_empty()))
    };
    let at_fault = majors(node, id::RECOVERY_SEVERAL_TARGETS, |major| set(major).count() > 1);
    if let Some(major) = at_fault.last() {
        let places = set(major).map(|name| (name, "a recovery target")).collect::<Vec<_>>();
        let names = places.iter().map(|(name, _)| format!("`{name}`")).collect::<Vec<_>>().join(" and ");
        let message = format!("{names} are set together: the server does not start");
        push(node, id::RECOVERY_SEVERAL_TARGETS, at_fault, &places, message, "keep one recovery target", out);
    }
}

fn autovacuum_workers(cx: &Context<'_>, node: &Node, out: &mut Sink<'_>) {
    let (workers, slots) = ("autovacuum_max_workers", "autovacuum_worker_slots");
    let at_fault = majors(node, id::AUTOVACUUM_WORKERS_EXCEED_SLOTS, |major| {
        int(node, workers, major).zip(int(node, slots, major)).is_some_and(|(workers, slots)| workers > slots)
    });
    if let Some(major) = at_fault.last() {
        let (count, limit) = (shown(node, workers, major), shown(node, slots, major));
        let message = format!("`{workers}` ({count}) is above `{slots}` ({limit}): the rest never run");
        let places = [(workers, "more than there are slots"), (slots, "the slots")];
        let wanted = int(node, workers, major).unwrap_or_default().to_string();
        let (of, set) = ((id::AUTOVACUUM_WORKERS_EXCEED_SLOTS, at_fault), [(slots, wanted.as_str())]);
        push_set((cx, node), of, &places, message, "raise `autovacuum_worker_slots` as well", &set, out);
    }
}

/// Whether `log_statement_stats` and one of the finer settings are on together (`check_log_stats`).
pub(crate) fn log_stats_conflict(node: &Node, major: u8) -> Option<&'static str> {
    let finer = ["log_parser_stats", "log_planner_stats", "log_executor_stats"];
    is_on(node, "log_statement_stats", major).then(|| finer.into_iter().find(|name| is_on(node, name, major))).flatten()
}

fn log_stats(node: &Node, out: &mut Sink<'_>) {
    let at_fault = majors(node, id::LOG_STATS_CONFLICT, |major| log_stats_conflict(node, major).is_some());
    let Some(finer) = at_fault.last().and_then(|major| log_stats_conflict(node, major)) else { return };
    let places = [("log_statement_stats", "cannot be on with a finer one"), (finer, "cannot be on with the whole")];
    let message = format!("`log_statement_stats` and `{finer}` are on together: the server refuses the second");
    let help = "keep `log_statement_stats` alone, or the finer ones without it";
    push(node, id::LOG_STATS_CONFLICT, at_fault, &places, message, help, out);
}
