//! Libraries that are loaded from where others than the administrator can write.
//!
//! Only the path is judged; the rights on the folder are not looked at.

use crate::checks::ask::{majors, push, text};
use crate::rule::{Context, Sink, id};

/// Settings that name libraries or folders of them, and what separates the items.
const SETTINGS: [(&str, char); 7] = [
    ("shared_preload_libraries", ','),
    ("session_preload_libraries", ','),
    ("local_preload_libraries", ','),
    ("dynamic_library_path", ':'),
    ("extension_control_path", ':'),
    ("archive_library", ','),
    ("jit_provider", ','),
];

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for node in &cx.cluster.nodes {
        for (name, separator) in SETTINGS {
            let path = |major| {
                let text = text(node, name, major)?;
                text.split(separator)
                    .map(|item| item.trim().trim_matches('"'))
                    .find(|path| is_open(path))
                    .map(str::to_owned)
            };
            let at_fault = majors(node, id::PRELOAD_UNTRUSTED_PATH, |major| path(major).is_some());
            let Some(path) = at_fault.last().and_then(path) else { continue };
            let message = format!("`{name}` loads code from `{path}`, where other users can write");
            let help = "install the library below `$libdir` or in a folder that only root can write";
            let place = [(name, "whoever can write there runs code in the server")];
            push(node, id::PRELOAD_UNTRUSTED_PATH, at_fault, &place, message, help, out);
        }
    }
}

/// Whether the path leads through a folder that everyone can write, or depends on where the server runs.
fn is_open(path: &str) -> bool {
    let below = |folder: &str| path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    below("/tmp") || below("/var/tmp") || below("/dev/shm") || path.starts_with("./") || path.starts_with("../")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths() {
        for (path, expected) in [
            ("/tmp/x.so", true),
            ("/tmp", true),
            ("/var/tmp/lib", true),
            ("../lib/x", true),
            ("$libdir/x", false),
            ("/tmpfs/x", false),
            ("pg_stat_statements", false),
            ("/opt/pg/lib", false),
        ] {
            assert_eq!(is_open(path), expected, "{path}");
        }
    }
}
