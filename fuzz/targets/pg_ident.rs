//! Rows of pg_ident.conf.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| pgassay::fuzzing::pg_ident(bytes));
