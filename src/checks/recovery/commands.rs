//! The shell commands of recovery and their placeholders (`replace_percent_placeholders`, from 16 on).

use crate::catalog::Majors;
use crate::checks::edit;
use crate::checks::recovery::{new, of_definition, old};
use crate::finding::{Confidence, Safety};
use crate::model::{Definition, Node};
use crate::rule::{Context, Sink, id};

pub(super) fn check(node: &Node, cx: &Context<'_>, out: &mut Sink<'_>) {
    for (name, placeholders) in
        [("restore_command", "fpr"), ("archive_cleanup_command", "r"), ("recovery_end_command", "r")]
    {
        let in_settings = (node.settings.winner(name), new(node));
        let in_recovery = (node.recovery.winner(name), old(node));
        for (definition, majors) in [in_settings, in_recovery] {
            let Some(definition) = definition.filter(|definition| !definition.value.dynamic && !majors.is_empty())
            else {
                continue;
            };
            // A command of blanks is none.
            if definition.text.trim_ascii().is_empty() {
                continue;
            }
            let (used, unknown) = used(&definition.text, placeholders.as_bytes());
            if let Some(unknown) = unknown {
                out.push(unexpected(definition, majors, unknown, placeholders));
            }
            match name {
                "restore_command" => restore(definition, majors, &used, cx, out),
                "archive_cleanup_command" if !used.contains(&b'r') && is_cleanup(&definition.text) => {
                    let message = "`archive_cleanup_command` calls pg_archivecleanup without `%r`".to_owned();
                    let label = "pg_archivecleanup is not told up to where to remove files";
                    let found =
                        of_definition(id::RECOVERY_CLEANUP_COMMAND_PLACEHOLDER, definition, majors, label, message);
                    let found = found.help("write `pg_archivecleanup <folder> %r`");
                    // With more than the folder behind it there is no telling where its end is.
                    let plain = definition.text.trim_ascii().split(u8::is_ascii_whitespace).count() == 2;
                    let text = String::from_utf8(definition.text.trim_ascii().to_vec()).ok().filter(|_| plain);
                    out.push(match text {
                        Some(text) => {
                            let edit = edit::value(cx, definition, &format!("{text} %r"));
                            found.fix("pass `%r`", Safety::Unsafe, vec![edit])
                        }
                        None => found,
                    });
                }
                _ => {}
            }
        }
    }
}

fn unexpected(
    definition: &Definition,
    majors: Majors,
    unknown: Option<u8>,
    placeholders: &str,
) -> crate::finding::Finding {
    let name = &definition.name;
    let what = match unknown {
        Some(letter) => format!("`%{}`", char::from(letter).escape_default()),
        None => "a single `%` at its end".to_owned(),
    };
    let label = match name.as_str() {
        "restore_command" => "from 16 on recovery ends with an error here",
        "recovery_end_command" => "from 16 on the server fails when it is promoted",
        _ => "from 16 on the command is never run",
    };
    let known = placeholders.chars().map(|letter| format!("`%{letter}`")).collect::<Vec<_>>().join(", ");
    let message = format!("`{name}` has {what}, which is no placeholder");
    let majors = majors & Majors::since(16);
    let found = of_definition(id::RECOVERY_COMMAND_UNKNOWN_PLACEHOLDER, definition, majors, label, message);
    found.help(format!("write `%%` for a percent sign; the placeholders are {known}"))
}

fn restore(definition: &Definition, majors: Majors, used: &[u8], cx: &Context<'_>, out: &mut Sink<'_>) {
    let text = definition.text.trim_ascii();
    let last = text.rsplit(|&byte| matches!(byte, b';' | b'|' | b'&')).next().unwrap_or(text).trim_ascii();
    if matches!(last, b"true" | b"/bin/true" | b"/usr/bin/true" | b":" | b"exit 0") {
        let message = format!("`restore_command` is {}, which always reports success", cx.show(definition.value.span));
        let label = "a file that could not be restored counts as restored";
        let found = of_definition(id::RECOVERY_RESTORE_COMMAND_ALWAYS_SUCCEEDS, definition, majors, label, message);
        let found = if text.len() == last.len() { found } else { found.confidence(Confidence::Medium) };
        return out.push(found.help("let the command fail when the file is not in the archive"));
    }
    // A command that always fails is a way to say that there is no archive.
    if matches!(last, b"false" | b"/bin/false" | b"/usr/bin/false" | b"exit 1") {
        return;
    }
    let missing: &str = match (used.contains(&b'f'), used.contains(&b'p')) {
        (true, true) => return,
        (false, true) => "`%f`",
        (true, false) => "`%p`",
        (false, false) => "`%f` and `%p`",
    };
    let message = format!("`restore_command` lacks {missing}");
    let label =
        if used.contains(&b'f') { "is not told where to put the file" } else { "is not told which file to restore" };
    let found = of_definition(id::RECOVERY_RESTORE_COMMAND_PLACEHOLDERS, definition, majors, label, message);
    out.push(found.help("pass `%f`, the name of the file in the archive, and `%p`, the path to copy it to"));
}

/// The placeholders in a command, and the first that is none of `known`; `Some(None)` for a `%` at the end.
fn used(text: &[u8], known: &[u8]) -> (Vec<u8>, Option<Option<u8>>) {
    let (mut used, mut unknown) = (Vec::new(), None);
    let mut bytes = text.iter().copied();
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            continue;
        }
        match bytes.next() {
            Some(b'%') => {}
            Some(letter) if known.contains(&letter) => used.push(letter),
            other => unknown = unknown.or(Some(other)),
        }
    }
    (used, unknown)
}

/// Whether the command is pg_archivecleanup itself.
fn is_cleanup(text: &[u8]) -> bool {
    let word = text.trim_ascii().split(u8::is_ascii_whitespace).next().unwrap_or_default();
    word == b"pg_archivecleanup" || word.ends_with(b"/pg_archivecleanup")
}
