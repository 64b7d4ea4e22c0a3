//! The interpreter of declarative checks.
//!
//! Values are compared as the server compares them: by type, in base units, on every target major.

use crate::catalog::{self, Majors};
use crate::finding::{Finding, Label, Safety, Subject};
use crate::model::value::{self, Value};
use crate::model::{Definition, Effective, Node};
use crate::rule::{Context, Declarative, Looked, Operator, RuleId, Sink};

/// Runs one declarative check over the cluster.
pub(crate) fn check(rule: RuleId, check: &Declarative, cx: &Context<'_>, out: &mut Sink<'_>) {
    match check.looked {
        Looked::Setting(name) => {
            for node in &cx.cluster.nodes {
                setting(rule, check, name, node, cx, out);
            }
        }
        Looked::Hba(field) => hba(rule, check, field, cx, out),
        Looked::Conninfo(keyword) => conninfo(rule, check, keyword, cx, out),
        Looked::SqlOption(option) => sql_option(rule, check, option, cx, out),
    }
}

fn setting(rule: RuleId, check: &Declarative, name: &str, node: &Node, cx: &Context<'_>, out: &mut Sink<'_>) {
    let among = node.targets.majors & rule.meta().majors;
    let applies = |major| check.when.as_ref().is_none_or(|when| is_one_of(node, when.setting, when.is, major));
    // The same definition, or the default, on all majors on which it is at fault.
    let mut at_fault = Majors::NONE;
    let mut shown = String::new();
    let mut place: Option<&Definition> = None;
    for major in among.iter() {
        if let Effective::Known(value, definition) = node.settings.effective(name, major)
            && (definition.is_some() || check.when_unset)
            && !satisfies(check.operator_on(name, major), &value)
            && applies(major)
        {
            if at_fault.is_empty() {
                shown = definition.map_or_else(
                    || catalog::setting(name).and_then(|setting| setting.on(major)).map(|def| value::show(&value, def)).unwrap_or_default(),
                    |definition| cx.show(definition.value.span),
                );
                place = definition;
            }
            at_fault = at_fault | Majors::only(major);
        }
    }
    if at_fault.is_empty() {
        return;
    }
    let primary = match (place, node.settings.root) {
        (Some(definition), _) => Label::new(definition.span, check.label),
        (None, Some(root)) => Label::absent(root, check.label),
        (None, None) => return,
    };
    let shown = place.map_or_else(|| shown.clone(), |definition| cx.text(&definition.text));
    let mut finding = Finding::new(rule, Subject::Setting(name.to_owned()), at_fault, primary, fill(check.message, name, &shown));
    finding.help = check.help.map(|help| fill(help, name, &shown));
    if let (Some(definition), Some(set)) = (place, check.set) {
        let edit = (definition.value.span, quoted(set));
        finding = finding.fix(format!("set `{name}` to `{set}`"), rule.meta().fix.unwrap_or(Safety::Unsafe), vec![edit]);
    }
    out.push(finding);
}

/// Whether the node's value of a setting is one of `texts`.
fn is_one_of(node: &Node, name: &str, texts: &[&str], major: u8) -> bool {
    let Some(def) = catalog::setting(name).and_then(|setting| setting.on(major)) else { return false };
    let effective = node.settings.effective(name, major);
    effective.value().is_some_and(|value| texts.iter().any(|text| value::parse(def, text.as_bytes(), major).is_ok_and(|wanted| *value == wanted)))
}
