//! `acme/slot-names`: names of replication slots and subscriptions follow a pattern.

use pgassay_plugin::prelude::*;
use pgassay_plugin::types::{Definition, Place, Setting, Statement};

use crate::options::{Options, Pattern};

pub(crate) const RULE: Rule<Options> = Rule::new(
    "slot-names",
    "name of a replication slot or subscription breaks the convention",
    include_str!("../rules/slot-names.md"),
    check,
)
.reads(&["statements", "setting:primary_slot_name"])
.tags(&["naming", "replication"])
.references(&[
    Reference::Docs("view-pg-replication-slots.html"),
    Reference::Docs("warm-standby.html#STREAMING-REPLICATION-SLOTS"),
    Reference::Docs("logical-replication-subscription.html#LOGICAL-REPLICATION-SUBSCRIPTION-SLOT"),
]);

fn check(input: &Input<'_, Options>, findings: &mut Findings) {
    let Some(pattern) = &input.options.slot_pattern else { return };
    for found in names(input.model).iter().filter_map(|named| named.held_against(pattern)) {
        findings.push(found);
    }
    for node in &input.model.nodes {
        let line = node.recovery.winner("primary_slot_name").and_then(of_line);
        if let Some(found) = line.and_then(|named| named.held_against(pattern)) {
            // Later majors do not read recovery.conf: they do not start with it.
            findings.push(found.on(Majors::from(node.majors) & Majors::until(11)));
        }
    }
}

/// A name that is known.
struct Named<'a> {
    what: &'static str,
    name: &'a str,
    place: Place,
}

impl Named<'_> {
    fn held_against(&self, pattern: &Pattern) -> Option<Finding> {
        let Self { what, name, place } = self;
        if pattern.is_whole(name) {
            return None;
        }
        let verdict = format!("does not match `{}`", pattern.text);
        let found = Finding::at(*place, format!("{what} `{name}` {verdict}")).label(verdict);
        Some(found.help(format!("choose a name that matches `{}`", pattern.text)))
    }
}

fn names(model: &Model) -> Vec<Named<'_>> {
    let mut names = Vec::new();
    for subscription in &model.subscriptions {
        let creates = subscription.action == "create";
        if creates && !subscription.name.dynamic {
            let (name, place) = (subscription.name.text.as_str(), subscription.name.place);
            names.push(Named { what: "subscription", name, place });
        }
        if creates || subscription.action == "options" {
            // `slot_name = NONE` is no slot.
            let slot = subscription.option("slot_name").filter(|slot| !slot.dynamic && slot.value != "none");
            names.extend(slot.map(|slot| Named { what: "slot", name: &slot.value, place: slot.place }));
        }
    }
    for statement in model.statements.iter().filter(|statement| makes_slot(statement)) {
        let slot = statement.property("slot_name").filter(|slot| !slot.dynamic);
        names.extend(slot.map(|slot| Named { what: "slot", name: &slot.value, place: slot.place }));
    }
    let settings = model.nodes.iter().filter_map(|node| node.setting("primary_slot_name"));
    names.extend(settings.filter_map(Setting::winner).filter_map(of_line));
    names
}

/// Functions that copy a slot make one too.
fn makes_slot(statement: &Statement) -> bool {
    let makes = |function: &str| function.contains("create") || function.contains("copy");
    statement.kind == "replication slot" && statement.property("function").is_some_and(|it| makes(&it.value))
}

fn of_line(line: &Definition) -> Option<Named<'_>> {
    let known = !line.dynamic && !line.text.is_empty();
    known.then_some(Named { what: "slot", name: &line.text, place: line.value_place })
}

#[cfg(test)]
mod tests;
