//! libFuzzer entry point for the target `relay`.
#![no_main]

interloper_fuzz::entry_point!("relay");
