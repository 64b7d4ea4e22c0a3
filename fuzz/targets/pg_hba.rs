//! Rows of pg_hba.conf.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| pgassay::fuzzing::pg_hba(bytes));
