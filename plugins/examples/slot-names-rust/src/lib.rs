//! One rule: names of replication slots start with a prefix. The same plugin is written in C, JavaScript and Python
//! beside this one, and all four find the same.

use pgassay_plugin::prelude::*;
use pgassay_plugin::types::{Definition, Place, SqlOption, Subscription};

const SCHEMA: &str =
    r#"{"type":"object","additionalProperties":false,"properties":{"prefix":{"type":"string","minLength":1}}}"#;

#[derive(Debug, serde::Deserialize)]
#[serde(default)]
struct Options {
    prefix: String,
}

impl Default for Options {
    fn default() -> Self {
        Self { prefix: "app_".to_owned() }
    }
}

const SLOT_NAME: Rule<Options> = Rule::new(
    "slot-name",
    "name of a replication slot breaks the convention",
    include_str!("../rules/slot-name.md"),
    slot_name,
)
.reads(&["setting:primary_slot_name", "statements"])
.tags(&["naming"])
.references(&[Reference::Docs("view-pg-replication-slots.html")]);

fn plugin() -> Plugin<Options> {
    Plugin::with_options("slots-rust", env!("CARGO_PKG_VERSION"), SCHEMA).rule(SLOT_NAME)
}

pgassay_plugin::export!(plugin);

fn slot_name(input: &Input<'_, Options>, findings: &mut Findings) {
    let prefix = &input.options.prefix;
    for Slot { place, name, words, majors } in slots(input.model) {
        if name.starts_with(prefix) {
            continue;
        }
        let verdict = format!("does not start with `{prefix}`");
        let found = Finding::at(place, format!("{words} {verdict}")).label(verdict);
        let found = found.help(format!("call it `{prefix}{name}`"));
        findings.push(Finding { majors: majors.map(Majors::bits), ..found });
    }
}

/// A name of a slot that is known.
struct Slot<'a> {
    place: Place,
    name: &'a str,
    /// What is named.
    words: String,
    /// The majors that read it; none for all that the place is judged for.
    majors: Option<Majors>,
}

fn slots(model: &Model) -> Vec<Slot<'_>> {
    let mut slots = Vec::new();
    for subscription in model.subscriptions.iter().filter(|it| ["create", "options"].contains(&it.action.as_str())) {
        for option in subscription.options.iter().filter(|option| option.name == "slot_name" && !option.dynamic) {
            // `slot_name = NONE` is no slot.
            if option.value != "none" {
                let words = format!("slot `{}` of subscription `{}`", option.value, subscription.name.text);
                slots.push(Slot { place: option.place, name: &option.value, words, majors: None });
            }
        }
    }
    for Subscription { name, .. } in model.subscriptions.iter().filter(|it| makes_slot_of_its_name(it)) {
        let words = format!("subscription `{}` makes a slot of its own name, which", name.text);
        slots.push(Slot { place: name.place, name: &name.text, words, majors: None });
    }
    for statement in model.statements.iter().filter(|statement| statement.kind == "replication slot") {
        if statement.properties_named("function").any(|function| function.value.contains("create")) {
            for name in statement.properties_named("slot_name").filter(|name| !name.dynamic) {
                let words = format!("slot `{}`", name.value);
                slots.push(Slot { place: name.place, name: &name.value, words, majors: None });
            }
        }
    }
    for node in &model.nodes {
        let setting = node.setting("primary_slot_name").and_then(|setting| setting.winner());
        slots.extend(setting.and_then(|line| of_line(line, None)));
        // Later majors do not read recovery.conf.
        let majors = Majors::from(node.majors) & Majors::range(10, 11);
        let recovery = node.recovery.winner("primary_slot_name");
        slots.extend(recovery.and_then(|line| of_line(line, Some(majors))));
    }
    slots
}

fn of_line(line: &Definition, majors: Option<Majors>) -> Option<Slot<'_>> {
    let words = format!("`primary_slot_name` `{}`", line.text);
    let known = !line.dynamic && !line.text.is_empty();
    known.then_some(Slot { place: line.value_place, name: &line.text, words, majors })
}

fn makes_slot_of_its_name(subscription: &Subscription) -> bool {
    // `connect = false` makes no slot either. What is known only at run time may be false.
    let decides = |option: &SqlOption| match option.name.as_str() {
        "slot_name" => true,
        "create_slot" | "connect" => option.dynamic || option.truth == Some(false),
        _ => false,
    };
    subscription.action == "create" && !subscription.name.dynamic && !subscription.options.iter().any(decides)
}

#[cfg(test)]
mod tests {
    use pgassay_plugin::types::{Node, Property, Recovery, Setting, SqlName, Statement};

    use super::*;

    fn option(name: &str, value: &str) -> SqlOption {
        let truth = ["off", "on"].iter().position(|word| *word == value).map(|at| at == 1);
        SqlOption { name: name.into(), value: value.into(), truth, place: 2, ..SqlOption::default() }
    }

    fn create(options: Vec<SqlOption>) -> Subscription {
        let name = SqlName { text: "orders".into(), place: 1, dynamic: false };
        Subscription { name, action: "create".into(), options, ..Subscription::default() }
    }

    fn messages(model: &Model) -> Vec<String> {
        let found = plugin().check_all(model, &Options::default());
        found.into_iter().map(|finding| format!("{}: {}", finding.primary.place, finding.message)).collect()
    }

    #[test]
    fn subscriptions_name_slots() {
        let subscriptions = vec![
            create(vec![option("slot_name", "orders")]),
            create(vec![option("slot_name", "none")]),
            create(vec![option("connect", "off")]),
            create(vec![SqlOption { dynamic: true, ..option("slot_name", "") }]),
            create(vec![option("create_slot", "on")]),
        ];
        assert_eq!(
            messages(&Model { subscriptions, ..Model::default() }),
            [
                "2: slot `orders` of subscription `orders` does not start with `app_`",
                "1: subscription `orders` makes a slot of its own name, which does not start with `app_`",
            ]
        );
    }

    fn definition(text: &str, overridden: bool) -> Definition {
        let name = "primary_slot_name".into();
        Definition { name, text: text.into(), overridden, value_place: 4, ..Definition::default() }
    }

    #[test]
    fn calls_and_settings_name_slots() {
        let property =
            |name: &str, value: &str| Property { name: name.into(), value: value.into(), dynamic: false, place: 3 };
        let call = |function: &str| Statement {
            kind: "replication slot".into(),
            properties: vec![property("function", function), property("slot_name", "standby1")],
            ..Statement::default()
        };
        let setting = Setting {
            name: "primary_slot_name".into(),
            definitions: vec![definition("a", true), definition("b", false)],
            ..Setting::default()
        };
        let statements = vec![call("pg_create_physical_replication_slot"), call("pg_drop_replication_slot")];
        let nodes = vec![Node { settings: vec![setting], ..Node::default() }];
        assert_eq!(
            messages(&Model { statements, nodes, ..Model::default() }),
            ["3: slot `standby1` does not start with `app_`", "4: `primary_slot_name` `b` does not start with `app_`"]
        );
    }

    #[test]
    fn recovery_conf_names_slots_for_the_majors_that_read_it() {
        let definitions = vec![definition("a", true), definition("b", false)];
        let recovery = Recovery { definitions, ..Recovery::default() };
        let found = |majors: Majors| {
            let nodes = vec![Node { majors: majors.bits(), recovery: recovery.clone(), ..Node::default() }];
            let found = plugin().check_all(&Model { nodes, ..Model::default() }, &Options::default());
            found.iter().map(|finding| (finding.message.clone(), finding.majors)).collect::<Vec<_>>()
        };
        let message = "`primary_slot_name` `b` does not start with `app_`".to_owned();
        assert_eq!(found(Majors::range(11, 18)), [(message, Some(1 << 11))]);
        assert_eq!(found(Majors::only(16)), []);
    }
}
