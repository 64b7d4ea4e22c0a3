//! Options for work on PostgreSQL itself that were left on.
//!
//! Those that destroy or expose data have rules of their own.

use crate::checks::ask::{majors, push_set, shown, value};
use crate::checks::conf_startup::log_stats_conflict;
use crate::model::Node;
use crate::model::value::Value;
use crate::rule::{Context, RuleId, Sink, id};

/// The options, each with what it does when it is left on.
const OPTIONS: &[(&str, &str)] = &[
    ("allow_in_place_tablespaces", "tablespaces end up inside the data directory"),
    ("debug_discard_caches", "caches are thrown away all the time"),
    ("debug_io_direct", "I/O bypasses the cache of the system"),
    ("debug_logical_replication_streaming", "changes small transactions into streamed ones"),
    ("debug_parallel_query", "parallel plans where they do harm"),
    ("force_parallel_mode", "parallel plans where they do harm"),
    ("jit_debugging_support", "every function is registered with the debugger"),
    ("jit_dump_bitcode", "writes files into the data directory"),
    ("jit_profiling_support", "writes files into the home folder of the server"),
    ("post_auth_delay", "every session waits after its login"),
    ("pre_auth_delay", "every session waits before its login"),
    ("remove_temp_files_after_crash", "temporary files fill the disk after crashes"),
    ("send_abort_for_crash", "crashes leave core files"),
    ("send_abort_for_kill", "hanging backends leave core files"),
    ("trace_connection_negotiation", "details of every connection in the log"),
    ("trace_notify", "details of every notification in the log"),
    ("trace_sort", "details of every sort in the log"),
    ("wal_consistency_checking", "WAL grows by full pages"),
];

/// What fills the log with every statement.
const LOGGING: &[(&str, &str)] = &[
    ("debug_print_parse", "writes the parse tree of every statement"),
    ("debug_print_plan", "writes the plan tree of every statement"),
    ("debug_print_rewritten", "writes the rewritten tree of every statement"),
    ("log_executor_stats", "writes counters for every statement"),
    ("log_parser_stats", "writes counters for every statement"),
    ("log_planner_stats", "writes counters for every statement"),
    ("log_statement_stats", "writes counters for every statement"),
];

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for node in &cx.cluster.nodes {
        left_on((cx, node), id::DEVELOPER_OPTION_ON, OPTIONS, "an option for debugging PostgreSQL", out);
        let newest = node.targets.majors.last();
        if newest.is_none_or(|newest| log_stats_conflict(node, newest).is_none()) {
            left_on((cx, node), id::LOG_DEBUG_PRINT_ON, LOGGING, "for every session", out);
        }
    }
}

fn left_on((cx, node): (&Context<'_>, &Node), rule: RuleId, options: &[(&str, &str)], what: &str, out: &mut Sink<'_>) {
    for &(name, label) in options {
        let Some(definition) = node.settings.winner(name) else { continue };
        let at_fault = majors(node, rule, |major| {
            let def = definition.setting.and_then(|setting| setting.on(major));
            def.zip(value(node, name, major)).is_some_and(|(def, value)| value != Value::default_of(def, major))
        });
        let Some(major) = at_fault.last() else { continue };
        let message = format!("`{name}` is `{}`, {what}", shown(node, name, major));
        let default = definition.setting.and_then(|setting| setting.on(major)).map_or("off", |def| def.default);
        let set = [(name, default)];
        push_set((cx, node), (rule, at_fault), &[(name, label)], message, "remove the line", &set, out);
    }
}
