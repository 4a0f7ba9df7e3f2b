//! libFuzzer entry point for any target: `INTERLOPER_TARGET` names its folder.
#![no_main]

interloper_fuzz::entry_point!();
