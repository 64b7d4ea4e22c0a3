//! Where the log goes: formats and paths that lead nowhere.

use crate::checks::ask::{is_off, is_on, majors, push, text, words};
use crate::model::Node;
use crate::rule::{Context, Sink, id};

/// The formats that only the collector writes.
const COLLECTED: [&str; 2] = ["csvlog", "jsonlog"];

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for node in &cx.cluster.nodes {
        lost(node, out);
        nowhere(node, out);
    }
}

fn lost(node: &Node, out: &mut Sink<'_>) {
    let format =
        |major| words(node, "log_destination", major)?.into_iter().find(|name| COLLECTED.contains(&name.as_str()));
    let at_fault =
        majors(node, id::LOG_LOST, |major| is_off(node, "logging_collector", major) && format(major).is_some());
    if let Some(format) = at_fault.last().and_then(format) {
        let message = format!(
            "`log_destination` has `{format}` while `logging_collector` is `off`: nothing is written in that format"
        );
        let places = [("log_destination", "needs the collector"), ("logging_collector", "no collector")];
        push(node, id::LOG_LOST, at_fault, &places, message, "set `logging_collector = on`", out);
    }
}

fn nowhere(node: &Node, out: &mut Sink<'_>) {
    let at_fault = majors(node, id::LOG_DESTINATION_EMPTY, |major| {
        words(node, "log_destination", major).is_some_and(|names| names.is_empty())
    });
    let message = "`log_destination` is empty: nothing is logged at all";
    let place = [("log_destination", "errors leave no trace")];
    push(node, id::LOG_DESTINATION_EMPTY, at_fault, &place, message, "set `log_destination = 'stderr'`", out);
    for (name, where_to) in [("log_directory", "the root of the file system"), ("log_filename", "the directory itself")]
    {
        let at_fault = majors(node, id::LOG_PATH_EMPTY, |major| {
            is_on(node, "logging_collector", major) && text(node, name, major).is_some_and(|text| text.is_empty())
        });
        let message = format!("`{name}` is empty: the collector writes to {where_to}, or the server does not start");
        push(node, id::LOG_PATH_EMPTY, at_fault, &[(name, "no path")], message, "remove the line", out);
    }
}
