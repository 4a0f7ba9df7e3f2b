//! Keeps the harness out of libFuzzer's sight, so that only contracts count.
//!
//! cargo-fuzz has everything instrumented: a million counters of wasmtime, the runtime and the harness,
//! which drown the contract's ten thousand and take longer to look at than a case takes to run. They
//! are announced before `main`, and comparisons while a case runs, by calls that the linker leads here
//! (`build.rs`). Never holds back what a target announces in [`announce`]. Works where the linker does,
//! which is Linux; elsewhere libFuzzer sees both.

use std::sync::atomic::{AtomicBool, Ordering};

/// Whether what is announced now is meant for libFuzzer.
static MEANT: AtomicBool = AtomicBool::new(false);

/// Lets libFuzzer hear of the counters that `load` announces.
pub fn announce(load: impl FnOnce()) {
    MEANT.store(true, Ordering::Relaxed);
    load();
    MEANT.store(false, Ordering::Relaxed);
}

#[cfg(target_os = "linux")]
#[expect(unsafe_code, reason = "the compiler's instrumentation calls these, by these names")]
mod taken {
    use super::{MEANT, Ordering};

    unsafe extern "C" {
        fn __real___sanitizer_cov_8bit_counters_init(start: *mut u8, stop: *mut u8);
        fn __real___sanitizer_cov_pcs_init(start: *const usize, stop: *const usize);
    }

    #[unsafe(no_mangle)]
    extern "C" fn __wrap___sanitizer_cov_8bit_counters_init(start: *mut u8, stop: *mut u8) {
        if MEANT.load(Ordering::Relaxed) {
            // SAFETY: passes on what it was given.
            unsafe { __real___sanitizer_cov_8bit_counters_init(start, stop) }
        }
    }

    #[unsafe(no_mangle)]
    extern "C" fn __wrap___sanitizer_cov_pcs_init(start: *const usize, stop: *const usize) {
        if MEANT.load(Ordering::Relaxed) {
            // SAFETY: passes on what it was given.
            unsafe { __real___sanitizer_cov_pcs_init(start, stop) }
        }
    }

    macro_rules! ignore {
        ($($name:ident($left:ty, $right:ty);)*) => {
            $(#[unsafe(no_mangle)] extern "C" fn $name(_: $left, _: $right) {})*
        };
    }

    ignore! {
        __wrap___sanitizer_cov_trace_cmp1(u8, u8);
        __wrap___sanitizer_cov_trace_cmp2(u16, u16);
        __wrap___sanitizer_cov_trace_cmp4(u32, u32);
        __wrap___sanitizer_cov_trace_cmp8(u64, u64);
        __wrap___sanitizer_cov_trace_const_cmp1(u8, u8);
        __wrap___sanitizer_cov_trace_const_cmp2(u16, u16);
        __wrap___sanitizer_cov_trace_const_cmp4(u32, u32);
        __wrap___sanitizer_cov_trace_const_cmp8(u64, u64);
        __wrap___sanitizer_cov_trace_switch(u64, *mut u64);
    }
}
