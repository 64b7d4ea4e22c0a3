//! Values that the server refuses: by type, by range, by unit and by its own checks, on each target major.
//!
//! Settings of modules are the business of `conf_extensions`.

use crate::catalog::settings::{Kind, Setting};
use crate::catalog::{Majors, nearest};
use crate::checks::ask::counted;
use crate::checks::conf_text;
use crate::finding::{Finding, Label, Safety, Subject};
use crate::model::value::{self, ValueError};
use crate::model::{Definition, Node};
use crate::rule::{Context, RuleId, Sink, id};

pub(crate) fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for node in &cx.cluster.nodes {
        for definition in &node.settings.definitions {
            // The server does not even look at what a later line of the very same name overrides.
            let judged = !definition.unread && !definition.value.dynamic && !conf_text::in_value(cx, definition);
            if let Some(setting) = definition.setting.filter(|setting| judged && setting.library.is_none()) {
                judge(cx, node, definition, setting, out);
            }
        }
    }
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
                finding.fix(format!("write `{name} = {text}`"), safety, vec![(definition.value.span, text)])
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

/// What is wrong, as a clause that follows the value, and what to do.
pub(crate) fn explain(setting: &Setting, definition: &Definition, major: u8, error: &ValueError) -> (String, String) {
    let words = |words: &[&str]| words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ");
    match error {
        ValueError::NotBool => ("which is not a boolean".to_owned(), "write `on` or `off`".to_owned()),
        ValueError::NotInList { accepted, nearest } => {
            let meant = nearest.map(|word| format!("did you mean `{word}`? ")).unwrap_or_default();
            ("which it does not know".to_owned(), format!("{meant}it takes {}", words(accepted)))
        }
        ValueError::NotANumber => ("which is not a number".to_owned(), "write a number".to_owned()),
        ValueError::Fraction => {
            ("a fraction, which 10 and 11 do not read".to_owned(), "write a whole number in a smaller unit".to_owned())
        }
        ValueError::UnknownUnit { accepted, .. } => {
            let meant = unit_meant(definition, error).map(|text| format!("write `{text}`; ")).unwrap_or_default();
            ("in a unit that the server does not know".to_owned(), format!("{meant}it takes {}", words(accepted)))
        }
        ValueError::NoUnit => ("but it takes no unit".to_owned(), "write the number alone".to_owned()),
        ValueError::IntegerRange => {
            ("which is past the range of integers".to_owned(), "write a smaller number".to_owned())
        }
        ValueError::OutOfRange { min, max } => {
            let bare = std::str::from_utf8(&definition.text).ok().and_then(|text| text.trim().parse::<i64>().ok());
            let unit = match setting.on(major).map(|def| def.kind) {
                Some(Kind::Int { unit, .. } | Kind::Real { unit, .. }) => unit,
                _ => None,
            };
            let help = match (bare, unit) {
                (Some(mode), _) if setting.is_octal() && mode > 0 => format!("file modes are octal: write `0{mode}`"),
                (Some(number), Some(unit)) => format!(
                    "without a unit `{number}` counts in units of {}; write a value from {min} to {max} with its unit",
                    unit.name()
                ),
                _ => format!("write a value from {min} to {max}"),
            };
            (format!("outside of its range of {min} to {max}"), help)
        }
        ValueError::Internal => ("but only the server sets it".to_owned(), "remove the line".to_owned()),
        ValueError::Hook(reason) => {
            (format!("which the server refuses: {reason}"), "write a value that the server takes".to_owned())
        }
    }
}

/// The value in the unit that was probably meant.
fn unit_meant(definition: &Definition, error: &ValueError) -> Option<String> {
    let ValueError::UnknownUnit { accepted, nearest: near } = error else { return None };
    let text = std::str::from_utf8(&definition.text).ok()?.trim();
    let at = text.find(|character: char| character.is_ascii_alphabetic())?;
    let (number, written) = text.split_at_checked(at)?;
    let memory = accepted.contains(&"kB");
    let lower = written.to_ascii_lowercase();
    let meant = match lower.as_str() {
        "k" | "kb" | "kib" if memory => Some("kB"),
        "m" | "mb" | "mib" if memory => Some("MB"),
        "g" | "gb" | "gib" if memory => Some("GB"),
        "t" | "tb" | "tib" if memory => Some("TB"),
        "sec" | "secs" | "second" | "seconds" if !memory => Some("s"),
        "m" | "mn" | "mins" | "minute" | "minutes" if !memory => Some("min"),
        "hr" | "hrs" | "hour" | "hours" if !memory => Some("h"),
        "day" | "days" if !memory => Some("d"),
        "msec" | "millis" | "milliseconds" if !memory => Some("ms"),
        lower => (*near).or_else(|| nearest(lower, accepted.iter().copied())),
    };
    Some(format!("{}{}", number.trim(), meant?))
}

/// The value that mends it, where one is likely.
fn replacement(definition: &Definition, error: &ValueError) -> Option<(String, Safety)> {
    match error {
        ValueError::UnknownUnit { .. } => Some((format!("'{}'", unit_meant(definition, error)?), Safety::Safe)),
        ValueError::NotInList { nearest: Some(word), .. } => Some((format!("'{word}'"), Safety::Unsafe)),
        _ => None,
    }
}

/// The text without its single quotes.
pub(crate) fn unquoted(text: &str) -> &str {
    text.strip_prefix('\'').and_then(|text| text.strip_suffix('\'')).unwrap_or(text)
}
