//! Methods of the planner that are turned off for the whole server.

use crate::checks::ask::{is_off, majors, push_set};
use crate::rule::{Context, Sink, id};

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for node in &cx.cluster.nodes {
        for definition in node.settings.definitions.iter().filter(|definition| definition.overridden_by.is_none()) {
            let name = definition.name.as_str();
            if !name.starts_with("enable_") {
                continue;
            }
            let at_fault = majors(node, id::PLANNER_METHOD_OFF, |major| {
                // Those that are off by default, such as enable_partitionwise_join, are left alone.
                let on_by_default =
                    definition.setting.and_then(|setting| setting.on(major)).is_some_and(|def| def.default == "on");
                on_by_default && is_off(node, name, major)
            });
            let message = format!("`{name}` is `off` for every session");
            let help = "remove the line and look for the cause: statistics, costs or a missing index";
            push_set(
                (cx, node),
                (id::PLANNER_METHOD_OFF, at_fault),
                &[(name, "meant for looking at one query")],
                message,
                help,
                &[(name, "on")],
                out,
            );
        }
    }
}
