//! Units of memory and time: from a text to a setting's base unit and back, as each major converts them.
//!
//! Follows `memory_unit_conversion_table`, `time_unit_conversion_table` and their users in guc.c.

use super::number::is_space;
use super::value::ValueError;
use crate::catalog::nearest;
use crate::catalog::settings::Unit;

/// A unit that may be written: its name, and its size in base units as a fraction.
type Row = (&'static str, i64, i64);

const K: i64 = 1024;

/// The units of a base unit, the largest first.
const fn rows(unit: Unit) -> &'static [Row] {
    match unit {
        Unit::Byte => &[("TB", K * K * K * K, 1), ("GB", K * K * K, 1), ("MB", K * K, 1), ("kB", K, 1), ("B", 1, 1)],
        Unit::Kilobyte => &[("TB", K * K * K, 1), ("GB", K * K, 1), ("MB", K, 1), ("kB", 1, 1), ("B", 1, K)],
        Unit::Megabyte => &[("TB", K * K, 1), ("GB", K, 1), ("MB", 1, 1), ("kB", 1, K), ("B", 1, K * K)],
        Unit::Block => {
            &[("TB", K * K * K / 8, 1), ("GB", K * K / 8, 1), ("MB", K / 8, 1), ("kB", 1, 8), ("B", 1, 8 * K)]
        }
        Unit::Millisecond => &[
            ("d", 86_400_000, 1),
            ("h", 3_600_000, 1),
            ("min", 60_000, 1),
            ("s", 1000, 1),
            ("ms", 1, 1),
            ("us", 1, 1000),
        ],
        Unit::Second => {
            &[("d", 86_400, 1), ("h", 3600, 1), ("min", 60, 1), ("s", 1, 1), ("ms", 1, 1000), ("us", 1, 1_000_000)]
        }
        Unit::Minute => {
            &[("d", 1440, 1), ("h", 60, 1), ("min", 1, 1), ("s", 1, 60), ("ms", 1, 60_000), ("us", 1, 60_000_000)]
        }
    }
}

/// The units that a major knows: `B` came with 11, `us` with 12.
fn known(unit: Unit, major: u8) -> &'static [Row] {
    let rows = rows(unit);
    let without_last = rows.split_last().map_or(rows, |(_, rest)| rest);
    if (unit.is_time() && major < 12) || major < 11 { without_last } else { rows }
}

/// Converts a number with a unit from 12 on. A fraction is first rounded to the next smaller unit.
pub(super) fn to_base(value: f64, text: &[u8], unit: Option<Unit>, major: u8) -> Result<f64, ValueError> {
    let (rows, at) = find(text, unit, major)?;
    let size = |row: &Row| row.1 as f64 / row.2 as f64;
    let (Some(row), next) = (rows.get(at), rows.get(at + 1)) else { return Ok(value) };
    let value = value * size(row);
    Ok(next.map_or(value, |next| (value / size(next)).round_ties_even() * size(next)))
}

/// Converts a whole number with a unit as 10 and 11 do: by integer division where the unit is the smaller one.
pub(super) fn to_base_before_12(value: i64, text: &[u8], unit: Option<Unit>, major: u8) -> Result<i64, ValueError> {
    let (rows, at) = find(text, unit, major)?;
    let Some(&(_, factor, divisor)) = rows.get(at) else { return Ok(value) };
    Ok(if divisor > 1 { value / divisor } else { value.wrapping_mul(factor) })
}

fn find(text: &[u8], unit: Option<Unit>, major: u8) -> Result<(&'static [Row], usize), ValueError> {
    let Some(unit) = unit else {
        let looks_like_unit = text.first().is_some_and(u8::is_ascii_alphabetic);
        return Err(if looks_like_unit { ValueError::NoUnit } else { ValueError::NotANumber });
    };
    let rows = known(unit, major);
    let length = text.iter().take_while(|&&byte| !is_space(byte)).count();
    let (name, after) = text.split_at(length);
    let only_blanks = after.iter().all(|&byte| is_space(byte));
    if let Some(at) = rows.iter().position(|row| only_blanks && row.0.as_bytes() == name) {
        return Ok((rows, at));
    }
    let accepted: Vec<&str> = rows.iter().map(|row| row.0).collect();
    Err(ValueError::UnknownUnit { nearest: meant(name, &accepted), accepted })
}

/// The unit that somebody meant who took case or a customary short form for granted.
fn meant(name: &[u8], accepted: &[&'static str]) -> Option<&'static str> {
    let name = str::from_utf8(name).ok()?.to_ascii_lowercase();
    let customary = match name.as_str() {
        "k" | "kib" => "kB",
        "m" | "mib" => "MB",
        "g" | "gib" => "GB",
        "t" | "tib" => "TB",
        "byte" | "bytes" => "B",
        "sec" | "secs" | "second" | "seconds" => "s",
        "mins" | "minute" | "minutes" => "min",
        "hr" | "hrs" | "hour" | "hours" => "h",
        "day" | "days" => "d",
        "msec" | "millisecond" | "milliseconds" => "ms",
        other => other,
    };
    let same = accepted.iter().find(|unit| unit.eq_ignore_ascii_case(customary));
    same.copied().or_else(|| nearest(&name, accepted.iter().copied()))
}

/// A whole number with the largest unit that divides it.
pub(super) fn show_int(value: i64, unit: Unit, major: u8) -> String {
    if value <= 0 {
        return value.to_string();
    }
    for &(name, factor, divisor) in known(unit, major) {
        if divisor > 1 || factor == 1 || value % factor == 0 {
            return format!("{}{name}", value * divisor / factor);
        }
    }
    value.to_string()
}

/// A number with the largest unit in which it is a whole one, else with the smallest.
pub(super) fn show_real(value: f64, unit: Unit) -> String {
    if value <= 0.0 || value.is_nan() {
        return format_g(value);
    }
    let mut shown = format_g(value);
    for &(name, factor, divisor) in rows(unit) {
        let converted = value / (factor as f64 / divisor as f64);
        shown = format!("{}{name}", format_g(converted));
        if converted > 0.0 && (converted.round_ties_even() / converted - 1.0).abs() <= 1e-8 {
            break;
        }
    }
    shown
}

/// C's `%g`.
pub(super) fn format_g(value: f64) -> String {
    if !value.is_finite() {
        return if value.is_nan() {
            "NaN"
        } else if value > 0.0 {
            "Infinity"
        } else {
            "-Infinity"
        }
        .to_owned();
    }
    let scientific = format!("{value:.5e}");
    let Some((mantissa, exponent)) = scientific.split_once('e') else { return scientific };
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let trim = |text: &str| match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text.to_owned(),
    };
    if (-4..6).contains(&exponent) {
        let decimals = usize::try_from(5 - exponent).unwrap_or(0);
        trim(&format!("{value:.decimals$}"))
    } else {
        let sign = if exponent < 0 { '-' } else { '+' };
        format!("{}e{sign}{:02}", trim(mantissa), exponent.abs())
    }
}

/// A bound of a range: without an exponent where that is readable.
pub(super) fn format_whole(value: f64) -> String {
    if value.fract() == 0.0 && value.abs() < 1e15 { format!("{value:.0}") } else { format_g(value) }
}
