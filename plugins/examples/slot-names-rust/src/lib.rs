//! One rule: names of replication slots start with a prefix. The same plugin is written in C, JavaScript and Python
//! beside this one, and all four find the same.

use pgassay_plugin::prelude::*;
use pgassay_plugin::types::{Place, SqlOption, Subscription};

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
.tags(&["naming"])
.references(&[Reference::Docs("view-pg-replication-slots.html")]);

fn plugin() -> Plugin<Options> {
    Plugin::with_options("slots-rust", env!("CARGO_PKG_VERSION"), SCHEMA).rule(SLOT_NAME)
}

pgassay_plugin::export!(plugin);

fn slot_name(input: &Input<'_, Options>, findings: &mut Findings) {
    let prefix = &input.options.prefix;
    for (place, name, words) in slots(input.model).into_iter().filter(|(_, name, _)| !name.starts_with(prefix)) {
        let verdict = format!("does not start with `{prefix}`");
        let found = Finding::at(place, format!("{words} {verdict}")).label(verdict);
        findings.push(found.help(format!("call it `{prefix}{name}`")));
    }
}

/// The names of slots that are known: place, name, and the words that say what is named.
fn slots(model: &Model) -> Vec<(Place, &str, String)> {
    let mut slots = Vec::new();
    for subscription in model.subscriptions.iter().filter(|it| ["create", "options"].contains(&it.action.as_str())) {
        for option in subscription.options.iter().filter(|option| option.name == "slot_name" && !option.dynamic) {
            // `slot_name = NONE` is no slot.
            if option.value != "none" {
                let words = format!("slot `{}` of subscription `{}`", option.value, subscription.name.text);
                slots.push((option.place, option.value.as_str(), words));
            }
        }
    }
    for Subscription { name, .. } in model.subscriptions.iter().filter(|it| makes_slot_of_its_name(it)) {
        let words = format!("subscription `{}` makes a slot of its own name, which", name.text);
        slots.push((name.place, &name.text, words));
    }
    for statement in model.statements.iter().filter(|statement| statement.kind == "replication slot") {
        if statement.properties_named("function").any(|function| function.value.contains("create")) {
            for name in statement.properties_named("slot_name").filter(|name| !name.dynamic) {
                slots.push((name.place, &name.value, format!("slot `{}`", name.value)));
            }
        }
    }
    for setting in model.nodes.iter().filter_map(|node| node.setting("primary_slot_name")) {
        let known = |it: &&types::Definition| !it.dynamic && !it.overridden && !it.text.is_empty();
        for definition in setting.definitions.iter().filter(known) {
            slots.push((
                definition.value_place,
                &definition.text,
                format!("`primary_slot_name` `{}`", definition.text),
            ));
        }
    }
    slots
}

fn makes_slot_of_its_name(subscription: &Subscription) -> bool {
    // `connect = false` makes no slot either.
    let decides = |SqlOption { name, value, .. }: &SqlOption| match name.as_str() {
        "slot_name" => true,
        "create_slot" | "connect" => ["false", "off", "0", "no"].contains(&value.as_str()),
        _ => false,
    };
    subscription.action == "create" && !subscription.name.dynamic && !subscription.options.iter().any(decides)
}

#[cfg(test)]
mod tests {
    use pgassay_plugin::types::{Definition, Node, Property, Setting, SqlName, Statement};

    use super::*;

    fn option(name: &str, value: &str) -> SqlOption {
        SqlOption { name: name.into(), value: value.into(), place: 2, ..SqlOption::default() }
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
            create(vec![option("connect", "false")]),
            create(vec![SqlOption { dynamic: true, ..option("slot_name", "") }]),
            create(vec![option("create_slot", "true")]),
        ];
        assert_eq!(
            messages(&Model { subscriptions, ..Model::default() }),
            [
                "2: slot `orders` of subscription `orders` does not start with `app_`",
                "1: subscription `orders` makes a slot of its own name, which does not start with `app_`",
            ]
        );
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
        let definition = |text: &str, overridden| Definition {
            text: text.into(),
            overridden,
            value_place: 4,
            ..Definition::default()
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
}
