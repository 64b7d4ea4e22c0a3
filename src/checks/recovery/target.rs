//! Where recovery stops, and on which timeline.

use crate::catalog::Majors;
use crate::checks::edit;
use crate::checks::recovery::{definition, is_standby, of_definition, of_file, text};
use crate::finding::Safety;
use crate::model::Node;
use crate::model::value::Value;
use crate::rule::{Context, Sink, id};

const TARGETS: [&str; 5] =
    ["recovery_target", "recovery_target_time", "recovery_target_xid", "recovery_target_name", "recovery_target_lsn"];

pub(super) fn check(node: &Node, cx: &Context<'_>, out: &mut Sink<'_>) {
    pause(node, out);
    timeline(node, cx, out);
}

/// Without hot_standby nobody could end the pause, so the server shuts down instead.
fn pause(node: &Node, out: &mut Sink<'_>) {
    let pauses = |major: &u8| {
        let hot = node.settings.effective("hot_standby", *major);
        let target = TARGETS.iter().any(|name| text(node, name, *major).is_some_and(|text| !text.is_empty()));
        let action = if *major >= 12 {
            let action = node.settings.effective("recovery_target_action", *major);
            matches!(action.value(), Some(Value::Enum("pause")))
        } else {
            text(node, "recovery_target_action", *major).is_some_and(|action| matches!(action.as_str(), "" | "pause"))
        };
        target && action && matches!(hot.value(), Some(Value::Bool(false)))
    };
    let majors: Majors = node.targets.majors.iter().filter(pauses).collect();
    let Some(major) = majors.last() else { return };
    let action = definition(node, "recovery_target_action", major);
    let Some(hot) = node.settings.winner("hot_standby") else { return };
    let message =
        "`recovery_target_action` is `pause` while `hot_standby` is off, so the server shuts down at the target";
    let found = of_definition(
        id::RECOVERY_TARGET_PAUSE_NO_HOT_STANDBY,
        action.unwrap_or(hot),
        majors,
        if action.is_some() { "acts as `shutdown`" } else { "the default, `pause`, acts as `shutdown`" },
        message.to_owned(),
    );
    let found = if action.is_some() { found.related(hot.span, "nobody can connect and end the pause") } else { found };
    out.push(found.help("turn `hot_standby` on, or set `recovery_target_action` to `promote` or `shutdown`"));
}

/// A standby that stays on its timeline when another server is promoted.
fn timeline(node: &Node, cx: &Context<'_>, out: &mut Sink<'_>) {
    let stays = |major: &u8| {
        is_standby(node, *major)
            && text(node, "recovery_target_timeline", *major).is_some_and(|timeline| timeline != "latest")
    };
    let majors: Majors = node.targets.majors.iter().filter(stays).collect();
    let Some(major) = majors.last() else { return };
    let message =
        "the standby does not follow a new primary, since `recovery_target_timeline` is not `latest`".to_owned();
    let found = match (definition(node, "recovery_target_timeline", major), node.recovery.conf) {
        (Some(definition), _) => {
            let edit = edit::value(cx, definition, "latest");
            of_definition(id::RECOVERY_TARGET_TIMELINE, definition, majors, "stays on this timeline", message).fix(
                "set `recovery_target_timeline` to `latest`",
                Safety::Unsafe,
                vec![edit],
            )
        }
        (None, Some(file)) => of_file(
            id::RECOVERY_TARGET_TIMELINE,
            file,
            majors,
            "the default of 10 and 11 is the current timeline",
            &message,
        ),
        (None, None) => return,
    };
    out.push(found.help("set `recovery_target_timeline = 'latest'`"));
}
