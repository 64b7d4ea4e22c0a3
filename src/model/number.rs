//! Numbers as the C library reads them: `strtol` with base 0, and `strtod` in the C locale.
//!
//! The server reads numbers with these two, so their quirks (octal, hexadecimal floats, where reading stops) are
//! part of what it accepts. Units and ranges are `value`'s.

/// What was read from the start of a text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Read<T> {
    pub(crate) value: T,
    /// Bytes read, leading blanks included; 0 where there is no number.
    pub(crate) end: usize,
    /// Whether C would set ERANGE: the number is too large, or too close to zero.
    pub(crate) erange: bool,
}

/// A blank of the C locale.
pub(crate) fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | 0x0B | 0x0C | b'\r')
}

/// `strtol(text, &end, 0)` with a 64-bit `long`.
pub(crate) fn strtol(text: &[u8]) -> Read<i64> {
    let (negative, magnitude, end) = magnitude(text);
    let value = if negative { -magnitude } else { magnitude };
    match i64::try_from(value) {
        Ok(value) => Read { value, end, erange: false },
        Err(_) => Read { value: if negative { i64::MIN } else { i64::MAX }, end, erange: true },
    }
}

/// Whether `strtoul(text, &end, 0)` sets ERANGE. A sign does not matter: C negates after reading.
pub(crate) fn strtoul_overflows(text: &[u8]) -> bool {
    magnitude(text).1 > i128::from(u64::MAX)
}

/// Whether there is a minus, the digits' value (or something past 64 bits), and where reading stops.
fn magnitude(text: &[u8]) -> (bool, i128, usize) {
    let (negative, start) = sign(text);
    let rest = text.get(start..).unwrap_or_default();
    let (base, prefix) = match rest {
        [b'0', b'x' | b'X', digit, ..] if digit.is_ascii_hexdigit() => (16, 2),
        [b'0', ..] => (8, 0),
        _ => (10, 0),
    };
    let mut value: i128 = 0;
    let mut end = 0;
    for (at, &byte) in rest.iter().enumerate().skip(prefix) {
        let Some(digit) = char::from(byte).to_digit(base) else { break };
        // Saturating past 64 bits is enough to know that they were left.
        value = (value * i128::from(base) + i128::from(digit)).min(i128::from(u64::MAX) * 2);
        end = start + at + 1;
    }
    (negative, value, end)
}

/// `strtod(text, &end)`.
pub(crate) fn strtod(text: &[u8]) -> Read<f64> {
    let (negative, start) = sign(text);
    let rest = text.get(start..).unwrap_or_default();
    let (value, length, erange) = word(rest).or_else(|| hexadecimal(rest)).unwrap_or_else(|| decimal(rest));
    let end = if length == 0 { 0 } else { start + length };
    Read { value: if negative { -value } else { value }, end, erange }
}

fn sign(text: &[u8]) -> (bool, usize) {
    let blanks = text.iter().take_while(|&&byte| is_space(byte)).count();
    match text.get(blanks) {
        Some(b'-') => (true, blanks + 1),
        Some(b'+') => (false, blanks + 1),
        _ => (false, blanks),
    }
}

/// `inf`, `infinity`, `nan` and `nan(...)` in any case.
fn word(text: &[u8]) -> Option<(f64, usize, bool)> {
    let starts = |word: &[u8]| text.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word));
    if starts(b"infinity") {
        return Some((f64::INFINITY, 8, false));
    }
    if starts(b"inf") {
        return Some((f64::INFINITY, 3, false));
    }
    if !starts(b"nan") {
        return None;
    }
    let inner = match text.get(3..) {
        Some([b'(', rest @ ..]) => {
            rest.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count()
        }
        _ => return Some((f64::NAN, 3, false)),
    };
    let closed = text.get(4 + inner) == Some(&b')');
    Some((f64::NAN, if closed { 5 + inner } else { 3 }, false))
}

fn hexadecimal(text: &[u8]) -> Option<(f64, usize, bool)> {
    let [b'0', b'x' | b'X', ..] = text else { return None };
    let (mut mantissa, mut exponent, mut digits, mut point) = (0_u64, 0_i64, 0_usize, false);
    let mut at = 2;
    while let Some(&byte) = text.get(at) {
        if byte == b'.' && !point {
            point = true;
        } else if let Some(digit) = char::from(byte).to_digit(16) {
            digits += 1;
            if mantissa >> 59 == 0 {
                mantissa = mantissa << 4 | u64::from(digit);
                exponent -= if point { 4 } else { 0 };
            } else {
                // Digits past the precision only matter as "there was something".
                mantissa |= u64::from(digit != 0);
                exponent += if point { 0 } else { 4 };
            }
        } else {
            break;
        }
        at += 1;
    }
    if digits == 0 {
        // A lone `0x` is the number 0, and reading stops at the `x`.
        return Some((0.0, 1, false));
    }
    if let Some(b'p' | b'P') = text.get(at) {
        let (negative, shift) = match text.get(at + 1) {
            Some(b'-') => (true, 2),
            Some(b'+') => (false, 2),
            _ => (false, 1),
        };
        let from = at + shift;
        let count = text.get(from..).unwrap_or_default().iter().take_while(|byte| byte.is_ascii_digit()).count();
        if count > 0 {
            let power = digits_of(text.get(from..from + count).unwrap_or_default());
            exponent = exponent.saturating_add(if negative { -power } else { power });
            at = from + count;
        }
    }
    let power = exponent.clamp(-2200, 2200) as i32;
    // In two steps, because 2^power alone may leave the range although the product does not.
    let value = mantissa as f64 * 2_f64.powi(power / 2) * 2_f64.powi(power - power / 2);
    Some((value, at, value.is_infinite() || (mantissa != 0 && !value.is_normal())))
}

fn digits_of(text: &[u8]) -> i64 {
    text.iter().fold(0_i64, |value, byte| (value * 10 + i64::from(byte.saturating_sub(b'0'))).min(1_000_000))
}

fn decimal(text: &[u8]) -> (f64, usize, bool) {
    let digits = |from: usize| text.get(from..).unwrap_or_default().iter().take_while(|b| b.is_ascii_digit()).count();
    let whole = digits(0);
    let mut end = whole;
    let mut count = whole;
    if text.get(end) == Some(&b'.') {
        let fraction = digits(end + 1);
        count += fraction;
        end += 1 + fraction;
    }
    if count == 0 {
        return (0.0, 0, false);
    }
    if let Some(b'e' | b'E') = text.get(end) {
        let from = end + if let Some(b'+' | b'-') = text.get(end + 1) { 2 } else { 1 };
        let exponent = digits(from);
        if exponent > 0 {
            end = from + exponent;
        }
    }
    let number = text.get(..end).unwrap_or_default();
    let value = str::from_utf8(number).ok().and_then(|number| number.parse::<f64>().ok()).unwrap_or(0.0);
    let zero = number.iter().take_while(|byte| !matches!(byte, b'e' | b'E')).all(|byte| matches!(byte, b'0' | b'.'));
    (value, end, value.is_infinite() || (!zero && !value.is_normal()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strtol_reads_decimal_octal_and_hexadecimal() {
        let read = |text: &str| {
            let read = strtol(text.as_bytes());
            (read.value, read.end)
        };
        assert_eq!(read("42kB"), (42, 2));
        assert_eq!(read(" \t+42"), (42, 5));
        assert_eq!(read("-0100 "), (-64, 5));
        assert_eq!(read("0x1Fg"), (31, 4));
        assert_eq!(read("0x"), (0, 1));
        assert_eq!(read("0899"), (0, 1));
        assert_eq!(read("- 1"), (0, 0));
        assert_eq!(read(""), (0, 0));
        let large = strtol(b"-99999999999999999999999999999999999999999999999999");
        assert_eq!(large, Read { value: i64::MIN, end: 51, erange: true });
    }

    #[test]
    fn strtod_reads_what_c_reads() {
        for (text, value, end) in [
            ("1.5GB", 1.5, 3),
            (".5", 0.5, 2),
            ("5.", 5.0, 2),
            (".", 0.0, 0),
            ("1e", 1.0, 1),
            ("1e+", 1.0, 1),
            ("1e2x", 100.0, 3),
            (" -1E-2", -0.01, 6),
            ("0x1.8p1", 3.0, 7),
            ("0x1p", 1.0, 3),
            ("0xg", 0.0, 1),
            ("infinit", f64::INFINITY, 3),
            ("-INFINITY", f64::NEG_INFINITY, 9),
        ] {
            assert_eq!(strtod(text.as_bytes()), Read { value, end, erange: false }, "{text}");
        }
        assert!(strtod(b"1e400").erange && strtod(b"1e-400").erange && !strtod(b"0e-400").erange);
        assert_eq!(strtod(b"nan(x_1)s").end, 8);
        assert_eq!(strtod(b"nan(x").end, 3);
    }
}
