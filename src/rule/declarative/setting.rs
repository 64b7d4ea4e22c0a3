//! Declarative checks of settings. Values are compared as the server compares them: by type, in base units, on every
//! target major.

use crate::catalog::{self, Def, Majors, Setting};
use crate::checks::ask::counted;
use crate::checks::edit;
use crate::finding::{Finding, Label, Safety, Subject};
use crate::model::value::{self, Value};
use crate::model::{Definition, Effective, Node};
use crate::rule::{Context, Declarative, Operator, RuleId, Sink};

/// Judges the setting of one node.
pub(super) fn check(rule: RuleId, check: &Declarative, name: &str, node: &Node, cx: &Context<'_>, out: &mut Sink<'_>) {
    let Some(setting) = catalog::setting(name) else { return };
    if !check.when_unset && node.settings.winner(setting.name).is_none() {
        return;
    }
    // One finding for the definition, or for the default, on all majors on which it is at fault.
    let mut at_fault = Majors::NONE;
    let mut place: Option<&Definition> = None;
    let mut shown = String::new();
    let operator = out.operator(rule, check.operator);
    for major in (node.targets.majors & rule.meta().majors).iter() {
        let Some(def) = setting.on(major) else { continue };
        let Effective::Known(value, definition) = node.settings.effective_of(setting, major) else { continue };
        if definition.is_none() && !check.when_unset
            || check.when.as_ref().is_some_and(|when| !is_one_of(node, when.setting, when.is, major))
            || holds(&operator, &value, setting, def, major)
        {
            continue;
        }
        if at_fault.is_empty() {
            place = definition;
            shown = definition.map_or_else(
                || value.show(setting, def, major),
                |definition| unquoted(&cx.show(definition.value.span)),
            );
        }
        at_fault = at_fault | Majors::only(major);
    }
    // Nothing is at fault where only majors are that nobody said are meant.
    let at_fault = counted(node, at_fault);
    if at_fault.is_empty() {
        return;
    }
    let wanted = operator.wanted();
    let fill = |text: &str| text.replace("{name}", name).replace("{wanted}", &wanted).replace("{value}", &shown);
    let primary = match (place, node.settings.root) {
        (Some(definition), _) => Label::new(definition.span, fill(check.label)),
        (None, Some(root)) => Label::absent(root, fill(check.label)),
        (None, None) => return,
    };
    let mut finding = Finding::new(rule, Subject::Setting(name.to_owned()), at_fault, primary, fill(check.message));
    finding.help = check.help.map(fill);
    // Of several values that would do none is better than the others.
    let several = matches!(operator, Operator::OneOf(_)) && wanted.contains(", ");
    if let Some(set) = check.set.filter(|set| !(several && set.contains("{wanted}"))) {
        let set = fill(set);
        let edit = match place {
            Some(definition) => Some(edit::value(cx, definition, &set)),
            None => edit::added_setting(cx, node, name, &set),
        };
        let safety = rule.meta().fix.unwrap_or(Safety::Unsafe);
        if let Some(edit) = edit {
            let to = if set.is_empty() { "nothing".to_owned() } else { format!("`{set}`") };
            finding = finding.fix(format!("set `{name}` to {to}"), safety, vec![edit]);
        }
    }
    out.push(finding);
}

fn known(name: &str, major: u8) -> Option<(&'static Setting, &'static Def)> {
    let setting = catalog::setting(name)?;
    Some((setting, setting.on(major)?))
}

/// Whether the node's value of a setting is one of `texts`; of a list, whether one of its items is.
pub(super) fn is_one_of(node: &Node, name: &str, texts: &[&str], major: u8) -> bool {
    let Some((setting, def)) = known(name, major) else { return false };
    let effective = node.settings.effective(name, major);
    let is = |value: &Value, text: &str| match value {
        Value::String(list) if setting.is_list() => has(list, text),
        _ => is_equal(value, text, def, major),
    };
    effective.value().is_some_and(|value| texts.iter().any(|text| is(value, text)))
}

/// Whether a list has the item, in any case.
fn has(list: &str, wanted: &str) -> bool {
    list.split(',').any(|item| item.trim().trim_matches('"').eq_ignore_ascii_case(wanted))
}

/// Whether the value is what `text` means for its setting.
fn is_equal(value: &Value, text: &str, def: &Def, major: u8) -> bool {
    value::parse(def, text.as_bytes(), major).is_ok_and(|wanted| *value == wanted)
}

/// Whether the value is as the operator wants it.
fn holds(operator: &Operator<'_>, value: &Value, setting: &Setting, def: &Def, major: u8) -> bool {
    let is = |text: &&str| is_equal(value, text, def, major);
    let listed = |wanted: &str| match value {
        Value::String(text) => has(text, wanted),
        _ => is_equal(value, wanted, def, major),
    };
    match operator {
        Operator::MustBe(text) => is(text),
        Operator::MustNotBe(text) => !is(text),
        Operator::OneOf(texts) => texts.iter().any(|text| is(&text)),
        Operator::NoneOf(texts) => !texts.iter().any(|text| is(&text)),
        Operator::AtLeast(text) => value.number() >= value::quantity(def, text, major),
        Operator::AtMost(text) => value.number() <= value::quantity(def, text, major),
        Operator::Matches(pattern) => {
            regex::Regex::new(pattern).is_ok_and(|pattern| pattern.is_match(&value.show(setting, def, major)))
        }
        Operator::Includes(texts) => texts.iter().all(listed),
        Operator::Excludes(texts) => !texts.iter().any(listed),
        Operator::MustBeSet => !matches!(value, Value::String(text) if text.is_empty()),
    }
}

/// The text without its single quotes.
fn unquoted(text: &str) -> String {
    text.strip_prefix('\'').and_then(|text| text.strip_suffix('\'')).unwrap_or(text).to_owned()
}
