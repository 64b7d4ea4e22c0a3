//! What the check hooks of settings say of a value, as far as files alone can tell.
//!
//! Names of hooks are those of PostgreSQL's sources (`check_...` in commands/variable.c, access/transam/xlog.c,
//! access/transam/xlogrecovery.c, replication/syncrep.c and others). A hook that asks the machine, the build or the
//! database gives [`Verdict::Unknown`]; nobody is refused on a guess.

use super::list;
use super::number::strtoul_overflows;
use super::standby_names;
use super::value::Value;
use crate::catalog::settings::Setting;

/// What a check hook says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// There is no hook, or it takes the value.
    Accepted,
    /// It refuses the value, for this reason (a clause: "not ...").
    Refused(String),
    /// It depends on the machine, the build, other settings or the database.
    Unknown,
}

use Verdict::{Accepted, Unknown};

/// The verdict of the setting's check hook on a value that has passed type and range.
#[must_use]
pub fn check(setting: &Setting, value: &Value, text: &[u8], major: u8) -> Verdict {
    match value {
        Value::Int(value) => int(setting.name, *value, major),
        Value::Bool(value) => boolean(setting.name, *value, major),
        Value::String(_) => string(setting.name, text, major),
        Value::Enum(_) | Value::Real(_) => Accepted,
    }
}

/// The value that the hook puts in the place of the one given.
#[must_use]
pub(super) fn adjust(setting: &Setting, value: Value, major: u8) -> Value {
    let at_least = |value: i64, least: i64| Value::Int(if value == -1 { value } else { value.max(least) });
    match (setting.name, &value) {
        // check_autovacuum_work_mem: as much as maintenance_work_mem must have.
        ("autovacuum_work_mem", Value::Int(value)) => at_least(*value, if major < 17 { 1024 } else { 64 }),
        // check_wal_buffers
        ("wal_buffers", Value::Int(value)) => at_least(*value, 4),
        // truncate_identifier, for whatever is a name (GUC_IS_NAME).
        (_, Value::String(text)) if setting.is_name() && text.len() > 63 => {
            let end = (0..=63).rev().find(|&end| text.is_char_boundary(end)).unwrap_or(0);
            Value::String(text.get(..end).unwrap_or_default().to_owned())
        }
        _ => value,
    }
}

fn refuse(reason: impl Into<String>) -> Verdict {
    Verdict::Refused(reason.into())
}

fn accept_if(good: bool, reason: impl Into<String>) -> Verdict {
    if good { Accepted } else { refuse(reason) }
}

fn boolean(name: &str, value: bool, major: u8) -> Verdict {
    match name {
        "default_with_oids" if major >= 12 => accept_if(!value, "not supported: tables have no OIDs any more"),
        "standard_conforming_strings" if major >= 19 => {
            accept_if(value, "not supported: strings are always standard-conforming")
        }
        // Refused by builds without the library.
        "ssl" | "bonjour" if value => Unknown,
        _ => Accepted,
    }
}

fn int(name: &str, value: i64, major: u8) -> Verdict {
    match name {
        // check_slru_buffers: whole banks of SLRU_BANK_SIZE buffers.
        "commit_timestamp_buffers"
        | "multixact_member_buffers"
        | "multixact_offset_buffers"
        | "notify_buffers"
        | "serializable_buffers"
        | "subtransaction_buffers"
        | "transaction_buffers" => accept_if(value % 16 == 0, "not a multiple of 16 buffers"),
        "vacuum_buffer_usage_limit" => {
            accept_if(value == 0 || value >= 128, "neither 0 nor between 128kB and 16777216kB")
        }
        "io_max_concurrency" => accept_if(value != 0, "neither -1 nor greater than 0"),
        "max_connections" | "max_worker_processes" | "autovacuum_max_workers" | "max_wal_senders" if major < 18 => {
            max_backends(name, value, major)
        }
        // check_max_stack_depth asks the kernel's limit; huge_page_size and the others what the platform has.
        "max_stack_depth"
        | "huge_page_size"
        | "client_connection_check_interval"
        | "effective_io_concurrency"
        | "maintenance_io_concurrency" => Unknown,
        _ => Accepted,
    }
}

/// check_max_connections and its like: all backends together are at most MAX_BACKENDS, 0x3FFFF. How much the others
/// take stands in other lines, so only what exceeds the limit beside their least values is certainly refused.
fn max_backends(name: &str, value: i64, major: u8) -> Verdict {
    // One is the autovacuum launcher, and one each are the least max_connections and autovacuum_max_workers.
    let least = match name {
        "max_connections" | "autovacuum_max_workers" => 2,
        "max_wal_senders" if major < 12 => return Accepted,
        _ => 3,
    };
    const MAX_BACKENDS: i64 = 0x3_FFFF;
    // What the others take by default: 100 connections, 3 workers and a launcher, 8 worker processes, 10 senders.
    if value + least > MAX_BACKENDS {
        refuse(format!("too large: all kinds of backends together are limited to {MAX_BACKENDS}"))
    } else if value + 122 > MAX_BACKENDS {
        Unknown
    } else {
        Accepted
    }
}

fn string(name: &str, text: &[u8], major: u8) -> Verdict {
    match name {
        "DateStyle" => list::date_style(text),
        "log_destination" => {
            let words: &[&str] = if major < 15 {
                &["stderr", "csvlog", "syslog", "eventlog"]
            } else {
                &["stderr", "csvlog", "jsonlog", "syslog", "eventlog"]
            };
            list::of_words(text, words)
        }
        "search_path" | "temp_tablespaces" => accept_if(list::identifiers(text).is_some(), "not a list of names"),
        // Tried on 15.20: case is kept, and blanks within a name need quotes.
        "output_plugin_libraries" => accept_if(list::words(text).is_some(), "not a list of library names"),
        "synchronized_standby_slots" => synchronized_standby_slots(text),
        "createrole_self_grant" => list::of_words(text, &["set", "inherit"]),
        "restrict_nonsystem_relation_kind" => list::of_words(text, &["view", "foreign-table"]),
        "debug_io_direct" => list::of_words_kept(text, &["data", "wal", "wal_init"]),
        "wal_consistency_checking" => wal_consistency_checking(text, major),
        "pgaudit.log" => list::pgaudit_classes(text),
        "log_connections" if major >= 18 => list::log_connections(text),
        // An enum before.
        "log_min_messages" => list::log_min_messages(text),
        "client_encoding" => accept_if(super::encoding::is_client_encoding(text), "not the name of an encoding"),
        "synchronous_standby_names" => match standby_names::check(text) {
            Ok(()) => Accepted,
            Err(reason) => refuse(reason),
        },
        "backtrace_functions" => {
            let allowed = |byte: &u8| byte.is_ascii_alphanumeric() || b"_, \n\t".contains(byte);
            accept_if(text.iter().all(allowed), "not a list of function names: it has other characters")
        }
        "default_table_access_method" => accept_if(!text.is_empty(), "empty"),
        "recovery_target" => accept_if(matches!(text, b"" | b"immediate"), "neither empty nor `immediate`"),
        "recovery_target_name" => accept_if(text.len() < 64, "longer than 63 bytes"),
        "recovery_target_lsn" => accept_if(text.is_empty() || is_lsn(text), "not a log location such as `0/3000060`"),
        // Both hooks ask strtoul for overflow alone, so any word passes.
        "recovery_target_xid" => accept_if(!strtoul_overflows(text), "too large a number"),
        "recovery_target_timeline" => {
            let word = matches!(text, b"current" | b"latest");
            accept_if(word || !strtoul_overflows(text), "too large a number")
        }
        "recovery_target_time" => super::timestamp::recovery_target_time(text),
        "primary_slot_name" => accept_if(
            text.is_empty() || (text.len() < 64 && text.iter().all(is_slot_name_byte)),
            "not the name of a slot: up to 63 lower case letters, digits and underscores",
        ),
        // check_XactIsoLevel of 10 and 11; from 12 on it is an enum.
        "transaction_isolation" => {
            let words: [&[u8]; 5] =
                [b"serializable", b"repeatable read", b"read committed", b"read uncommitted", b"default"];
            accept_if(words.contains(&text), "not the name of an isolation level")
        }
        // Outside a transaction the catalogue cannot be asked, so these hooks fail when the file is read.
        "role" => accept_if(text == b"none", "not allowed in a file"),
        "session_authorization" => refuse("not allowed in a file"),
        // load_tzoffsets: the name of a file, letters only; whether the file is there is the machine's affair.
        "timezone_abbreviations" if !text.iter().all(u8::is_ascii_alphabetic) => refuse("not a word of letters"),
        // No machine has one without a name.
        "TimeZone" | "log_timezone" | "timezone_abbreviations" | "lc_messages" if text.is_empty() => {
            refuse("an empty name")
        }
        "TimeZone"
        | "log_timezone"
        | "timezone_abbreviations"
        | "lc_messages"
        | "lc_monetary"
        | "lc_numeric"
        | "lc_time" => Unknown,
        _ => Accepted,
    }
}

/// From 15 on modules may bring resource managers of their own, so unknown names are judged after those are loaded.
fn wal_consistency_checking(text: &[u8], major: u8) -> Verdict {
    // Resource managers with a mask function (access/rmgrlist.h); the same in 10 to 18.
    const MASKED: &[&str] =
        &["all", "heap2", "heap", "btree", "hash", "gin", "gist", "sequence", "spgist", "brin", "generic"];
    match list::of_words(text, MASKED) {
        Verdict::Refused(_) if major >= 15 && list::identifiers(text).is_some() => Unknown,
        verdict => verdict,
    }
}

fn synchronized_standby_slots(text: &[u8]) -> Verdict {
    let good = |name: &String| !name.is_empty() && name.bytes().all(|byte| is_slot_name_byte(&byte));
    accept_if(list::identifiers(text).is_some_and(|names| names.iter().all(good)), "not a list of slot names")
}

fn is_slot_name_byte(byte: &u8) -> bool {
    matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_')
}

/// `pg_lsn_in_internal`: two hexadecimal numbers of up to eight digits.
fn is_lsn(text: &[u8]) -> bool {
    let part = |part: &[u8]| (1..=8).contains(&part.len()) && part.iter().all(u8::is_ascii_hexdigit);
    let mut parts = text.splitn(2, |&byte| byte == b'/');
    matches!((parts.next(), parts.next()), (Some(high), Some(low)) if part(high) && part(low))
}
