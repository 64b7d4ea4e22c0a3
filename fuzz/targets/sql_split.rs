//! Scripts cut into statements and tokens.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| pgassay::fuzzing::sql_split(bytes));
