//! What plugins answer.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| pgassay::fuzzing::plugin_answer(bytes));
