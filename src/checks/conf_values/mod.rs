//! Values that the server refuses: by type, by range, by unit and by its own checks, on each target major.
//!
//! Settings of modules are the business of `conf_extensions`.

use crate::catalog::Majors;
use crate::catalog::settings::Setting;
use crate::checks::ask::counted;
use crate::checks::{conf_text, edit};
use crate::discover::is_template_name;
use crate::finding::{Finding, Label, Subject};
use crate::model::value::{self, ValueError};
use crate::model::{Definition, Node};
use crate::rule::{Context, RuleId, Sink, id};

pub(crate) mod explain;

use explain::replacement;
pub(crate) use explain::{explain, meant};

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for node in &cx.cluster.nodes {
        for definition in &node.settings.definitions {
            // The server does not even look at what a later line of the very same name overrides.
            let judged = !definition.unread
                && !definition.value.dynamic
                && !conf_text::in_value(cx, definition)
                && !is_placeholder(cx, definition);
            if let Some(setting) = definition.setting.filter(|setting| judged && setting.library.is_none()) {
                judge(cx, node, definition, setting, out);
            }
        }
    }
}

/// Whether the value is a word such as `PORT_MASTER` in a file whose name says that it is a template.
fn is_placeholder(cx: &Context<'_>, definition: &Definition) -> bool {
    let word = |byte: &u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b'_';
    let name = cx.sources.file(definition.span.file).path().file_name();
    definition.text.iter().all(word) && definition.text.contains(&b'_') && name.is_some_and(is_template_name)
}

fn judge(cx: &Context<'_>, node: &Node, definition: &Definition, setting: &Setting, out: &mut Sink<'_>) {
    // The newest major speaks for the others of its rule.
    let mut faults: Vec<(RuleId, u8, ValueError, Majors)> = Vec::new();
    for major in node.targets.majors.iter().rev() {
        let Some(Err(error)) = value::judge(setting, &definition.text, major) else { continue };
        let Some(rule) = rule(&error) else { continue };
        match faults.iter_mut().find(|fault| fault.0 == rule) {
            Some(fault) => fault.3 = fault.3 | Majors::only(major),
            None => faults.push((rule, major, error, Majors::only(major))),
        }
    }
    for (rule, major, error, majors) in faults {
        let majors = counted(node, majors);
        let (what, help) = explain(setting, definition, major, &error);
        let (name, shown) = (setting.name, cx.show(definition.value.span));
        let message = format!("`{name}` is set to `{}`, {what}", unquoted(&shown));
        let label = Label::new(definition.value.span, label(&error));
        let finding = Finding::new(rule, Subject::Setting(name.to_owned()), majors, label, message).help(help);
        out.push(match replacement(definition, &error) {
            Some((text, safety)) => {
                let edit = edit::value(cx, definition, &text);
                finding.fix(format!("write `{name} = {}`", edit.1), safety, vec![edit])
            }
            None => finding,
        });
    }
}

/// The rule on an error; what cannot be set at all is a matter of the name.
pub(crate) fn rule(error: &ValueError) -> Option<RuleId> {
    match error {
        ValueError::Internal => None,
        ValueError::UnknownUnit { .. } | ValueError::NoUnit => Some(id::CONF_BAD_UNIT),
        ValueError::OutOfRange { .. } | ValueError::IntegerRange => Some(id::CONF_OUT_OF_RANGE),
        _ => Some(id::CONF_BAD_VALUE),
    }
}

fn label(error: &ValueError) -> &'static str {
    match error {
        ValueError::NotBool => "no boolean",
        ValueError::NotInList { .. } => "not one of its words",
        ValueError::NotANumber => "no number",
        ValueError::Fraction => "a fraction",
        ValueError::UnknownUnit { .. } => "no known unit",
        ValueError::NoUnit => "takes no unit",
        ValueError::OutOfRange { .. } | ValueError::IntegerRange => "out of range",
        ValueError::Internal | ValueError::Hook(_) => "refused",
    }
}

/// The text without its single quotes.
pub(crate) fn unquoted(text: &str) -> &str {
    text.strip_prefix('\'').and_then(|text| text.strip_suffix('\'')).unwrap_or(text)
}
