//! Units in words and in numbers, and the amounts below which a unit was probably forgotten.

use crate::catalog::settings::Unit;

/// Sizes without a unit below which the unit was probably forgotten, in bytes.
pub(super) const SMALL: &[(&str, f64)] = &[
    ("autovacuum_work_mem", 8e6),
    ("effective_cache_size", 130e6),
    ("logical_decoding_work_mem", 8e6),
    ("maintenance_work_mem", 8e6),
    ("shared_buffers", 16e6),
    ("temp_buffers", 1e6),
    ("wal_buffers", 500e3),
    ("work_mem", 500e3),
];

/// Times without a unit below which seconds were probably meant, in milliseconds.
pub(super) const SHORT: &[(&str, f64)] = &[
    ("deadlock_timeout", 50.0),
    ("idle_in_transaction_session_timeout", 400.0),
    ("idle_session_timeout", 400.0),
    ("lock_timeout", 50.0),
    ("max_standby_archive_delay", 400.0),
    ("max_standby_streaming_delay", 400.0),
    ("recovery_min_apply_delay", 1000.0),
    ("statement_timeout", 400.0),
    ("tcp_user_timeout", 400.0),
    ("transaction_timeout", 400.0),
    ("wal_receiver_timeout", 1000.0),
    ("wal_sender_timeout", 1000.0),
];

/// The unit in words.
pub(super) fn in_words(unit: Unit) -> &'static str {
    match unit {
        Unit::Byte => "bytes",
        Unit::Kilobyte => "kB",
        Unit::Megabyte => "MB",
        Unit::Block => "pages of 8kB",
        Unit::Millisecond => "milliseconds",
        Unit::Second => "seconds",
        Unit::Minute => "minutes",
    }
}

/// Bytes in a unit of memory.
pub(super) fn memory(unit: Unit) -> f64 {
    match unit {
        Unit::Kilobyte => 1024.0,
        Unit::Block => 8192.0,
        Unit::Megabyte => 1_048_576.0,
        _ => 1.0,
    }
}

/// Milliseconds in a unit of time.
pub(super) fn time(unit: Unit) -> f64 {
    match unit {
        Unit::Second => 1000.0,
        Unit::Minute => 60_000.0,
        _ => 1.0,
    }
}
