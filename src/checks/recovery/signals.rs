//! standby.signal and recovery.signal (`readRecoverySignalFile` and `validateRecoveryParameters`).

use crate::catalog::Majors;
use crate::checks::recovery::{TARGETS, definition, is_standby, new, of_definition, of_file, standby_mode, text};
use crate::finding::{Confidence, Finding, Label, Subject};
use crate::model::Node;
use crate::rule::{Context, Sink, id};
use crate::source::{FileId, Span};

pub(super) fn check(node: &Node, cx: &Context<'_>, out: &mut Sink<'_>) {
    let (standby, recovery) = (node.recovery.standby_signal, node.recovery.recovery_signal);
    let majors = new(node);
    for signal in standby.into_iter().chain(recovery) {
        if majors.is_empty() {
            let message = "signal files mean nothing to 10 and 11, which read recovery.conf";
            let found = of_file(id::RECOVERY_SIGNAL_TOO_NEW, signal, node.targets.majors, "is not looked at", message);
            out.push(found.help("write `standby_mode` and the settings of recovery into recovery.conf"));
        }
        content(signal, majors, cx, out);
    }
    if let (Some(standby), Some(recovery)) = (standby, recovery) {
        let message = "recovery.signal has no effect beside standby.signal";
        let found = of_file(id::RECOVERY_BOTH_SIGNALS, recovery, majors, "standby.signal wins", message);
        let found = found.related(Span::new(standby, 0, 0), "makes the server a standby");
        out.push(found.help("remove the one that is not meant"));
    }
    if let (None, Some(recovery)) = (standby, recovery) {
        let without = |major: &u8| text(node, "restore_command", *major).is_some_and(|command| command.is_empty());
        let majors: Majors = majors.iter().filter(without).collect();
        let message = "recovery.signal without `restore_command` keeps the server from starting";
        let found = of_file(
            id::RECOVERY_SIGNAL_WITHOUT_RESTORE_COMMAND,
            recovery,
            majors,
            "asks for a recovery from the archive",
            message,
        );
        out.push(found.help("set `restore_command`, or use standby.signal for a standby"));
    }
    source(node, out);
    idle(node, out);
}

/// Text in a signal file, of which the server reads nothing.
fn content(signal: FileId, majors: Majors, cx: &Context<'_>, out: &mut Sink<'_>) {
    let bytes = cx.sources.file(signal).bytes();
    let mut at = 0;
    for line in bytes.split(|&byte| byte == b'\n') {
        let start = at;
        at += line.len() + 1;
        let text = line.trim_ascii();
        if text.is_empty() || text.starts_with(b"#") || !text.contains(&b'=') {
            continue;
        }
        let from = start + (line.len() - line.trim_ascii_start().len());
        let label = Label::new(Span::new(signal, from, from + text.len()), "is not read");
        let message = "the settings in a signal file have no effect; only the file's being there counts";
        let found = Finding::new(id::RECOVERY_SIGNAL_NOT_EMPTY, Subject::File, majors, label, message);
        out.push(found.help("move the settings to postgresql.conf and leave the file empty"));
        return;
    }
}

/// A standby that gets nothing from anywhere.
fn source(node: &Node, out: &mut Sink<'_>) {
    let empty = |name: &str, major: u8| text(node, name, major).is_some_and(|text| text.is_empty());
    let without =
        |major: &u8| is_standby(node, *major) && empty("primary_conninfo", *major) && empty("restore_command", *major);
    let majors: Majors = node.targets.majors.iter().filter(without).collect();
    let Some(major) = majors.last() else { return };
    let file = if major >= 12 { node.recovery.standby_signal } else { node.recovery.conf };
    let Some(file) = file else { return };
    let message = "the standby has neither `primary_conninfo` nor `restore_command`";
    let found = of_file(id::RECOVERY_STANDBY_WITHOUT_SOURCE, file, majors, "only polls its own pg_wal", message);
    out.push(found.help("set `primary_conninfo` to stream from the primary, or `restore_command` to read its archive"));
}

/// Settings of recovery on a server that does not recover.
fn idle(node: &Node, out: &mut Sink<'_>) {
    let recovers = node.recovery.standby_signal.is_some() || node.recovery.recovery_signal.is_some();
    if !node.data_directory || recovers || node.recovery.conf.is_some() || standby_mode(node) == Some(true) {
        return;
    }
    let majors = new(node);
    let Some(major) = majors.last() else { return };
    let set = |name: &str| {
        definition(node, name, major).filter(|definition| !definition.value.dynamic && !definition.text.is_empty())
    };
    for name in TARGETS {
        if let Some(definition) = set(name) {
            let message = format!("`{name}` has no effect without recovery.signal");
            let label = "the server starts without a recovery";
            let found = of_definition(id::RECOVERY_TARGET_WITHOUT_SIGNAL, definition, majors, label, message);
            let found = found.confidence(Confidence::Medium);
            out.push(
                found.help(
                    "put an empty `recovery.signal` into the data directory, or remove the line after the recovery",
                ),
            );
        }
    }
    for name in ["primary_conninfo", "restore_command", "recovery_min_apply_delay"] {
        if let Some(definition) = set(name) {
            let message = format!("`{name}` has no effect without standby.signal or recovery.signal");
            let label = "waits for a signal file";
            out.push(of_definition(id::RECOVERY_SETTINGS_WITHOUT_SIGNAL, definition, majors, label, message));
        }
    }
}
