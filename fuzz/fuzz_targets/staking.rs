//! libFuzzer entry point for the target `staking`.
#![no_main]

interloper_fuzz::entry_point!("staking");
