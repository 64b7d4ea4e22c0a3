//! Recovery: recovery.conf of 10 and 11, the signal files and settings of 12 and later, and what a standby needs.

use crate::catalog::Majors;
use crate::finding::{Finding, Label, Subject};
use crate::model::value::{self, Value};
use crate::model::{Definition, Effective, Node};
use crate::rule::{Context, RuleId, Sink};
use crate::source::FileId;

mod commands;
mod conf;
mod conf_value;
mod moved;
mod removed;
mod signals;
mod slotsync;
mod standby;
mod target;

/// What makes recovery stop early.
const TARGETS: [&str; 5] =
    ["recovery_target", "recovery_target_time", "recovery_target_xid", "recovery_target_name", "recovery_target_lsn"];

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for (index, node) in cx.cluster.nodes.iter().enumerate() {
        removed::check(node, cx, out);
        conf::check(node, cx, out);
        signals::check(node, cx, out);
        commands::check(node, cx, out);
        target::check(node, out);
        standby::check(index, node, cx, out);
        slotsync::check(node, cx, out);
    }
}

/// The targets that read recovery.conf.
fn old(node: &Node) -> Majors {
    node.targets.majors & Majors::until(11)
}

/// The targets that read signal files.
fn new(node: &Node) -> Majors {
    node.targets.majors & Majors::since(12)
}

/// Whether the server is known to start as a standby.
fn is_standby(node: &Node, major: u8) -> bool {
    if major >= 12 { node.recovery.standby_signal.is_some() } else { standby_mode(node) == Some(true) }
}

/// `standby_mode` of recovery.conf; `None` if its value is not known. A file that does not set it is no standby's.
fn standby_mode(node: &Node) -> Option<bool> {
    match node.recovery.winner("standby_mode") {
        Some(definition) if definition.value.dynamic => None,
        Some(definition) => value::parse_bool(&definition.text),
        None if node.recovery.complete => Some(false),
        None => None,
    }
}

/// The text of a setting of recovery on a major, wherever that major reads it; `None` if it is not known. What is not
/// set is empty.
fn text(node: &Node, name: &str, major: u8) -> Option<String> {
    if major >= 12 {
        return match node.settings.effective(name, major) {
            Effective::Known(Value::String(text), _) => Some(text),
            _ => None,
        };
    }
    match node.recovery.winner(name) {
        Some(definition) if definition.value.dynamic => None,
        Some(definition) => Some(String::from_utf8_lossy(&definition.text).into_owned()),
        None if node.recovery.complete => Some(String::new()),
        None => None,
    }
}

/// The definition of a setting of recovery that a major reads.
fn definition<'a>(node: &'a Node, name: &str, major: u8) -> Option<&'a Definition> {
    if major >= 12 { node.settings.winner(name) } else { node.recovery.winner(name) }
}

/// A finding on a whole file.
fn of_file(rule: RuleId, file: FileId, majors: Majors, label: &str, message: &str) -> Finding {
    Finding::new(rule, Subject::File, majors, Label::absent(file, label), message)
}

/// A finding on a definition.
fn of_definition(rule: RuleId, definition: &Definition, majors: Majors, label: &str, message: String) -> Finding {
    let subject = Subject::Setting(definition.name.clone());
    Finding::new(rule, subject, majors, Label::new(definition.span, label), message)
}
