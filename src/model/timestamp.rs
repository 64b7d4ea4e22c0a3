//! `recovery_target_time`: what is certainly no timestamp.
//!
//! PostgreSQL reads dates in many forms; only ISO dates are judged here field by field, everything else that has a
//! digit passes unseen.

use super::check_hook::Verdict;

/// `check_recovery_target_time`.
pub(super) fn recovery_target_time(text: &[u8]) -> Verdict {
    if text.is_empty() {
        return Verdict::Accepted;
    }
    // The hook compares these with strcmp, so that `NOW` or `now ` slips through and means the moment of reading.
    const MOVING: [&[u8]; 4] = [b"now", b"today", b"tomorrow", b"yesterday"];
    let mut words = text.split(|byte| !byte.is_ascii_alphabetic());
    let moving = |word: &[u8]| MOVING.iter().any(|moving| moving.eq_ignore_ascii_case(word));
    let slips_through = !MOVING.contains(&text) && words.any(moving);
    // No other bare word is a point in time.
    if !slips_through && !text.iter().any(u8::is_ascii_digit) {
        return Verdict::Refused("not a point in time".to_owned());
    }
    if !slips_through && lacks_date(text) {
        return Verdict::Refused("not a point in time".to_owned());
    }
    match iso(text) {
        Some(true) => Verdict::Accepted,
        Some(false) => Verdict::Refused("not a point in time: a field is out of range".to_owned()),
        None => Verdict::Unknown,
    }
}

/// Whether the text has too few digits for a day of a year. A Julian day (`J0`) needs one, a date with a month's name two,
/// and a date of numbers six in one or two groups, else one in each of three.
fn lacks_date(text: &[u8]) -> bool {
    const MONTHS: [&[u8]; 12] =
        [b"jan", b"feb", b"mar", b"apr", b"may", b"jun", b"jul", b"aug", b"sep", b"oct", b"nov", b"dec"];
    let digits = text.iter().filter(|byte| byte.is_ascii_digit()).count();
    let groups = text.split(|byte| !byte.is_ascii_digit()).filter(|group| !group.is_empty()).count();
    let julian = text.iter().any(|byte| byte.eq_ignore_ascii_case(&b'j'));
    let month = text.windows(3).any(|part| MONTHS.iter().any(|month| part.eq_ignore_ascii_case(month)));
    match (julian, month) {
        (true, _) => false,
        (_, true) => digits < 2,
        _ => groups < 3 && digits < 6,
    }
}

/// `YYYY-MM-DD`, alone or followed by a blank or `T` and `HH:MM[:SS[.fraction]]`: whether its fields are in range.
fn iso(text: &[u8]) -> Option<bool> {
    let number = |from: usize, length: usize| -> Option<u32> {
        let digits = text.get(from..from + length)?;
        digits.iter().try_fold(0, |value, byte| byte.is_ascii_digit().then(|| value * 10 + u32::from(byte - b'0')))
    };
    let at = |at: usize| text.get(at).copied();
    if (at(4), at(7)) != (Some(b'-'), Some(b'-')) {
        return None;
    }
    let (year, month, day) = (number(0, 4)?, number(5, 2)?, number(8, 2)?);
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    let date = year > 0 && (1..=12).contains(&month) && (1..=days).contains(&day);
    if at(10).is_none() {
        return Some(date);
    }
    if !matches!(at(10), Some(b' ' | b'T')) || at(13) != Some(b':') {
        return None;
    }
    let (hour, minute) = (number(11, 2)?, number(14, 2)?);
    let (second, rest) = match at(16) {
        Some(b':') => (number(17, 2)?, 19),
        _ => (0, 16),
    };
    let fraction = match at(rest) {
        Some(b'.') => 1 + text.get(rest + 1..)?.iter().take_while(|byte| byte.is_ascii_digit()).count(),
        _ => 0,
    };
    // A time zone or something else follows: the machine's tables decide.
    if rest + fraction != text.len() {
        return None;
    }
    let midnight = hour == 24 && minute == 0 && second == 0;
    Some(date && minute < 60 && second <= 60 && (hour < 24 || midnight))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn judges_iso_dates_only() {
        for (text, verdict) in [
            ("2024-02-29 12:00:00", Some(true)),
            ("2023-02-29", Some(false)),
            ("2023-12-31T23:59:60.5", Some(true)),
            ("2023-12-31 25:00", Some(false)),
            ("2023-12-31 12:00+02", None),
            ("31.12.2023", None),
        ] {
            assert_eq!(iso(text.as_bytes()), verdict, "{text}");
        }
        assert!(matches!(recovery_target_time(b"yesterday"), Verdict::Refused(_)));
        assert_eq!(recovery_target_time(b"Yesterday"), Verdict::Unknown);
        assert!(matches!(recovery_target_time(b"todayo"), Verdict::Refused(_)));
    }
}
