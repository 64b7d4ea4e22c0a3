//! What a standby lacks for safe streaming.

use crate::catalog::Majors;
use crate::checks::cluster::retention;
use crate::checks::recovery::{definition, is_standby, of_definition, text};
use crate::model::Node;
use crate::rule::{Context, Sink, id};

pub(super) fn check(index: usize, node: &Node, cx: &Context<'_>, out: &mut Sink<'_>) {
    let of = |name: &'static str, major: u8| text(node, name, major);
    let unkept = |major: &u8| {
        is_standby(node, *major)
            && of("primary_conninfo", *major).is_some_and(|text| !text.is_empty())
            && of("primary_slot_name", *major).is_some_and(|text| text.is_empty())
            && of("restore_command", *major).is_some_and(|text| text.is_empty())
    };
    let majors: Majors = node.targets.majors.iter().filter(unkept).collect();
    // Where the primary's side is known too, `cluster-standby-no-retention` judges both.
    if let Some(major) = majors.last().filter(|&major| !retention::is_known(cx, index, major))
        && let Some(definition) = definition(node, "primary_conninfo", major)
    {
        let message = "the standby has neither `primary_slot_name` nor `restore_command`".to_owned();
        let label = "is lost if it falls behind what the primary keeps";
        let found = of_definition(id::RECOVERY_SLOT_MISSING, definition, majors, label, message);
        out.push(
            found.help("set `primary_slot_name` to a slot of the primary, or `restore_command` to read its archive"),
        );
    }
    for major in node.targets.majors.iter().rev().filter(|&major| is_standby(node, major)).take(1) {
        let Some(definition) = definition(node, "recovery_min_apply_delay", major) else { continue };
        let zero = !definition.text.iter().any(|byte| (b'1'..=b'9').contains(byte));
        if definition.value.dynamic || zero {
            continue;
        }
        let message = "the standby lags on purpose: `recovery_min_apply_delay` is set".to_owned();
        let label = "a failover to it waits, or loses what is not applied";
        let found = of_definition(id::RECOVERY_APPLY_DELAY, definition, node.targets.majors, label, message);
        out.push(found.help("keep another standby without a delay for failover"));
    }
}
