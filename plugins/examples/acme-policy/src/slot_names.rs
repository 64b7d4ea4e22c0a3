//! `acme/slot-names`: names of replication slots and subscriptions follow a pattern.

use pgassay_plugin::prelude::*;
use pgassay_plugin::types::{Definition, Place, Statement};

use crate::options::Options;

pub(crate) const RULE: Rule<Options> = Rule::new(
    "slot-names",
    "name of a replication slot or subscription breaks the convention",
    include_str!("../rules/slot-names.md"),
    check,
)
.tags(&["naming", "replication"])
.references(&[
    Reference::Docs("view-pg-replication-slots.html"),
    Reference::Docs("warm-standby.html#STREAMING-REPLICATION-SLOTS"),
    Reference::Docs("logical-replication-subscription.html#LOGICAL-REPLICATION-SUBSCRIPTION-SLOT"),
]);

fn check(input: &Input<'_, Options>, findings: &mut Findings) {
    let Some(pattern) = &input.options.slot_pattern else { return };
    for Named { what, name, place, majors } in names(input.model) {
        if !pattern.matches(name) {
            let verdict = format!("does not match `{}`", pattern.text);
            findings.push(
                Finding::at(place, format!("{what} `{name}` {verdict}"))
                    .label(verdict)
                    .help(format!("choose a name that matches `{}`", pattern.text))
                    .on(majors),
            );
        }
    }
}

/// A name that is known.
struct Named<'a> {
    what: &'static str,
    name: &'a str,
    place: Place,
    majors: Majors,
}

fn names(model: &Model) -> Vec<Named<'_>> {
    let mut names = Vec::new();
    for subscription in &model.subscriptions {
        let majors = model.statement(subscription.statement).map_or(0, |statement| statement.majors).into();
        let creates = subscription.action == "create";
        if creates && !subscription.name.dynamic {
            let (name, place) = (subscription.name.text.as_str(), subscription.name.place);
            names.push(Named { what: "subscription", name, place, majors });
        }
        if creates || subscription.action == "options" {
            // `slot_name = NONE` is no slot.
            let slot = subscription.option("slot_name").filter(|slot| !slot.dynamic && slot.value != "none");
            names.extend(slot.map(|slot| Named { what: "slot", name: &slot.value, place: slot.place, majors }));
        }
    }
    for statement in model.statements.iter().filter(|statement| makes_slot(statement)) {
        let slot = statement.property("slot_name").filter(|slot| !slot.dynamic);
        let majors = statement.majors.into();
        names.extend(slot.map(|slot| Named { what: "slot", name: &slot.value, place: slot.place, majors }));
    }
    for node in &model.nodes {
        let majors = Majors::from(node.majors);
        let setting = node.setting("primary_slot_name").and_then(|setting| setting.winner());
        names.extend(setting.and_then(|line| of_line(line, majors)));
        // Later majors do not read recovery.conf: they do not start with it.
        let recovery = node.recovery.winner("primary_slot_name");
        names.extend(recovery.and_then(|line| of_line(line, majors & Majors::until(11))));
    }
    names
}

/// Functions that copy a slot make one too.
fn makes_slot(statement: &Statement) -> bool {
    let makes = |function: &str| function.contains("create") || function.contains("copy");
    statement.kind == "replication slot" && statement.property("function").is_some_and(|it| makes(&it.value))
}

fn of_line(line: &Definition, majors: Majors) -> Option<Named<'_>> {
    let known = !line.dynamic && !line.text.is_empty();
    known.then_some(Named { what: "slot", name: &line.text, place: line.value_place, majors })
}

#[cfg(test)]
mod tests;
