//! Values of settings: read, compared and shown as the server of each major does it.
//!
//! Follows `parse_and_validate_value`, `parse_int`, `parse_real`, `convert_to_base_unit` and `_ShowOption` of guc.c.
//! What a check hook says beyond type and range is in `check_hook`; [`judge`] asks both.

use std::cmp::Ordering;
use std::fmt;

use super::number::{is_space, strtod, strtol};
use super::{check_hook, unit};
use crate::catalog::nearest;
use crate::catalog::settings::{Context, Def, EnumValue, Kind, Setting, Unit};

/// A value that type and range allow.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// `on` or `off`.
    Bool(bool),
    /// The word that the server shows, which is not always the one that was written.
    Enum(&'static str),
    /// A whole number in the setting's base unit.
    Int(i64),
    /// A number in the setting's base unit.
    Real(f64),
    /// The text as written; bytes that are no UTF-8 are replaced.
    String(String),
}

/// Why the server refuses a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ValueError {
    /// The setting is a fact of the server and cannot be set at all.
    Internal,
    /// Not a boolean.
    NotBool,
    /// Not one of the words of an enum.
    NotInList {
        /// The words that the server lists.
        accepted: Vec<&'static str>,
        /// The word that was probably meant.
        nearest: Option<&'static str>,
    },
    /// Not a number, or followed by something else.
    NotANumber,
    /// A fraction, which 10 and 11 do not read for whole numbers.
    Fraction,
    /// A unit that the setting does not know. Units are case-sensitive.
    UnknownUnit {
        /// The units it knows, the largest first.
        accepted: Vec<&'static str>,
        /// The unit that was probably meant.
        nearest: Option<&'static str>,
    },
    /// A unit on a setting without one.
    NoUnit,
    /// Past 2147483647 or below -2147483648 in the base unit.
    IntegerRange,
    /// Outside the range of the setting.
    OutOfRange {
        /// The least value, with its unit.
        min: String,
        /// The greatest value, with its unit.
        max: String,
    },
    /// The check hook refuses it, for this reason.
    Hook(String),
}

/// Reads a value by the setting's type and range on `major`.
///
/// # Errors
/// What the server would refuse, without the check hook's part; see [`judge`].
pub fn parse(def: &Def, text: &[u8], major: u8) -> Result<Value, ValueError> {
    match def.kind {
        Kind::Bool => parse_bool(text).map(Value::Bool).ok_or(ValueError::NotBool),
        Kind::Enum(words) => parse_enum(words, text),
        Kind::Int { min, max, unit } => {
            let value = parse_int(text, unit, major)?;
            if (i64::from(min)..=i64::from(max)).contains(&value) {
                Ok(Value::Int(value))
            } else {
                Err(out_of_range(f64::from(min), f64::from(max), unit))
            }
        }
        Kind::Real { min, max, unit } => {
            let value = parse_real(text, unit, major)?;
            if value < min || value > max { Err(out_of_range(min, max, unit)) } else { Ok(Value::Real(value)) }
        }
        Kind::String => Ok(Value::String(String::from_utf8_lossy(text).into_owned())),
    }
}

/// Whether `major` takes the value for the setting when it starts; `None` where it does not know the setting. What
/// depends on the machine, the build or the database counts as taken.
#[must_use]
pub fn judge(setting: &Setting, text: &[u8], major: u8) -> Option<Result<Value, ValueError>> {
    let def = setting.on(major)?;
    if def.context == Context::Internal {
        return Some(Err(ValueError::Internal));
    }
    Some(parse(def, text, major).and_then(|value| match check_hook::check(setting, &value, text, major) {
        check_hook::Verdict::Refused(reason) => Err(ValueError::Hook(reason)),
        check_hook::Verdict::Accepted | check_hook::Verdict::Unknown => Ok(check_hook::adjust(setting, value, major)),
    }))
}

/// The number behind a text such as `60s`, in base units, without regard to the setting's range.
#[must_use]
pub fn quantity(def: &Def, text: &str, major: u8) -> Option<f64> {
    match def.kind {
        Kind::Int { unit, .. } => parse_int(text.as_bytes(), unit, major).ok().map(|value| value as f64),
        Kind::Real { unit, .. } => parse_real(text.as_bytes(), unit, major).ok(),
        Kind::Bool | Kind::Enum(_) | Kind::String => None,
    }
}

impl Value {
    /// The built-in default of a setting.
    #[must_use]
    pub fn default_of(def: &Def, major: u8) -> Self {
        parse(def, def.default.as_bytes(), major).unwrap_or_else(|_| Self::String(def.default.to_owned()))
    }

    /// The number, in base units.
    #[must_use]
    pub fn number(&self) -> Option<f64> {
        match *self {
            Self::Int(value) => Some(value as f64),
            Self::Real(value) => Some(value),
            Self::Bool(_) | Self::Enum(_) | Self::String(_) => None,
        }
    }

    /// Compares two numbers; other values have no order.
    #[must_use]
    pub fn compare(&self, other: &Self) -> Option<Ordering> {
        self.number()?.partial_cmp(&other.number()?)
    }

    /// The value as SHOW prints it: `16MB`, `1min`, `on`.
    #[must_use]
    pub fn show(&self, setting: &Setting, def: &Def, major: u8) -> String {
        match (self, def.kind) {
            (Self::Int(value), Kind::Int { .. }) if setting.is_octal() => format!("{value:04o}"),
            (Self::Int(value), Kind::Int { unit: Some(unit), .. }) => unit::show_int(*value, unit, major),
            (Self::Real(value), Kind::Real { unit: Some(unit), .. }) => unit::show_real(*value, unit),
            _ => self.raw(),
        }
    }

    /// The value as `postgres -C` and `pg_settings.setting` print it: numbers in base units without the unit.
    #[must_use]
    pub fn raw(&self) -> String {
        match self {
            Self::Bool(value) => if *value { "on" } else { "off" }.to_owned(),
            Self::Enum(word) => (*word).to_owned(),
            Self::Int(value) => value.to_string(),
            Self::Real(value) => unit::format_g(*value),
            Self::String(text) => text.clone(),
        }
    }
}

/// `parse_bool_with_len` of bool.c: any beginning of a word that says which one is meant.
pub(crate) fn parse_bool(text: &[u8]) -> Option<bool> {
    let begins = |word: &str, least: usize| {
        text.len() >= least && word.as_bytes().get(..text.len()).is_some_and(|start| start.eq_ignore_ascii_case(text))
    };
    if begins("true", 1) || begins("yes", 1) || begins("on", 2) || text == b"1" {
        Some(true)
    } else if begins("false", 1) || begins("no", 1) || begins("off", 2) || text == b"0" {
        Some(false)
    } else {
        None
    }
}

fn parse_enum(words: &'static [EnumValue], text: &[u8]) -> Result<Value, ValueError> {
    if let Some(word) = words.iter().find(|word| word.name.as_bytes().eq_ignore_ascii_case(text)) {
        return Ok(Value::Enum(word.canonical));
    }
    let accepted: Vec<&str> = words.iter().filter(|word| !word.hidden).map(|word| word.name).collect();
    let text = String::from_utf8_lossy(text).to_ascii_lowercase();
    Err(ValueError::NotInList { nearest: nearest(&text, accepted.iter().copied()), accepted })
}

fn parse_int(text: &[u8], unit: Option<Unit>, major: u8) -> Result<i64, ValueError> {
    if major < 12 {
        return parse_int_before_12(text, unit, major);
    }
    let whole = strtol(text);
    let (mut value, mut end, mut erange) = (whole.value as f64, whole.end, whole.erange);
    if erange || matches!(text.get(end), Some(b'.' | b'e' | b'E')) {
        let real = strtod(text);
        (value, end, erange) = (real.value, real.end, real.erange);
    }
    if end == 0 || erange || value.is_nan() {
        return Err(ValueError::NotANumber);
    }
    if let Some(name) = trailing(text, end) {
        value = unit::to_base(value, name, unit, major)?;
    }
    let value = value.round_ties_even();
    if value > f64::from(i32::MAX) || value < f64::from(i32::MIN) {
        return Err(ValueError::IntegerRange);
    }
    Ok(value as i64)
}

fn parse_int_before_12(text: &[u8], unit: Option<Unit>, major: u8) -> Result<i64, ValueError> {
    let whole = strtol(text);
    if whole.end == 0 {
        return Err(ValueError::NotANumber);
    }
    if whole.erange || i32::try_from(whole.value).is_err() {
        return Err(ValueError::IntegerRange);
    }
    let Some(name) = trailing(text, whole.end) else { return Ok(whole.value) };
    if let Some(b'.' | b'e' | b'E') = name.first() {
        return Err(ValueError::Fraction);
    }
    let value = unit::to_base_before_12(whole.value, name, unit, major)?;
    if i32::try_from(value).is_err() {
        return Err(ValueError::IntegerRange);
    }
    Ok(value)
}

fn parse_real(text: &[u8], unit: Option<Unit>, major: u8) -> Result<f64, ValueError> {
    let real = strtod(text);
    if real.end == 0 || real.erange || real.value.is_nan() {
        return Err(ValueError::NotANumber);
    }
    let Some(name) = trailing(text, real.end) else { return Ok(real.value) };
    if major < 12 {
        return Err(ValueError::NoUnit);
    }
    unit::to_base(real.value, name, unit, major)
}

/// What follows a number, without the blanks before it; `None` where only blanks follow.
fn trailing(text: &[u8], end: usize) -> Option<&[u8]> {
    let rest = text.get(end..)?;
    let blanks = rest.iter().take_while(|&&byte| is_space(byte)).count();
    rest.get(blanks..).filter(|rest| !rest.is_empty())
}

fn out_of_range(min: f64, max: f64, unit: Option<Unit>) -> ValueError {
    let with_unit = |bound: f64| match unit {
        // "8kB" after a number would read as a size, so blocks are shown as the size they are.
        Some(Unit::Block) => format!("{}kB", unit::format_whole(bound * 8.0)),
        Some(unit) => format!("{}{}", unit::format_whole(bound), unit.name()),
        None => unit::format_whole(bound),
    };
    ValueError::OutOfRange { min: with_unit(min), max: with_unit(max) }
}

/// A clause that follows the value: "`x` is ...".
impl fmt::Display for ValueError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let quoted = |words: &[&str]| words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ");
        match self {
            Self::Internal => f.write_str("set by the server alone and cannot be changed"),
            Self::NotBool => f.write_str("not a boolean (`on`, `off`, `true`, `false`, `yes`, `no`, `1`, `0`)"),
            Self::NotInList { accepted, .. } => write!(f, "not one of {}", quoted(accepted)),
            Self::NotANumber => f.write_str("not a number"),
            Self::Fraction => f.write_str("not a whole number, which 10 and 11 insist on"),
            Self::UnknownUnit { accepted, .. } => write!(f, "not in a known unit ({})", quoted(accepted)),
            Self::NoUnit => f.write_str("given with a unit, which the setting does not take"),
            Self::IntegerRange => f.write_str("past the range of integers"),
            Self::OutOfRange { min, max } => write!(f, "outside the range of {min} to {max}"),
            Self::Hook(reason) => f.write_str(reason),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::settings::setting;

    fn refusal(name: &str, text: &str, major: u8) -> ValueError {
        judge(setting(name).unwrap(), text.as_bytes(), major).unwrap().unwrap_err()
    }

    #[test]
    fn refusals_say_what_is_wrong() {
        let memory = || vec!["TB", "GB", "MB", "kB", "B"];
        for (name, text, major, expected) in [
            ("fsync", "2", 18, ValueError::NotBool),
            ("work_mem", "4mb", 18, ValueError::UnknownUnit { accepted: memory(), nearest: Some("MB") }),
            ("work_mem", "4G", 18, ValueError::UnknownUnit { accepted: memory(), nearest: Some("GB") }),
            ("work_mem", "1.5GB", 11, ValueError::Fraction),
            ("work_mem", "lots", 18, ValueError::NotANumber),
            ("work_mem", "9999GB", 18, ValueError::IntegerRange),
            ("max_connections", "10kB", 18, ValueError::NoUnit),
            ("random_page_cost", "1ms", 18, ValueError::NoUnit),
            ("vacuum_cost_delay", "1s", 11, ValueError::OutOfRange { min: "0ms".into(), max: "100ms".into() }),
            ("shared_buffers", "1", 18, ValueError::OutOfRange { min: "128kB".into(), max: "8589934584kB".into() }),
            ("block_size", "8192", 18, ValueError::Internal),
        ] {
            let judged = judge(setting(name).unwrap(), text.as_bytes(), major).unwrap();
            assert_eq!(judged, Err(expected), "{name} = {text}");
        }
        assert_eq!(
            refusal("wal_level", "replika", 18),
            ValueError::NotInList { accepted: vec!["minimal", "replica", "logical"], nearest: Some("replica") }
        );
        assert!(matches!(refusal("recovery_target", "now", 18), ValueError::Hook(_)));
        assert_eq!(judge(setting("io_method").unwrap(), b"worker", 17), None);
    }

    #[test]
    fn messages_are_clauses() {
        assert_eq!(refusal("shared_buffers", "1", 18).to_string(), "outside the range of 128kB to 8589934584kB");
        assert_eq!(refusal("wal_level", "x", 18).to_string(), "not one of `minimal`, `replica`, `logical`");
        assert_eq!(refusal("work_mem", "4mb", 10).to_string(), "not in a known unit (`TB`, `GB`, `MB`, `kB`)");
    }

    #[test]
    fn quantities_compare_across_units() {
        let def = setting("statement_timeout").unwrap().on(18).unwrap();
        assert_eq!(quantity(def, "60s", 18), quantity(def, "1min", 18));
        assert_eq!(quantity(def, "1week", 18), None);
        assert_eq!(Value::Int(3).compare(&Value::Real(2.5)), Some(Ordering::Greater));
        assert_eq!(Value::Bool(true).compare(&Value::Int(1)), None);
    }

    #[test]
    fn every_default_passes_and_shows() {
        for setting in crate::catalog::settings::all() {
            for major in setting.majors().iter() {
                let def = setting.on(major).unwrap();
                assert!(parse(def, def.default.as_bytes(), major).is_ok(), "{} {major}", setting.name);
            }
        }
        let show = |name: &str| {
            let setting = setting(name).unwrap();
            let def = setting.on(18).unwrap();
            Value::default_of(def, 18).show(setting, def, 18)
        };
        assert_eq!(show("shared_buffers"), "128MB");
        assert_eq!(show("log_rotation_age"), "1d");
        assert_eq!(show("autovacuum_vacuum_cost_delay"), "2ms");
        assert_eq!(show("unix_socket_permissions"), "0777");
        assert_eq!(show("wal_buffers"), "-1");
    }

    #[test]
    fn any_bytes_are_judged_without_a_panic() {
        let texts: [&[u8]; 8] =
            [b"", b"\0", b"\xff", b"0x", b"-", b"\"", b"1e99999999999", b"0x.p99999999999999999999"];
        for setting in crate::catalog::settings::all() {
            for text in texts {
                for major in [10, 12, 18, 99] {
                    let _ = judge(setting, text, major);
                }
            }
        }
    }
}
