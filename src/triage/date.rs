//! A day of the calendar. Nothing here asks the clock.

use std::fmt;

/// A day, in the Gregorian calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    year: u16,
    month: u8,
    day: u8,
}

impl Date {
    /// A day that exists.
    #[must_use]
    pub fn new(year: u16, month: u8, day: u8) -> Option<Self> {
        let leap = year.is_multiple_of(4) && !year.is_multiple_of(100) || year.is_multiple_of(400);
        let days = match month {
            2 => 28 + u8::from(leap),
            4 | 6 | 9 | 11 => 30,
            1..=12 => 31,
            _ => return None,
        };
        (1..=days).contains(&day).then_some(Self { year, month, day })
    }

    /// The day written as `2027-01-31`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() != 10
            || !text.bytes().enumerate().all(|(at, byte)| match at {
                4 | 7 => byte == b'-',
                _ => byte.is_ascii_digit(),
            })
        {
            return None;
        }
        let mut parts = text.split('-');
        let mut part = || parts.next()?.parse::<u16>().ok();
        let (year, month, day) = (part()?, part()?, part()?);
        Self::new(year, u8::try_from(month).ok()?, u8::try_from(day).ok()?)
    }

    /// The day that is `days` after 1970-01-01.
    #[must_use]
    pub fn from_unix_days(days: u32) -> Option<Self> {
        // Counted in eras of 400 years that start in March, so that the leap day comes last.
        let days = u64::from(days) + 719_468;
        let (era, day) = (days / 146_097, days % 146_097);
        let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
        let day = day - (365 * year + year / 4 - year / 100);
        let month = (5 * day + 2) / 153;
        let day = day - (153 * month + 2) / 5 + 1;
        let month = if month < 10 { month + 3 } else { month - 9 };
        let year = year + era * 400 + u64::from(month <= 2);
        Self::new(u16::try_from(year).ok()?, month as u8, day as u8)
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parses_days_that_exist() {
        for text in ["2027-01-31", "2024-02-29", "2000-02-29", "9999-12-31"] {
            assert_eq!(Date::parse(text).unwrap().to_string(), text);
        }
        for text in [
            "2027-02-29",
            "2100-02-29",
            "2027-13-01",
            "2027-00-01",
            "2027-04-31",
            "2027-1-31",
            "2027/01/31",
            "",
            "2027-01-311",
        ] {
            assert_eq!(Date::parse(text), None, "{text}");
        }
        assert!(Date::parse("2026-12-31") < Date::parse("2027-01-01"));
    }

    #[test]
    fn counts_days_since_1970() {
        for (days, text) in [(0, "1970-01-01"), (59, "1970-03-01"), (11_016, "2000-02-29"), (20_819, "2027-01-01")] {
            assert_eq!(Date::from_unix_days(days).unwrap().to_string(), text);
        }
        let mut last = Date::from_unix_days(0).unwrap();
        for days in 1..200_000 {
            let next = Date::from_unix_days(days).unwrap();
            assert!(next > last);
            last = next;
        }
        assert_eq!(Date::from_unix_days(u32::MAX), None);
    }
}
