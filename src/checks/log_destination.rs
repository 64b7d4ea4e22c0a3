//! Where the log goes: formats and paths that lead nowhere, and what a policy wants of them.

use crate::catalog;
use crate::checks::ask::{is_off, is_on, majors, push, push_set, quoted, text, words};
use crate::model::Node;
use crate::rule::{Context, Sink, id};

/// The formats that only the collector writes.
const COLLECTED: [&str; 2] = ["csvlog", "jsonlog"];

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for node in &cx.cluster.nodes {
        lost(cx, node, out);
        nowhere(cx, node, out);
        not_collected(cx, node, out);
        policy(cx, node, out);
    }
}

fn lost(cx: &Context<'_>, node: &Node, out: &mut Sink<'_>) {
    let format =
        |major| words(node, "log_destination", major)?.into_iter().find(|name| COLLECTED.contains(&name.as_str()));
    let at_fault =
        majors(node, id::LOG_LOST, |major| is_off(node, "logging_collector", major) && format(major).is_some());
    if let Some(format) = at_fault.last().and_then(format) {
        let message = format!(
            "`log_destination` has `{format}` while `logging_collector` is `off`: nothing is written in that format"
        );
        let places = [("log_destination", "needs the collector"), ("logging_collector", "no collector")];
        let (of, set) = ((id::LOG_LOST, at_fault), [("logging_collector", "on")]);
        push_set((cx, node), of, &places, message, "set `logging_collector = on`", &set, out);
    }
}

fn nowhere(cx: &Context<'_>, node: &Node, out: &mut Sink<'_>) {
    let at_fault = majors(node, id::LOG_DESTINATION_EMPTY, |major| {
        words(node, "log_destination", major).is_some_and(|names| names.is_empty())
    });
    let message = "`log_destination` is empty: nothing is logged at all";
    let place = [("log_destination", "errors leave no trace")];
    let (of, set) = ((id::LOG_DESTINATION_EMPTY, at_fault), [("log_destination", "stderr")]);
    push_set((cx, node), of, &place, message, "set `log_destination = 'stderr'`", &set, out);
    for (name, where_to) in [("log_directory", "the root of the file system"), ("log_filename", "the directory itself")]
    {
        let at_fault = majors(node, id::LOG_PATH_EMPTY, |major| {
            is_on(node, "logging_collector", major) && text(node, name, major).is_some_and(|text| text.is_empty())
        });
        let message = format!("`{name}` is empty: the collector writes to {where_to}, or the server does not start");
        let default = catalog::setting(name).zip(at_fault.last()).and_then(|(setting, major)| setting.on(major));
        let (of, set) = ((id::LOG_PATH_EMPTY, at_fault), [(name, default.map_or("log", |def| def.default))]);
        push_set((cx, node), of, &[(name, "no path")], message, "remove the line", &set, out);
    }
}

fn not_collected(cx: &Context<'_>, node: &Node, out: &mut Sink<'_>) {
    // In a manifest it is the container's log, which is where it belongs.
    let contained = |name| node.settings.winner(name).is_some_and(|at| cx.sources.file(at.span.file).is_fragment());
    if contained("logging_collector") || contained("log_destination") {
        return;
    }
    let at_fault = majors(node, id::LOG_COLLECTOR_OFF, |major| {
        let names = words(node, "log_destination", major).unwrap_or_default();
        is_off(node, "logging_collector", major)
            && names.iter().any(|name| name == "stderr")
            && !names.iter().any(|name| COLLECTED.contains(&name.as_str()))
    });
    let Some(major) = at_fault.last() else { return };
    let message = format!(
        "`logging_collector` is {}, and `log_destination` has `stderr`: the log is what whoever starts the server keeps of it",
        quoted(node, "logging_collector", major)
    );
    let places = [("logging_collector", "no log files"), ("log_destination", "goes to standard error")];
    let (of, set) = ((id::LOG_COLLECTOR_OFF, at_fault), [("logging_collector", "on")]);
    push_set((cx, node), of, &places, message, "set `logging_collector = on`", &set, out);
}

fn policy(cx: &Context<'_>, node: &Node, out: &mut Sink<'_>) {
    let (needed, allowed) = (out.list(id::LOG_DESTINATION, "needed"), out.list(id::LOG_DESTINATION, "allowed"));
    let lacking = |names: &[String]| needed.iter().find(|name| !names.iter().any(|known| known == *name)).copied();
    let other = |names: &[String]| names.iter().find(|name| !allowed.contains(&name.as_str())).cloned();
    let names = |major| words(node, "log_destination", major).filter(|names| !names.is_empty());
    let at_fault = majors(node, id::LOG_DESTINATION, |major| {
        names(major).is_some_and(|names| lacking(&names).is_some() || other(&names).is_some())
    });
    if let Some((major, names)) = at_fault.last().and_then(|major| Some((major, names(major)?))) {
        let shown = quoted(node, "log_destination", major);
        let message = match (lacking(&names), other(&names)) {
            (Some(name), _) => format!("`log_destination` is {shown}, without `{name}`"),
            (None, other) => format!("`log_destination` has `{}`, which is not allowed", other.unwrap_or_default()),
        };
        let help =
            format!("set it to what is wanted: {}", if needed.is_empty() { &allowed } else { &needed }.join(", "));
        let place = [("log_destination", "where the log goes")];
        let (of, whole) = ((id::LOG_DESTINATION, at_fault), needed.join(","));
        let set = [("log_destination", whole.as_str())];
        // Which of those that are allowed is wanted is for people to say.
        push_set((cx, node), of, &place, message, &help, if needed.is_empty() { &[] } else { &set }, out);
    }
    let at_fault = majors(node, id::LOG_DIRECTORY_IN_DATA, |major| {
        let collects = is_on(node, "logging_collector", major)
            && words(node, "log_destination", major)
                .is_some_and(|names| names.iter().any(|name| name == "stderr" || COLLECTED.contains(&name.as_str())));
        let data = text(node, "data_directory", major).unwrap_or_default();
        collects && text(node, "log_directory", major).is_some_and(|path| is_inside(&path, &data))
    });
    if let Some(major) = at_fault.last() {
        let message =
            format!("`log_directory` is {}, inside of the data directory", quoted(node, "log_directory", major));
        let place = [("log_directory", "shares the disk of the data")];
        let help = "name a directory outside of it, such as `/var/log/postgresql`";
        push(node, id::LOG_DIRECTORY_IN_DATA, at_fault, &place, message, help, out);
    }
}

/// Whether a path, which counts from the data directory, stays in it.
fn is_inside(path: &str, data: &str) -> bool {
    let rest = match path.strip_prefix(data.trim_end_matches('/')) {
        Some(rest) if data.starts_with('/') => rest.strip_prefix('/').unwrap_or(rest),
        _ if path.starts_with(['/', '\\']) || path.get(1..2) == Some(":") => return false,
        _ => path,
    };
    let depths = rest.split(['/', '\\']).filter(|part| !part.is_empty() && *part != ".").scan(0_i32, |depth, part| {
        *depth += if part == ".." { -1 } else { 1 };
        Some(*depth)
    });
    !path.is_empty() && depths.last().is_some_and(|depth| depth >= 0)
}
