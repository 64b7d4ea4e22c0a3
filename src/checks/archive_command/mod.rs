//! Archiving that does not keep WAL: commands that overwrite, cannot fail or do not say which file, and no command.
//!
//! The command is a shell's; it is looked at word by word, not parsed, so only plain cases are said.

use crate::checks::ask::{finding, is_empty, is_on, majors, push, text};
use crate::checks::edit;
use crate::finding::Severity;
use crate::model::Node;
use crate::rule::{Context, Sink, id};

mod command;

use command::Fault;

const COMMAND: &str = "archive_command";

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for node in &cx.cluster.nodes {
        let is_set = |name, major| text(node, name, major).is_some_and(|text| !text.trim().is_empty());
        let both = majors(node, id::ARCHIVE_COMMAND_AND_LIBRARY, |major| {
            is_on(node, "archive_mode", major) && is_set(COMMAND, major) && is_set("archive_library", major)
        });
        let neither = majors(node, id::ARCHIVE_MODE_WITHOUT_COMMAND, |major| {
            is_on(node, "archive_mode", major)
                && is_empty(node, COMMAND, major)
                && is_empty(node, "archive_library", major)
        });
        let places = [(COMMAND, "one way to archive"), ("archive_library", "another way to archive")];
        let message = match both.last() {
            Some(15) => "`archive_command` and `archive_library` are both set: the command is never run",
            _ => "`archive_command` and `archive_library` are both set: the archiver fails and `pg_wal` fills up",
        };
        push(node, id::ARCHIVE_COMMAND_AND_LIBRARY, both, &places, message, "keep one of the two", out);
        let places = [("archive_mode", "every segment is kept until it is archived"), (COMMAND, "empty")];
        let message = "`archive_mode` is on and nothing archives: `pg_wal` grows until the disk is full";
        let help = "set `archive_command` or `archive_library`, or `archive_mode = off`";
        push(node, id::ARCHIVE_MODE_WITHOUT_COMMAND, neither, &places, message, help, out);
        if both.is_empty() {
            judge(cx, node, out);
        }
    }
}

fn judge(cx: &Context<'_>, node: &Node, out: &mut Sink<'_>) {
    let Some(major) = node.targets.majors.last() else { return };
    let Some(command) = text(node, COMMAND, major) else { return };
    // Where archiving is off the command is idle.
    if command.trim().is_empty() || !is_on(node, "archive_mode", major) {
        return;
    }
    let Some(fault) = Fault::of(&command) else { return };
    let at_fault = majors(node, fault.rule, |major| is_on(node, "archive_mode", major));
    let Some(found) = finding(node, fault.rule, at_fault, &[(COMMAND, fault.label)], fault.message.to_owned()) else {
        return;
    };
    let found = found.help(fault.help);
    let guarded = (fault.rule == id::ARCHIVE_COMMAND_OVERWRITES).then(|| command::guarded(&command)).flatten();
    let found = match guarded {
        Some(guarded) => edit::set(cx, node, found, &[(COMMAND, &guarded)]),
        None => found,
    };
    out.push(if fault.on_purpose { found.severity(Severity::Warning) } else { found });
}
