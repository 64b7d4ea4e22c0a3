//! A file from its bytes to every format.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| pgassay::fuzzing::pipeline(bytes));
