//! Lines without effect because a later one sets the same: in a file, after an include, in postgresql.auto.conf.
//!
//! A file of an include_dir that overrides the main file is what such folders are for; nothing is said of it.

use crate::checks::conf_values::unquoted;
use crate::finding::{Finding, Label, Safety, Subject};
use crate::model::settings::Fault;
use crate::model::{Definition, Node, value};
use crate::rule::{Context, RuleId, Sink, id};

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for node in &cx.cluster.nodes {
        let settings = &node.settings;
        // In a template both lines may stand under conditions that exclude each other.
        let explained = settings.includes.iter().any(|fault| matches!(fault.fault, Fault::Missing | Fault::Unknown));
        if !settings.complete && !explained {
            continue;
        }
        for definition in &settings.definitions {
            let in_auto = settings.auto == Some(definition.span.file);
            if definition.name == "data_directory" && in_auto {
                let message = "`data_directory` in postgresql.auto.conf has no effect";
                let found = new(node, id::CONF_AUTO_DATA_DIRECTORY, definition, "read too late", message.to_owned());
                out.push(found.help("set it in postgresql.conf"));
            } else if definition.overridden_by.is_some() && is_known(node, definition) {
                overridden(cx, node, definition, out);
            }
        }
    }
}

fn new(node: &Node, rule: RuleId, definition: &Definition, label: &str, message: String) -> Finding {
    let subject = Subject::Setting(definition.name.clone());
    Finding::new(rule, subject, node.targets.majors, Label::new(definition.span, label), message)
}

fn overridden(cx: &Context<'_>, node: &Node, definition: &Definition, out: &mut Sink<'_>) {
    let settings = &node.settings;
    let name = &definition.name;
    let written = |definition: &Definition| format!("`{}`", unquoted(&cx.show(definition.value.span)));
    let later = || settings.definitions_of(name).skip_while(|other| !std::ptr::eq(*other, definition)).skip(1);
    if let Some(winner) = later().filter(|other| other.span.file == definition.span.file).last() {
        // A file that is included twice repeats itself.
        if winner.span == definition.span || winner.value.dynamic || definition.value.dynamic {
            return;
        }
        let finding = if is_same(node, definition, winner) {
            let found = new(
                node,
                id::CONF_REPEATED,
                definition,
                "repeated below",
                format!("`{name}` is set twice to the same value"),
            );
            let edit = vec![(definition.span, String::new())];
            found.help("remove one of the lines").fix("remove the line", Safety::Safe, edit)
        } else {
            let message = format!(
                "`{name}` is set to {} here and to {} further down, which wins",
                written(definition),
                written(winner)
            );
            new(node, id::CONF_DUPLICATE, definition, "has no effect", message)
                .help("remove the line that is not to count")
        };
        return out.push(finding.related(winner.span, "this line counts"));
    }
    // Of several lines in one file the last one speaks, so this is said once for each file.
    let Some(winner) = settings.winner(name) else { return };
    if winner.value.dynamic || definition.value.dynamic || is_same(node, definition, winner) {
        return;
    }
    let file = |definition: &Definition| settings.files.iter().position(|file| *file == definition.span.file);
    let in_auto = |other: &Definition| settings.auto == Some(other.span.file);
    let (rule, message, help) = if in_auto(winner) {
        // What an earlier file says was overridden anyway.
        if name == "data_directory" || !later().all(in_auto) {
            return;
        }
        let message = format!(
            "`{name}` is set to {} here, but postgresql.auto.conf makes it {}",
            written(definition),
            written(winner)
        );
        (id::CONF_AUTO_OVERRIDES, message, format!("take the value over and run `ALTER SYSTEM RESET {name}`"))
    } else if file(winner) < file(definition) {
        // Files are listed in the order of first reading, so the winner's file was open when this one was included.
        let message = format!(
            "`{name}` is set to {} in an included file, but {} after the include wins",
            written(definition),
            written(winner)
        );
        (
            id::CONF_INCLUDED_OVERRIDDEN,
            message,
            "move the include to the end, or remove the line that follows it".to_owned(),
        )
    } else {
        return;
    };
    out.push(new(node, rule, definition, "has no effect", message).help(help).related(winner.span, "this line counts"));
}

/// Whether some target major takes the name; of what none takes the name is wrong, not the order.
fn is_known(node: &Node, definition: &Definition) -> bool {
    let majors = definition.setting.map(|setting| setting.majors() & node.targets.majors);
    majors.map_or_else(|| definition.name.contains('.'), |majors| !majors.is_empty())
}

/// Whether both values mean the same to the newest target major that has the setting.
fn is_same(node: &Node, one: &Definition, other: &Definition) -> bool {
    let parsed = |definition: &Definition| {
        let setting = definition.setting?;
        let major = (node.targets.majors & setting.majors()).last()?;
        value::parse(setting.on(major)?, &definition.text, major).ok()
    };
    one.text == other.text || parsed(one).is_some_and(|value| parsed(other) == Some(value))
}
