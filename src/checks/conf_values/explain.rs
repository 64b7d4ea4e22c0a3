//! What is wrong with a value, and what to write instead.

use crate::catalog::nearest;
use crate::catalog::settings::{Kind, Setting, Unit};
use crate::finding::Safety;
use crate::model::Definition;
use crate::model::value::{self, Value, ValueError};

/// What is wrong, as a clause that follows the value, and what to do.
pub(crate) fn explain(setting: &Setting, definition: &Definition, major: u8, error: &ValueError) -> (String, String) {
    let words = |words: &[&str]| words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ");
    let text = std::str::from_utf8(&definition.text).unwrap_or_default();
    match error {
        ValueError::NotInList { accepted, .. } if let Some(word) = meant(setting.name, text) => {
            let help = format!("write `{word}`, which is what it meant up to 13; it takes {}", words(accepted));
            ("which is none of its values".to_owned(), help)
        }
        ValueError::Hook(reason) if let Some(word) = meant(setting.name, text) => {
            (format!("which is {reason}"), format!("write `{word}`, which is what it meant up to 17"))
        }
        ValueError::NotBool => ("which is not a boolean".to_owned(), "write `on` or `off`".to_owned()),
        ValueError::NotInList { accepted, nearest } => {
            let meant = nearest.map(|word| format!("did you mean `{word}`? ")).unwrap_or_default();
            ("which is none of its values".to_owned(), format!("{meant}it takes {}", words(accepted)))
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
        ValueError::OutOfRange { min, max } => out_of_range(setting, definition, major, min, max),
        ValueError::Internal => ("but only the server sets it".to_owned(), "remove the line".to_owned()),
        ValueError::Hook(reason) => (format!("which is {reason}"), "write a value that the server takes".to_owned()),
    }
}

/// What to write in place of a value, where no line of a file is at hand.
pub(crate) fn instead(error: &ValueError) -> String {
    let words = |words: &[&str]| words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ");
    match error {
        ValueError::NotBool => "write `on` or `off`".to_owned(),
        ValueError::NotInList { accepted, nearest } => {
            let meant = nearest.map(|word| format!("did you mean `{word}`? ")).unwrap_or_default();
            format!("{meant}it takes {}", words(accepted))
        }
        ValueError::NotANumber => "write a number".to_owned(),
        ValueError::Fraction => "write a whole number in a smaller unit".to_owned(),
        ValueError::UnknownUnit { accepted, .. } => format!("its units are {}", words(accepted)),
        ValueError::NoUnit => "write the number alone".to_owned(),
        ValueError::IntegerRange => "write a smaller number".to_owned(),
        ValueError::OutOfRange { min, max } => format!("write a value from {min} to {max}"),
        ValueError::Internal => "remove the statement".to_owned(),
        ValueError::Hook(_) => "write a value that the server takes".to_owned(),
    }
}

/// Which bound the number is beyond, and what to write; `min` and `max` are the bounds with their units.
fn out_of_range(setting: &Setting, definition: &Definition, major: u8, min: &str, max: &str) -> (String, String) {
    let text = std::str::from_utf8(&definition.text).unwrap_or_default().trim();
    let def = setting.on(major);
    let (least, greatest, unit) = match def.map(|def| def.kind) {
        Some(Kind::Int { min, max, unit }) => (f64::from(min), f64::from(max), unit),
        Some(Kind::Real { min, max, unit }) => (min, max, unit),
        _ => (0.0, 0.0, None),
    };
    let (min, max) = match def {
        Some(def) if setting.is_octal() => {
            let mode = |bound: f64| Value::Int(bound as i64).show(setting, def, major);
            (mode(least), mode(greatest))
        }
        _ => (min.to_owned(), max.to_owned()),
    };
    let below = def.and_then(|def| value::quantity(def, text, major)).is_some_and(|number| number < least);
    let what =
        if below { format!("below its least value of {min}") } else { format!("above its greatest value of {max}") };
    // Bounds that only the type sets say nothing to people.
    let bounded = greatest.abs() < 2f64.powi(30);
    let bounds = if bounded || !below { format!("a value from {min} to {max}") } else { format!("at least {min}") };
    let help = match (text.parse::<i64>(), unit) {
        (Ok(mode), _) if setting.is_octal() && mode > 0 => format!("file modes are octal: write `0{mode}`"),
        (Ok(number), Some(unit)) => {
            let unit = if unit == Unit::Block { "pages of 8kB" } else { unit.name() };
            format!("without a unit `{number}` counts in {unit}; write {bounds} with its unit")
        }
        _ => format!("write {bounds}"),
    };
    (what, help)
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

/// What a value meant to older majors, where a newer one takes another word for it: `password_encryption` was a Boolean up to
/// 9.6, whose `on` 10 to 13 read as `md5`; `log_connections` was one up to 17, of which 18 takes whole words only.
pub(crate) fn meant(name: &str, text: &str) -> Option<&'static str> {
    let text = text.to_ascii_lowercase();
    match name {
        "password_encryption" => matches!(text.as_str(), "on" | "true" | "yes" | "1").then_some("md5"),
        "log_connections" => value::parse_bool(text.as_bytes()).map(|on| if on { "on" } else { "off" }),
        _ => None,
    }
}

/// The boolean that a word was meant for.
fn switch(text: &str) -> Option<&'static str> {
    let lower = text.trim().to_ascii_lowercase();
    match lower.as_str() {
        "enable" | "enabled" | "active" => Some("on"),
        "disable" | "disabled" | "none" | "never" => Some("off"),
        lower => {
            let known = ["on", "true", "yes", "off", "false", "no"];
            let near = nearest(lower, known.into_iter().filter(|word| word.len() > 2))?;
            Some(if ["true", "yes"].contains(&near) { "on" } else { "off" })
        }
    }
}

/// The value that mends it, where one is likely.
pub(super) fn replacement(definition: &Definition, error: &ValueError) -> Option<(String, Safety)> {
    let text = std::str::from_utf8(&definition.text).unwrap_or_default();
    if let Some(word) = meant(&definition.name, text) {
        return Some((word.to_owned(), Safety::Safe));
    }
    match error {
        ValueError::UnknownUnit { .. } => Some((unit_meant(definition, error)?, Safety::Safe)),
        ValueError::NotInList { nearest: Some(word), .. } => Some(((*word).to_owned(), Safety::Unsafe)),
        ValueError::NotBool => Some((switch(text)?.to_owned(), Safety::Unsafe)),
        _ => None,
    }
}
