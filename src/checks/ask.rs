//! What checks of settings ask of a node, and the findings they make of the answers.
//!
//! Knows no rule. A value that is computed or may be set elsewhere has no answer, so no check fires on a guess.

use crate::catalog::{self, Majors};
use crate::checks::edit;
use crate::finding::{Finding, Label, Subject};
use crate::model::value::Value;
use crate::model::{Effective, Node};
use crate::rule::{Context, RuleId, Sink};

/// The majors that count: where nothing says which major is meant, a fault of old majors that the newest one does not
/// share is no fault.
pub(crate) fn counted(node: &Node, at_fault: Majors) -> Majors {
    let unsaid = !node.targets.said && node.targets.without_settings.is_untold();
    let newest = node.targets.majors.last().is_none_or(|newest| at_fault.contains(newest));
    if unsaid && !newest { Majors::NONE } else { at_fault }
}

/// The target majors of the rule on which `holds`, as far as they count.
pub(crate) fn majors(node: &Node, rule: RuleId, holds: impl Fn(u8) -> bool) -> Majors {
    let judged = node.targets.majors & rule.meta().majors;
    counted(node, judged.iter().filter(|&major| holds(major)).collect())
}

/// The value of a setting, where it is known.
pub(crate) fn value(node: &Node, name: &str, major: u8) -> Option<Value> {
    node.settings.effective(name, major).value().cloned()
}

/// A whole number, in the base unit.
pub(crate) fn int(node: &Node, name: &str, major: u8) -> Option<i64> {
    match value(node, name, major)? {
        Value::Int(number) => Some(number),
        _ => None,
    }
}

/// A text, or the word of an enum.
pub(crate) fn text(node: &Node, name: &str, major: u8) -> Option<String> {
    match value(node, name, major)? {
        Value::String(text) => Some(text),
        Value::Enum(word) => Some(word.to_owned()),
        _ => None,
    }
}

/// Whether a boolean is known to be on, or an enum with such words known not to be off.
pub(crate) fn is_on(node: &Node, name: &str, major: u8) -> bool {
    match value(node, name, major) {
        Some(Value::Bool(value)) => value,
        Some(Value::Enum(word)) => word != "off",
        _ => false,
    }
}

/// Whether a boolean or enum is known to be off.
pub(crate) fn is_off(node: &Node, name: &str, major: u8) -> bool {
    matches!(value(node, name, major), Some(Value::Bool(false) | Value::Enum("off")))
}

/// Whether a text is known to be empty. A setting that the major does not have is.
pub(crate) fn is_empty(node: &Node, name: &str, major: u8) -> bool {
    match node.settings.effective(name, major) {
        Effective::Absent => true,
        Effective::Known(Value::String(text), _) => text.trim().is_empty(),
        _ => false,
    }
}

/// The items of a list of names, such as libraries, where the list is known.
pub(crate) fn list(node: &Node, name: &str, major: u8) -> Option<Vec<String>> {
    Some(text(node, name, major)?.split(',').map(|item| item.trim().trim_matches('"').to_owned()).collect())
}

/// The words of a list such as `log_destination` in lower case, in which the server compares them; none where the list
/// is empty.
pub(crate) fn words(node: &Node, name: &str, major: u8) -> Option<Vec<String>> {
    let items = list(node, name, major)?.into_iter().map(|item| item.to_ascii_lowercase());
    Some(items.filter(|item| !item.is_empty()).collect())
}

const DEFAULT: &str = ", the default";

/// The value as SHOW prints it, with a word where it is the default: `10, the default`.
pub(crate) fn shown(node: &Node, name: &str, major: u8) -> String {
    let Some((setting, def)) = catalog::setting(name).and_then(|setting| Some((setting, setting.on(major)?))) else {
        return String::new();
    };
    let Some(value) = value(node, name, major) else { return String::new() };
    let shown =
        Some(value.show(setting, def, major)).filter(|shown| !shown.is_empty()).unwrap_or_else(|| "empty".to_owned());
    if node.settings.winner(name).is_some() { shown } else { format!("{shown}{DEFAULT}") }
}

/// The value as [`shown`] gives it, in backticks: `` `10`, the default``.
pub(crate) fn quoted(node: &Node, name: &str, major: u8) -> String {
    let shown = shown(node, name, major);
    let (value, rest) = shown.strip_suffix(DEFAULT).map_or((shown.as_str(), ""), |value| (value, DEFAULT));
    if ["", "empty"].contains(&value) { shown } else { format!("`{value}`{rest}") }
}

/// A finding on a combination of settings: at the first of them that the files set, with the others that they set
/// beside it. The texts of the labels come with the names.
pub(crate) fn finding(
    node: &Node,
    rule: RuleId,
    majors: Majors,
    places: &[(&str, &str)],
    message: String,
) -> Option<Finding> {
    let mut set = places.iter().filter_map(|&(name, text)| Some((name, node.settings.winner(name)?.span, text)));
    let Some((name, span, text)) = set.next() else {
        let &(name, text) = places.first()?;
        let primary = Label::absent(node.settings.root?, text);
        return Some(Finding::new(rule, Subject::Setting(name.to_owned()), majors, primary, message));
    };
    let finding = Finding::new(rule, Subject::Setting(name.to_owned()), majors, Label::new(span, text), message);
    Some(set.fold(finding, |finding, (_, span, text)| finding.related(span, text)))
}

/// Raises a finding on a combination of settings, if it holds anywhere.
pub(crate) fn push(
    node: &Node,
    rule: RuleId,
    majors: Majors,
    places: &[(&str, &str)],
    message: impl Into<String>,
    help: &str,
    out: &mut Sink<'_>,
) {
    if !majors.is_empty()
        && let Some(finding) = finding(node, rule, majors, places, message.into())
    {
        out.push(finding.help(help));
    }
}

/// The same with a fix that gives settings these values.
pub(crate) fn push_set(
    (cx, node): (&Context<'_>, &Node),
    (rule, majors): (RuleId, Majors),
    places: &[(&str, &str)],
    message: impl Into<String>,
    help: &str,
    values: &[(&str, &str)],
    out: &mut Sink<'_>,
) {
    if !majors.is_empty()
        && let Some(finding) = finding(node, rule, majors, places, message.into())
    {
        out.push(edit::set(cx, node, finding.help(help), values));
    }
}
