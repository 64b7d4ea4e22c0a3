//! Pg_service.conf and pgbouncer.ini.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| pgassay::fuzzing::ini(bytes));
