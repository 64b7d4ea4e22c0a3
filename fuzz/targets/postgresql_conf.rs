//! Postgresql.conf and its kin.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| pgassay::fuzzing::postgresql_conf(bytes));
