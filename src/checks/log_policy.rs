//! What a log must hold so that sessions can be traced: connections, and the escapes of `log_line_prefix`.

use crate::checks::ask::{is_off, list, majors, push, shown, text};
use crate::model::Node;
use crate::rule::{Context, Sink, id};

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for node in &cx.cluster.nodes {
        let at_fault = majors(node, id::LOG_CONNECTIONS_OFF, |major| !logs_connections(node, major));
        if let Some(major) = at_fault.last() {
            let message = format!("`log_connections` is {}", shown(node, "log_connections", major));
            let place = [("log_connections", "who connects is not logged")];
            push(node, id::LOG_CONNECTIONS_OFF, at_fault, &place, message, "set `log_connections = on`", out);
        }
        let at_fault = majors(node, id::LOG_LINE_PREFIX_SPARSE, |major| !missing(node, major).is_empty());
        if let Some(major) = at_fault.last() {
            let message = format!("`log_line_prefix` has no {}", missing(node, major).join(", no "));
            let place = [("log_line_prefix", "lines cannot be traced to a session")];
            let help = "set `log_line_prefix = '%m [%p] %q%u@%d %h '`";
            push(node, id::LOG_LINE_PREFIX_SPARSE, at_fault, &place, message, help, out);
        }
    }
}

/// Whether connections are logged, or it is not known. A boolean up to 17, a list from 18 on.
fn logs_connections(node: &Node, major: u8) -> bool {
    if is_off(node, "log_connections", major) {
        return false;
    }
    let off = |item: &String| {
        item.is_empty() || ["off", "false", "no", "0", "receipt", "setup_durations"].contains(&item.as_str())
    };
    list(node, "log_connections", major).is_none_or(|items| !items.iter().all(off))
}

/// What a line of the plain log does not say.
fn missing(node: &Node, major: u8) -> Vec<&'static str> {
    // csvlog and jsonlog have it all.
    let plain = list(node, "log_destination", major).is_some_and(|names| {
        names.iter().any(|name| name == "stderr")
            && !names.iter().any(|name| name.ends_with("log") && name != "syslog" && name != "eventlog")
    });
    let Some(prefix) = text(node, "log_line_prefix", major).filter(|_| plain) else { return Vec::new() };
    let wanted: [(&[u8], &str); 5] = [
        (b"mtn", "time (`%m`)"),
        (b"pc", "process (`%p`)"),
        (b"u", "user (`%u`)"),
        (b"d", "database (`%d`)"),
        (b"hr", "client (`%h`)"),
    ];
    let escapes = escapes(prefix.as_bytes());
    wanted
        .into_iter()
        .filter(|(any, _)| !any.iter().any(|escape| escapes.contains(escape)))
        .map(|(_, what)| what)
        .collect()
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
