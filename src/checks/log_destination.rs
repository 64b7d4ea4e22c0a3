//! Log formats that nobody writes, and log files that nobody ends.

use crate::checks::ask::{int, is_off, is_on, list, majors, push};
use crate::rule::{Context, Sink, id};

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for node in &cx.cluster.nodes {
        let format = |major| {
            let names = list(node, "log_destination", major)?;
            names.into_iter().find(|name| name.eq_ignore_ascii_case("csvlog") || name.eq_ignore_ascii_case("jsonlog"))
        };
        let at_fault =
            majors(node, id::LOG_LOST, |major| is_off(node, "logging_collector", major) && format(major).is_some());
        if let Some(format) = at_fault.last().and_then(format) {
            let message = format!(
                "`log_destination` has `{format}` while `logging_collector` is `off`: nothing is written in that format"
            );
            let places = [("log_destination", "needs the collector"), ("logging_collector", "no collector")];
            push(node, id::LOG_LOST, at_fault, &places, message, "set `logging_collector = on`", out);
        }
        let at_fault = majors(node, id::LOG_NEVER_ROTATED, |major| {
            let never = |name| int(node, name, major) == Some(0);
            is_on(node, "logging_collector", major) && never("log_rotation_age") && never("log_rotation_size")
        });
        let message = "`log_rotation_age` and `log_rotation_size` are both 0: log files grow without end";
        let places = [("log_rotation_size", "never for its size"), ("log_rotation_age", "never for its age")];
        push(
            node,
            id::LOG_NEVER_ROTATED,
            at_fault,
            &places,
            message,
            "set one of the two, or rotate from outside",
            out,
        );
    }
}
