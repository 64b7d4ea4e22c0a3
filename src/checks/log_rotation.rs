//! When the collector starts a new log file.

use crate::catalog;
use crate::checks::ask::{int, is_on, majors, push, push_set, shown, text};
use crate::model::{Node, value};
use crate::rule::{Context, RuleId, Sink, id};

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for node in &cx.cluster.nodes {
        never(node, out);
        same_name(node, out);
        limit((cx, node), id::LOG_ROTATION_AGE, "log_rotation_age", "by its age", out);
        limit((cx, node), id::LOG_ROTATION_SIZE, "log_rotation_size", "by its size", out);
    }
}

fn is_zero(node: &Node, name: &str, major: u8) -> Option<bool> {
    int(node, name, major).map(|value| value == 0)
}

fn never(node: &Node, out: &mut Sink<'_>) {
    let at_fault = majors(node, id::LOG_NEVER_ROTATED, |major| {
        let never = |name| is_zero(node, name, major) == Some(true);
        is_on(node, "logging_collector", major) && never("log_rotation_age") && never("log_rotation_size")
    });
    let message = "`log_rotation_age` and `log_rotation_size` are both 0: log files grow without end";
    let places = [("log_rotation_size", "never for its size"), ("log_rotation_age", "never for its age")];
    let help = "set one of the two, or rotate from outside";
    push(node, id::LOG_NEVER_ROTATED, at_fault, &places, message, help, out);
}

/// `logfile_getname` of syslogger.c asks `pg_strftime` for the name; the same name is opened again, and appended to.
fn same_name(node: &Node, out: &mut Sink<'_>) {
    let at_fault = majors(node, id::LOG_FILENAME_FIXED, |major| {
        let rotates = |name| is_zero(node, name, major) == Some(false);
        is_on(node, "logging_collector", major)
            && (rotates("log_rotation_age") || rotates("log_rotation_size"))
            && text(node, "log_filename", major).is_some_and(|name| !name.is_empty() && !has_time(&name))
    });
    if let Some(major) = at_fault.last() {
        let name = shown(node, "log_filename", major);
        let message =
            format!("`log_filename` is `{name}`, which has no time in it: rotation goes on with the same file");
        let place = [("log_filename", "every rotation gives this name")];
        let help = "put escapes of the time into the name, such as `postgresql-%Y-%m-%d_%H%M%S.log`, or set both limits \
                    of rotation to 0 and rotate from outside";
        push(node, id::LOG_FILENAME_FIXED, at_fault, &place, message, help, out);
    }
}

/// Whether the name has an escape of `strftime` other than `%%`.
fn has_time(name: &str) -> bool {
    name.replace("%%", "").contains('%')
}

/// A policy's limit; 0 is no rotation.
fn limit((cx, node): (&Context<'_>, &Node), rule: RuleId, name: &str, by: &str, out: &mut Sink<'_>) {
    let most = out.text(rule, "most");
    let quantity = |major| value::quantity(catalog::setting(name)?.on(major)?, most, major);
    let at_fault = majors(node, rule, |major| {
        let above = int(node, name, major).zip(quantity(major)).is_some_and(|(is, most)| is == 0 || is as f64 > most);
        is_on(node, "logging_collector", major) && above
    });
    let Some(major) = at_fault.last() else { return };
    let message = if is_zero(node, name, major) == Some(true) {
        format!("`{name}` is 0: no log file is ended {by}")
    } else {
        format!("`{name}` is `{}`, above `{most}`", shown(node, name, major).replace(", the default", "`, the default"))
    };
    push_set(
        (cx, node),
        (rule, at_fault),
        &[(name, "when a new log file starts")],
        message,
        &format!("set `{name} = {most}`"),
        &[(name, most)],
        out,
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_with_a_time() {
        for (name, has) in [("postgresql.log", false), ("a%%b.log", false), ("postgresql-%a.log", true), ("%%%H", true)]
        {
            assert_eq!(has_time(name), has, "{name}");
        }
    }
}
