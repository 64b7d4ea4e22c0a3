//! recovery.conf as 10 and 11 read it (`readRecoveryCommandFile`, access/transam/xlog.c).

use crate::catalog::{self, Majors, nearest};
use crate::checks::edit;
use crate::checks::recovery::conf_value::{self, Fault};
use crate::checks::recovery::{TARGETS, of_definition, of_file, old, standby_mode};
use crate::finding::{Effect, Finding, Label, Safety, Severity, Subject};
use crate::load::Include;
use crate::model::{Definition, Node};
use crate::rule::{Context, Sink, id};
use crate::syntax::postgresql_conf::SyntaxError;

/// Every name that 10 and 11 know in recovery.conf; case counts.
const NAMES: [&str; 16] = [
    "archive_cleanup_command",
    "primary_conninfo",
    "primary_slot_name",
    "recovery_end_command",
    "recovery_min_apply_delay",
    "recovery_target",
    "recovery_target_action",
    "recovery_target_inclusive",
    "recovery_target_lsn",
    "recovery_target_name",
    "recovery_target_time",
    "recovery_target_timeline",
    "recovery_target_xid",
    "restore_command",
    "standby_mode",
    "trigger_file",
];

/// The form of a line.
const HELP: &str = "write `name = 'value'`, the value in single quotes and nothing but a comment behind it";

pub(super) fn check(node: &Node, cx: &Context<'_>, out: &mut Sink<'_>) {
    let majors = old(node);
    let Some(file) = node.recovery.conf.filter(|_| !majors.is_empty()) else { return };
    for &(_, at, error) in &node.recovery.errors {
        let message = format!("10 and 11 do not start with this line of recovery.conf: {}", why(error));
        let label = Label::new(at, "is refused");
        out.push(Finding::new(id::RECOVERY_CONF_SYNTAX, Subject::File, majors, label, message).help(HELP));
    }
    let definitions = &node.recovery.definitions;
    for definition in definitions.iter().filter(|definition| Include::of(definition.name.as_bytes()).is_none()) {
        if !NAMES.contains(&definition.name.as_str()) {
            out.push(unknown(node, definition, cx));
            continue;
        }
        let judge = |major: u8| conf_value::judge(&definition.name, &definition.text, major);
        let on: Majors = majors.iter().filter(|&major| judge(major).is_some()).collect();
        if let Some(fault) = on.first().filter(|_| !definition.value.dynamic).and_then(judge) {
            let value = cx.show(definition.value.span);
            let value = value.trim_matches('\'');
            let (name, found) = (&definition.name, |message: String, label: &str| {
                of_definition(id::RECOVERY_CONF_BAD_VALUE, definition, on, label, message)
            });
            out.push(match fault {
                Fault::Refused(reason) => {
                    let message = format!("`{name}` in recovery.conf is `{value}`, which is {reason}");
                    found(message, "keeps the server from starting")
                }
                Fault::Latest => {
                    let message = format!(
                        "`recovery_target_timeline` in recovery.conf is `{value}`, which 10 and 11 read as `latest`"
                    );
                    let found = found(message, "is no number").severity(Severity::Warning);
                    let edit = edit::value(cx, definition, "latest");
                    let found = found.effect(Effect::Ignored).help("write `latest` or the number of a timeline");
                    found.fix("write `latest`, which it means", Safety::Safe, vec![edit])
                }
            });
        }
        // A template may choose one of the two.
        let winner = definition.overridden_by.filter(|_| node.recovery.complete);
        let winner = winner.and_then(|index| definitions.get(index));
        if let Some(winner) = winner.filter(|winner| winner.text != definition.text) {
            let message = format!("`{}` stands twice in recovery.conf, and only the last counts", definition.name);
            let found = of_definition(id::RECOVERY_CONF_REPEATED, definition, majors, "has no effect", message);
            let found = found.help("keep one of the two").related(winner.span, "this one counts");
            let edit = vec![(edit::entry(cx, definition.span), String::new())];
            out.push(found.fix("remove the line, which has no effect", Safety::Unsafe, edit));
        }
    }
    if node.recovery.complete {
        targets(node, out);
    }
    let missing = node.recovery.complete && node.recovery.winner("restore_command").is_none();
    if missing && standby_mode(node) == Some(false) {
        let message = "recovery.conf has neither `restore_command` nor `standby_mode = on`, so 10 and 11 do not start";
        let label = "asks for a recovery from the archive";
        let found = of_file(id::RECOVERY_CONF_WITHOUT_RESTORE_COMMAND, file, majors, label, message);
        out.push(found.help("set `restore_command`, or `standby_mode = on` for a standby"));
    }
}

fn unknown(node: &Node, definition: &Definition, cx: &Context<'_>) -> Finding {
    let name = cx.show(definition.written);
    let lower = definition.name.to_ascii_lowercase();
    let message = format!("`{name}` is no setting of recovery.conf");
    let label = "keeps the server from starting";
    let found = of_definition(id::RECOVERY_CONF_UNKNOWN_SETTING, definition, old(node), label, message);
    if NAMES.contains(&lower.as_str()) {
        let found = found.help(format!("write `{lower}`; names in recovery.conf are case-sensitive"));
        return edit::rename(cx, found, (definition.written, &definition.name), &lower, Safety::Safe);
    }
    if lower == "promote_trigger_file" {
        let found = found.help("write `trigger_file`, its name up to 11");
        return edit::rename(cx, found, (definition.written, &definition.name), "trigger_file", Safety::Safe);
    }
    if catalog::setting(&lower).is_some_and(|setting| !(setting.majors() & old(node)).is_empty()) {
        return found.help("move it to postgresql.conf");
    }
    match nearest(&lower, NAMES) {
        Some(nearest) => {
            let found = found.help(format!("write `{nearest}`"));
            edit::rename(cx, found, (definition.written, &definition.name), nearest, Safety::Unsafe)
        }
        None => found.help("remove it"),
    }
}

/// Several targets: the last one in the file takes the place of all others.
fn targets(node: &Node, out: &mut Sink<'_>) {
    let is_target = |definition: &&Definition| TARGETS.contains(&definition.name.as_str());
    let set = node.recovery.definitions.iter().filter(|definition| definition.overridden_by.is_none());
    let set = set.filter(is_target).collect::<Vec<_>>();
    let Some((winner, others)) = set.split_last() else { return };
    for other in others {
        let message = format!("`{}` has no effect in recovery.conf, since `{}` follows", other.name, winner.name);
        let found = of_definition(id::RECOVERY_CONF_SEVERAL_TARGETS, other, old(node), "is not the target", message);
        out.push(found.help("keep the one target that is meant").related(winner.span, "this one counts"));
    }
}

fn why(error: SyntaxError) -> &'static str {
    match error {
        SyntaxError::Name => "it does not start with a name",
        SyntaxError::MissingValue => "the name has no value",
        SyntaxError::Value => "the value must stand in single quotes",
        SyntaxError::Unterminated => "the quote is not closed on its line",
        SyntaxError::Trailing => "something follows the value",
    }
}
