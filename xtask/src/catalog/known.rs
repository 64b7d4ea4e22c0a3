//! What the catalogue's questions start from: facts of PostgreSQL's sources that one build of a server cannot show.

/// Values of enums that only some builds have: setting, value, first major, last major, what the build needs.
/// Source: the `#ifdef`s in the option arrays of guc.c (guc_tables.c from 16), xlog.c, method_io_uring.c.
pub(super) const BUILD_WORDS: &[(&str, &str, u8, u8, &str)] = &[
    ("default_toast_compression", "lz4", 14, 19, "LZ4"),
    ("dynamic_shared_memory_type", "windows", 10, 19, "Windows"),
    ("dynamic_shared_memory_type", "posix", 10, 19, "a Unix"),
    ("dynamic_shared_memory_type", "sysv", 10, 19, "a Unix"),
    ("dynamic_shared_memory_type", "mmap", 10, 19, "a Unix"),
    ("file_copy_method", "clone", 18, 19, "Linux, macOS or FreeBSD"),
    ("file_extend_method", "posix_fallocate", 16, 19, "posix_fallocate"),
    ("io_method", "io_uring", 18, 19, "liburing"),
    ("recovery_init_sync_method", "syncfs", 14, 19, "Linux"),
    ("shared_memory_type", "windows", 12, 19, "Windows"),
    ("shared_memory_type", "sysv", 12, 19, "a Unix"),
    ("shared_memory_type", "mmap", 12, 19, "a Unix"),
    ("syslog_facility", "none", 10, 19, "no syslog"),
    ("timing_clock_source", "tsc", 19, 19, "x86-64"),
    ("wal_compression", "lz4", 15, 19, "LZ4"),
    ("wal_compression", "zstd", 15, 19, "zstd"),
    ("wal_sync_method", "fsync_writethrough", 10, 19, "Windows or macOS"),
    ("wal_sync_method", "open_datasync", 10, 19, "O_DSYNC"),
    ("wal_sync_method", "open_sync", 10, 19, "O_SYNC"),
];

type Unlisted =
    (&'static str, u8, &'static str, Option<&'static str>, &'static str, &'static str, &'static str, &'static str);

/// Settings that no view lists (GUC_NO_SHOW_ALL in guc.c): name, first major, type, unit, least, most, default,
/// context. That a server has them is asked.
pub(super) const UNLISTED: &[Unlisted] = &[
    ("default_with_oids", 12, "bool", None, "", "", "off", "user"),
    ("is_superuser", 10, "bool", None, "", "", "off", "internal"),
    ("role", 10, "string", None, "", "", "none", "user"),
    ("seed", 10, "real", None, "-1", "1", "0", "user"),
    ("session_authorization", 10, "string", None, "", "", "", "user"),
    ("ssl_renegotiation_limit", 10, "integer", None, "0", "0", "0", "user"),
];
