//! Connection strings in every quoting, and the way back to the bytes of the file.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| pgassay::fuzzing::quoting(bytes));
