//! Lines and words of pg_hba.conf and pg_ident.conf.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| pgassay::fuzzing::auth_file(bytes));
