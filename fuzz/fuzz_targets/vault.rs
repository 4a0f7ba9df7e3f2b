//! libFuzzer entry point for the target `vault`.
#![no_main]

interloper_fuzz::entry_point!("vault");
