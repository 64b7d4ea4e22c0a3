//! The values of recovery.conf, tried on servers of 10 and 11.

use crate::catalog;
use crate::model::value::{self, ValueError};

/// What is wrong with a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// The server does not start; why, as a clause.
    Refused(&'static str),
    /// A timeline that is no number: `strtoul` gives 0, which stands for `latest`.
    Latest,
}

/// What 10 and 11 make of a value, if it is not what it seems. Timelines and transaction ids are read by `strtoul`,
/// which takes anything.
pub(super) fn judge(name: &str, text: &[u8], major: u8) -> Option<Fault> {
    let refuse = |bad: bool, reason: &'static str| bad.then_some(Fault::Refused(reason));
    match name {
        "standby_mode" | "recovery_target_inclusive" => refuse(value::parse_bool(text).is_none(), "no boolean"),
        "recovery_target_action" => {
            let known = [&b"pause"[..], b"promote", b"shutdown"].contains(&text);
            refuse(!known, "none of `pause`, `promote` and `shutdown`; case counts")
        }
        "recovery_target" => refuse(text != b"immediate", "not `immediate`"),
        "recovery_target_timeline" => {
            let digits = text.trim_ascii_start().strip_prefix(b"+").unwrap_or(text.trim_ascii_start());
            let number = digits.first().is_some_and(u8::is_ascii_digit);
            (!number && text != b"latest").then_some(Fault::Latest)
        }
        "recovery_target_name" => refuse(text.len() > 63, "longer than 63 bytes"),
        // `timestamptz_in` takes these words, in any case; 11 refuses them as they stand here.
        "recovery_target_time" if is_special(text.trim_ascii()) => {
            refuse(major == 11 && SPECIAL.contains(&text), "no point in time on 11")
        }
        "recovery_target_time" => refuse(text.is_empty() || is_refused(name, text), "no time"),
        "recovery_target_lsn" => refuse(text.is_empty() || is_refused(name, text), "no position in the WAL"),
        "recovery_min_apply_delay" => {
            let def = catalog::setting(name).and_then(|setting| setting.on(12))?;
            // The range of the setting of 12 is not checked here.
            let parsed = value::parse(def, text, 10);
            let fits = matches!(parsed, Ok(_) | Err(ValueError::OutOfRange { .. }));
            refuse(!fits, "no length of time with one of the units ms, s, min, h and d")
        }
        "primary_slot_name" => {
            let good = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || *byte == b'_';
            let fits = (1..=63).contains(&text.len()) && text.iter().all(good);
            refuse(!fits, "no name of a slot: lower-case letters, digits and `_`, at most 63")
        }
        _ => None,
    }
}

/// Words that are times to PostgreSQL.
const SPECIAL: [&[u8]; 7] = [b"epoch", b"infinity", b"-infinity", b"now", b"today", b"tomorrow", b"yesterday"];

fn is_special(word: &[u8]) -> bool {
    SPECIAL.iter().any(|special| special.eq_ignore_ascii_case(word))
}

/// Whether 12, whose setting of this name reads the value by the same function, refuses it.
fn is_refused(name: &str, text: &[u8]) -> bool {
    catalog::setting(name).and_then(|setting| value::judge(setting, text, 12)).is_some_and(|verdict| verdict.is_err())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Held to starts of 10.23 and 11.22.
    #[test]
    fn values() {
        for (name, text, fault) in [
            ("standby_mode", "on", false),
            ("standby_mode", "yes", false),
            ("standby_mode", "maybe", true),
            ("recovery_target_action", "pause", false),
            ("recovery_target_action", "Pause", true),
            ("recovery_target", "immediate", false),
            ("recovery_target", "", true),
            ("recovery_target_timeline", "latest", false),
            ("recovery_target_timeline", "3", false),
            ("recovery_target_timeline", "0x1F", false),
            ("recovery_target_timeline", "current", true),
            ("recovery_target_xid", "abc", false),
            ("recovery_target_time", "nonsense", true),
            ("recovery_target_time", "", true),
            ("recovery_target_time", "2024-01-01 00:00:00+00", false),
            ("recovery_target_lsn", "zz", true),
            ("recovery_target_lsn", "0/1000000", false),
            ("recovery_target_lsn", "", true),
            ("recovery_min_apply_delay", "5min", false),
            ("recovery_min_apply_delay", "5 minutes", true),
            ("recovery_min_apply_delay", "-1", false),
            ("primary_slot_name", "", true),
            ("primary_slot_name", "Bad-Name", true),
            ("primary_slot_name", "node_2", false),
            ("restore_command", "", false),
        ] {
            for major in [10, 11] {
                assert_eq!(judge(name, text.as_bytes(), major).is_some(), fault, "{name} = {text:?}");
            }
        }
    }

    #[test]
    fn words_for_times() {
        for (text, refused) in [("now", true), ("epoch", true), ("infinity", true), ("NOW", false), ("now ", false)] {
            let judged = |major: u8| judge("recovery_target_time", text.as_bytes(), major).is_some();
            assert_eq!((judged(10), judged(11)), (false, refused), "{text}");
        }
    }
}
