//! Lets the entry points take what the compiler's instrumentation tells libFuzzer: see `src/silence.rs`.

use std::env;

/// What is taken. The linker calls ours instead, with `__wrap_` before the name.
const TAKEN: [&str; 11] = [
    "8bit_counters_init",
    "pcs_init",
    "trace_cmp1",
    "trace_cmp2",
    "trace_cmp4",
    "trace_cmp8",
    "trace_const_cmp1",
    "trace_const_cmp2",
    "trace_const_cmp4",
    "trace_const_cmp8",
    "trace_switch",
];

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    // Other linkers cannot do it.
    if env::var("CARGO_CFG_TARGET_OS").is_ok_and(|system| system == "linux") {
        for name in TAKEN {
            println!("cargo::rustc-link-arg-bins=-Wl,--wrap=__sanitizer_cov_{name}");
        }
    }
}
