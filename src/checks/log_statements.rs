//! What logged statements give away, and which are not logged.

use crate::checks::ask::{int, list, majors, push, push_set, quoted, text, value};
use crate::checks::conf_extensions::names_library;
use crate::model::Node;
use crate::model::value::Value;
use crate::rule::{Context, Sink, id};

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for node in &cx.cluster.nodes {
        parameters(cx, node, out);
        slow(node, out);
    }
}

/// What makes the server log statements with their parameters. A statement of `ddl` has none.
fn logger(node: &Node, major: u8) -> Option<&'static str> {
    let logs = |name: &&str| match value(node, name, major) {
        Some(Value::Int(limit)) => limit >= 0,
        Some(Value::Real(rate)) => rate > 0.0,
        Some(Value::Enum(word)) => ["mod", "all"].contains(&word),
        _ => false,
    };
    let names =
        ["log_statement", "log_min_duration_statement", "log_min_duration_sample", "log_transaction_sample_rate"];
    names.into_iter().find(logs)
}

fn parameters(cx: &Context<'_>, node: &Node, out: &mut Sink<'_>) {
    let rule = id::LOG_PARAMETERS_UNLIMITED;
    let unlimited = |name, major| int(node, name, major) == Some(-1);
    let (length, on_error) = ("log_parameter_max_length", "log_parameter_max_length_on_error");
    let logger = |major| logger(node, major).filter(|_| unlimited(length, major));
    let at_fault = majors(node, rule, |major| logger(major).is_some());
    if let Some((major, by)) = at_fault.last().and_then(|major| Some((major, logger(major)?))) {
        let message = format!(
            "`{by}` is {} while `{length}` is {}: the parameters of logged statements are logged in full",
            quoted(node, by, major),
            quoted(node, length, major)
        );
        let places = [(length, "no limit"), (by, "logs statements")];
        let help = "set `log_parameter_max_length = 0`, or to a length that gives nothing away";
        push_set((cx, node), (rule, at_fault), &places, message, help, &[(length, "0")], out);
    }
    let at_fault = majors(node, rule, |major| unlimited(on_error, major));
    let message = format!("`{on_error}` is -1: the parameters of statements that fail are logged in full");
    let help = "remove the line, or set a length that gives nothing away";
    let set = [(on_error, "0")];
    push_set((cx, node), (rule, at_fault), &[(on_error, "no limit")], message, help, &set, out);
}

fn slow(node: &Node, out: &mut Sink<'_>) {
    let rule = id::LOG_SLOW_STATEMENTS_OFF;
    let off = |name, major| int(node, name, major).is_none_or(|limit| limit == -1);
    let explains = |major| {
        let libraries = ["shared_preload_libraries", "session_preload_libraries"];
        let loaded = |name| {
            list(node, name, major).is_none_or(|items| items.iter().any(|item| names_library(item, "auto_explain")))
        };
        libraries.into_iter().any(loaded)
    };
    let at_fault = majors(node, rule, |major| {
        int(node, "log_min_duration_statement", major) == Some(-1)
            && off("log_min_duration_sample", major)
            && text(node, "log_statement", major).is_some_and(|word| word != "all")
            && !explains(major)
    });
    let Some(major) = at_fault.last() else { return };
    let message = format!(
        "`log_min_duration_statement` is {}: slow statements are not logged",
        quoted(node, "log_min_duration_statement", major)
    );
    let place = [("log_min_duration_statement", "no statement is slow enough")];
    push(node, rule, at_fault, &place, message, "set a limit such as `'1s'`", out);
}
