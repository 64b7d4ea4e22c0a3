//! What a log must hold so that sessions can be traced: connections, and the escapes of `log_line_prefix`.

use crate::checks::ask::{is_off, majors, push_set, quoted, text, words};
use crate::model::Node;
use crate::rule::{Context, Sink, id};

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for node in &cx.cluster.nodes {
        let at_fault = majors(node, id::LOG_CONNECTIONS_OFF, |major| !logs_connections(node, major));
        if let Some(major) = at_fault.last() {
            let message = if node.settings.winner("log_connections").is_some() {
                let value = quoted(node, "log_connections", major);
                format!("`log_connections` is {value}: who connects is not logged")
            } else {
                "`log_connections` is not set: by default nobody who connects is logged".to_owned()
            };
            let place = [("log_connections", "no trace of logins")];
            let (of, set) = ((id::LOG_CONNECTIONS_OFF, at_fault), [("log_connections", "on")]);
            push_set((cx, node), of, &place, message, "set `log_connections = on`", &set, out);
        }
        let wanted = out.list(id::LOG_LINE_PREFIX_SPARSE, "wanted");
        let at_fault = majors(node, id::LOG_LINE_PREFIX_SPARSE, |major| !missing(node, &wanted, major).is_empty());
        if let Some(major) = at_fault.last() {
            let missing = missing(node, &wanted, major);
            let shown = missing.iter().map(|(what, escape)| format!("{what} (`{escape}`)")).collect::<Vec<_>>();
            let message = format!("`log_line_prefix` has no {}", shown.join(", no "));
            let place = [("log_line_prefix", "lines cannot be traced to a session")];
            let help = "set `log_line_prefix = '%m [%p] %q%u@%d %a %h '`";
            let of = (id::LOG_LINE_PREFIX_SPARSE, at_fault);
            let whole = completed(node, &missing, major);
            push_set((cx, node), of, &place, message, help, &[("log_line_prefix", &whole)], out);
        }
        let waits = "log_recovery_conflict_waits";
        let at_fault = majors(node, id::LOG_RECOVERY_CONFLICT_WAITS_OFF, |major| {
            node.recovery.standby_signal.is_some() && is_off(node, waits, major)
        });
        if let Some(major) = at_fault.last() {
            let message = format!(
                "`{waits}` is {} on a standby: replay that waits for queries leaves no trace",
                quoted(node, waits, major)
            );
            let place = [(waits, "not logged")];
            let help = "set `log_recovery_conflict_waits = on`";
            let of = (id::LOG_RECOVERY_CONFLICT_WAITS_OFF, at_fault);
            push_set((cx, node), of, &place, message, help, &[(waits, "on")], out);
        }
    }
}

/// Whether connections are logged, or it is not known. A boolean up to 17, a list from 18 on.
fn logs_connections(node: &Node, major: u8) -> bool {
    if is_off(node, "log_connections", major) {
        return false;
    }
    // Neither says who it is that connects.
    let off = |item: &String| ["off", "false", "no", "0", "receipt", "setup_durations"].contains(&item.as_str());
    words(node, "log_connections", major).is_none_or(|items| !items.iter().all(off))
}

/// What a line can say of its session: the word for it, the escape that is best, and all that say it. A session's id is
/// made of its start and its process.
const SAID: [(&str, &str, &[u8]); 11] = [
    ("time", "%m", b"mtn"),
    ("process", "%p", b"pc"),
    ("user", "%u", b"u"),
    ("database", "%d", b"d"),
    ("client", "%h", b"hr"),
    ("application", "%a", b"a"),
    ("session", "%c", b"c"),
    ("start", "%s", b"sc"),
    ("line", "%l", b"l"),
    ("command", "%i", b"i"),
    ("state", "%e", b"e"),
];

/// What a line of a plain log does not say of what is wanted.
fn missing(node: &Node, wanted: &[&str], major: u8) -> Vec<(&'static str, &'static str)> {
    // csvlog and jsonlog do not use the prefix, and have all of it; syslog stamps lines with time and process itself.
    let Some(destinations) = words(node, "log_destination", major) else { return Vec::new() };
    let to = |name: &str| destinations.iter().any(|destination| destination == name);
    let (plain, stamped) = (to("stderr"), to("syslog") || to("eventlog"));
    let Some(prefix) = text(node, "log_line_prefix", major).filter(|_| plain || stamped) else { return Vec::new() };
    let escapes = escapes(prefix.as_bytes());
    SAID.into_iter()
        .filter(|(what, ..)| wanted.contains(what) && (plain || !["time", "process"].contains(what)))
        .filter(|(_, _, any)| !any.iter().any(|escape| escapes.contains(escape)))
        .map(|(what, escape, _)| (what, escape))
        .collect()
}

/// The prefix with the escapes that it lacks at its end. A prefix ends with a blank.
fn completed(node: &Node, missing: &[(&str, &str)], major: u8) -> String {
    let prefix = text(node, "log_line_prefix", major).unwrap_or_default();
    let escapes = missing.iter().map(|(_, escape)| *escape).collect::<Vec<_>>().join(" ");
    let between = if prefix.is_empty() || prefix.ends_with(' ') { "" } else { " " };
    format!("{prefix}{between}{escapes} ")
}

/// The letters of the escapes; a width may stand between the `%` and the letter.
fn escapes(prefix: &[u8]) -> Vec<u8> {
    let mut found = Vec::new();
    let mut bytes = prefix.iter();
    while bytes.any(|&byte| byte == b'%') {
        found.extend(bytes.find(|byte| !matches!(byte, b'-' | b'0'..=b'9')));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_with_width() {
        assert_eq!(escapes(b"%m [%-10p] %%u %5d%"), b"mp%d");
    }
}
