//! recovery.conf on 12 and later, and recovery.done.

use crate::checks::recovery::{moved, new, of_file};
use crate::model::{Definition, Node};
use crate::rule::{Context, Sink, id};

pub(super) fn check(node: &Node, cx: &Context<'_>, out: &mut Sink<'_>) {
    if let Some(done) = node.recovery.done {
        let message = "recovery.done is left over from a recovery under 11 or earlier";
        let found = of_file(id::RECOVERY_DONE_LEFT, done, node.targets.majors, "is not read", message);
        out.push(found.help("remove it; 12 and later remove it when a recovery starts"));
    }
    let Some(file) = node.recovery.conf else { return };
    let name = cx.sources.file(file).place().file_name().unwrap_or_default();
    let sample = [".sample", ".example", ".dist", ".default"].iter().any(|ending| name.ends_with(ending));
    let majors = new(node);
    if sample || majors.is_empty() {
        return;
    }
    let standby = super::standby_mode(node);
    let signal = match standby {
        Some(true) => "an empty `standby.signal`",
        Some(false) => "an empty `recovery.signal`",
        None => "an empty `standby.signal` or `recovery.signal`",
    };
    let message = "recovery.conf keeps 12 and later from starting";
    let mut found = of_file(id::RECOVERY_CONF_REMOVED, file, majors, "is refused by its mere presence", message);
    for definition in node.recovery.definitions.iter().filter(|definition| definition.overridden_by.is_none()).take(16)
    {
        found = found.related(definition.span, becomes(definition, standby));
    }
    let found = found.help(format!(
        "move its settings to postgresql.conf, put {signal} into the data directory and remove the file"
    ));
    out.push(moved::fix(found, node, file, standby, cx));
}

/// What a line of recovery.conf becomes.
fn becomes(definition: &Definition, standby: Option<bool>) -> &'static str {
    match definition.name.as_str() {
        "standby_mode" if standby == Some(true) => "becomes an empty file `standby.signal`",
        "standby_mode" if standby == Some(false) => "becomes an empty file `recovery.signal`",
        "standby_mode" => "becomes an empty file `standby.signal` or `recovery.signal`",
        "trigger_file" => {
            "becomes `promote_trigger_file` in 12 to 15, and nothing from 16 on: promote with `pg_promote()`"
        }
        "recovery_target_timeline" => "moves to postgresql.conf as it is; its default is `latest` from 12 on",
        _ => "moves to postgresql.conf as it is",
    }
}
