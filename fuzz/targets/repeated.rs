//! Every reader on a text that repeats itself: time is what is looked for.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| pgassay::fuzzing::repeated(bytes));
