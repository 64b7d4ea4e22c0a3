//! The value of a setting that took another's place.
//!
//! The release notes meant are those of the major that dropped the old name, see `removed.rs`.

/// How a value goes over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Conversion {
    /// As it is.
    Same,
    /// A count of WAL segments becomes a size (release notes of 13).
    Segments,
    /// A count of segments becomes the size that keeps checkpoints about as far apart: three times as much (release notes
    /// of 9.5: `max_wal_size = (3 * checkpoint_segments) * 16MB`).
    CheckpointSegments,
    /// A Boolean becomes one of two words.
    Switch { on: &'static str, off: &'static str },
    /// A number becomes a word (release notes of 8.0).
    Syslog,
}

#[rustfmt::skip]
static CONVERSIONS: &[(&str, Conversion)] = &[
    ("checkpoint_segments", Conversion::CheckpointSegments),
    ("force_parallel_mode", Conversion::Same),
    ("min_parallel_relation_size", Conversion::Same),
    ("redirect_stderr", Conversion::Same),
    ("replication_timeout", Conversion::Same),
    ("ssl_ecdh_curve", Conversion::Same),
    ("stats_command_string", Conversion::Same),
    ("stats_row_level", Conversion::Same),
    ("syslog", Conversion::Syslog),
    ("tcpip_socket", Conversion::Switch { on: "'*'", off: "''" }),
    ("unix_socket_directory", Conversion::Same),
    ("virtual_host", Conversion::Same),
    ("wal_keep_segments", Conversion::Segments),
];

/// Megabytes in one WAL segment of the usual size.
pub const SEGMENT: u64 = 16;

/// What the successor of `name` is set to, as a line of a file takes it: `written` is the value as it stands there, `text`
/// without its quotes, `segment` the size of a WAL segment in megabytes. None where no value says the same.
#[must_use]
pub fn converted(name: &str, written: &str, text: &str, segment: u64) -> Option<String> {
    let (_, conversion) = CONVERSIONS.iter().find(|(known, _)| known.eq_ignore_ascii_case(name))?;
    let text = text.trim();
    match conversion {
        Conversion::Same => Some(written.to_owned()),
        Conversion::Segments => size(text.parse::<u64>().ok()?.checked_mul(segment)?),
        Conversion::CheckpointSegments => {
            let count = text.parse::<u64>().ok().filter(|count| *count > 0)?;
            size(count.checked_mul(3)?.checked_mul(segment)?)
        }
        Conversion::Switch { on, off } => {
            let lower = text.to_ascii_lowercase();
            match lower.as_str() {
                "on" | "true" | "yes" | "1" => Some((*on).to_owned()),
                "off" | "false" | "no" | "0" => Some((*off).to_owned()),
                _ => None,
            }
        }
        Conversion::Syslog => {
            let words = ["stderr", "'stderr, syslog'", "syslog"];
            words.get(text.parse::<usize>().ok()?).map(|word| (*word).to_owned())
        }
    }
}

/// A size in the largest unit that shows it exactly.
fn size(megabytes: u64) -> Option<String> {
    Some(match megabytes {
        // The successors are integers of megabytes.
        size if size > i32::MAX as u64 => return None,
        0 => "0".to_owned(),
        size if size % 1024 == 0 => format!("{}GB", size / 1024),
        size => format!("{size}MB"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::settings;

    #[test]
    fn values_go_over() {
        for (name, text, segment, expected) in [
            ("wal_keep_segments", "32", 16, Some("512MB")),
            ("wal_keep_segments", "64", 16, Some("1GB")),
            ("wal_keep_segments", "0", 16, Some("0")),
            ("wal_keep_segments", "8", 64, Some("512MB")),
            ("wal_keep_segments", "x", 16, None),
            ("wal_keep_segments", "-1", 16, None),
            ("wal_keep_segments", "2147483647", 16, None),
            ("checkpoint_segments", "16", 16, Some("768MB")),
            ("checkpoint_segments", "0", 16, None),
            ("tcpip_socket", "TRUE", 16, Some("'*'")),
            ("syslog", "1", 16, Some("'stderr, syslog'")),
            ("syslog", "3", 16, None),
            ("force_parallel_mode", "regress", 16, Some("regress")),
            ("max_fsm_pages", "1", 16, None),
        ] {
            assert_eq!(converted(name, text, text, segment).as_deref(), expected, "{name} = {text}");
        }
    }

    #[test]
    fn what_goes_over_has_a_successor() {
        for (name, _) in CONVERSIONS {
            let successor = settings::removed(name).and_then(|gone| gone.successor);
            assert!(successor.is_some_and(|name| settings::setting(name).is_some()), "{name}");
        }
    }
}
