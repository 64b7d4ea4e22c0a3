//! Passwords and keys written into the commands that archive and restore WAL.
//!
//! Commands are a shell's; they are looked at word by word. The text is never shown.

use crate::checks::ask::counted;
use crate::finding::{Finding, Label, Subject};
use crate::rule::{Context, Sink, id};
use crate::secret::command;

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for node in &cx.cluster.nodes {
        let all = node.settings.definitions.iter().chain(&node.recovery.definitions);
        for definition in all.filter(|definition| definition.overridden_by.is_none()) {
            if !command::SETTINGS.contains(&definition.name.as_str()) {
                continue;
            }
            let Some(range) = command::find(cx.sources.bytes(definition.value.span)).into_iter().next() else {
                continue;
            };
            let label = Label::new(definition.value.span.slice(range.start, range.end), "a secret in plain text");
            let message = format!("`{}` holds a password or key", definition.name);
            let majors = counted(node, node.targets.majors);
            let subject = Subject::Setting(definition.name.clone());
            out.push(
                Finding::new(id::CONF_COMMAND_SECRET, subject, majors, label, message)
                    .help("keep it in a file that only the server can read, and change it"),
            );
        }
    }
}
