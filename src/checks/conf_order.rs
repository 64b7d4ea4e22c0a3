//! Lines without effect because a later one sets the same: in a file, after an include, in postgresql.auto.conf.
//!
//! A file of an include_dir that overrides the main file is what such folders are for; nothing is said of it.

use std::collections::{HashMap, HashSet};

use crate::checks::conf_values::unquoted;
use crate::checks::edit;
use crate::finding::{Finding, Label, Safety, Subject};
use crate::model::settings::Fault;
use crate::model::{Definition, Node, value};
use crate::rule::{Context, RuleId, Sink, id};
use crate::source::FileId;

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for node in &cx.cluster.nodes {
        let settings = &node.settings;
        // In a template both lines may stand under conditions that exclude each other.
        let explained = settings.includes.iter().any(|fault| matches!(fault.fault, Fault::Missing | Fault::Unknown));
        if !settings.complete && !explained {
            continue;
        }
        // From the last line to the first, so that what comes later in the same file is known.
        let mut last_of: HashMap<(&str, FileId), &Definition> = HashMap::new();
        let mut outside_auto: HashSet<&str> = HashSet::new();
        for definition in settings.definitions.iter().rev() {
            let (name, file) = (definition.name.as_str(), definition.span.file);
            let in_auto = settings.auto == Some(file);
            let below = *last_of.entry((name, file)).or_insert(definition);
            let is_last_outside = !in_auto && outside_auto.insert(name);
            if name == "data_directory" && in_auto {
                let message = "`data_directory` in postgresql.auto.conf has no effect";
                let found = new(node, id::CONF_AUTO_DATA_DIRECTORY, definition, "read too late", message.to_owned());
                out.push(found.help("set it in postgresql.conf"));
            } else if definition.overridden_by.is_none() || definition.value.dynamic || !is_known(node, definition) {
            } else if below.span != definition.span {
                repeated(cx, node, definition, below, out);
            } else if std::ptr::eq(below, definition) {
                overridden(cx, node, definition, is_last_outside, out);
            }
        }
    }
}

fn new(node: &Node, rule: RuleId, definition: &Definition, label: &str, message: String) -> Finding {
    let subject = Subject::Setting(definition.name.clone());
    Finding::new(rule, subject, node.targets.majors, Label::new(definition.span, label), message)
}

/// A line that a later one in the same file overrides.
fn repeated(cx: &Context<'_>, node: &Node, definition: &Definition, below: &Definition, out: &mut Sink<'_>) {
    // Of a text that `printf` fills in no word can go without the others being shifted.
    if below.value.dynamic || cx.sources.bytes(definition.value.span) == b"%s" {
        return;
    }
    let name = &definition.name;
    let finding = if is_same(node, definition, below) {
        let message = format!("`{name}` is set twice to the same value");
        let edit = vec![(edit::entry(cx, definition.span), String::new())];
        let found = new(node, id::CONF_REPEATED, definition, "repeated below", message);
        found.help("remove one of the lines").fix("remove the line", Safety::Safe, edit)
    } else {
        let (value, wins) = (written(cx, definition), written(cx, below));
        let message = format!("`{name}` is set to {value} here and to {wins} further down, which wins");
        let edit = vec![(edit::entry(cx, definition.span), String::new())];
        let found = new(node, id::CONF_DUPLICATE, definition, "has no effect", message);
        found.help("remove the line that is not to count").fix(
            "remove the line, which has no effect",
            Safety::Unsafe,
            edit,
        )
    };
    out.push(finding.related(below.span, "this line counts"));
}

/// The last line of its file, which a line of another file overrides.
fn overridden(cx: &Context<'_>, node: &Node, definition: &Definition, is_last_outside: bool, out: &mut Sink<'_>) {
    let settings = &node.settings;
    let name = &definition.name;
    let Some(winner) = settings.winner(name).filter(|winner| !winner.value.dynamic) else { return };
    if is_same(node, definition, winner) {
        return;
    }
    let (value, wins) = (written(cx, definition), written(cx, winner));
    let file = |definition: &Definition| settings.files.iter().position(|file| *file == definition.span.file);
    let (rule, message, help) = if settings.auto == Some(winner.span.file) {
        // What an earlier file says was overridden anyway, and data_directory cannot be.
        if name == "data_directory" || !is_last_outside {
            return;
        }
        let message = format!("`{name}` is set to {value} here, but postgresql.auto.conf makes it {wins}");
        (id::CONF_AUTO_OVERRIDES, message, format!("take the value over and run `ALTER SYSTEM RESET {name}`"))
    } else if file(winner) < file(definition) {
        // Files are listed in the order of first reading, so the winner's file was open when this one was included.
        let message = format!("`{name}` is set to {value} in an included file, but {wins} after the include wins");
        let help = "move the include to the end, or remove the line that follows it";
        (id::CONF_INCLUDED_OVERRIDDEN, message, help.to_owned())
    } else {
        return;
    };
    out.push(new(node, rule, definition, "has no effect", message).help(help).related(winner.span, "this line counts"));
}

fn written(cx: &Context<'_>, definition: &Definition) -> String {
    format!("`{}`", unquoted(&cx.show(definition.value.span)))
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
