//! What libFuzzer sees: one piece of counters, one byte each, for what a campaign is rewarded for, and
//! what contracts compared.
//!
//! Never reads anything of libFuzzer's. Counters are dense, since it looks at all of them after every
//! run, and they are told once: what comes later shares theirs.

// Only for libFuzzer itself, which comes with it.
extern crate libfuzzer_sys as _;

use std::ffi::{c_int, c_void};
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};

use crate::campaign::search::CoverageSink;
use crate::vm::comparison::Comparisons;

/// Counters for contracts that are deployed while the campaign runs.
const SPARE: usize = 1 << 13;

/// libFuzzer reads two words for each counter: an address, which has to differ, and flags.
const WORDS: usize = 2;

/// Where the addresses begin: no counter has an address, so that any will do.
const FIRST_ADDRESS: usize = 0x1_0000;

/// The flag of an address at which a function begins. The first has to have it.
const FUNCTION: usize = 1;

#[expect(unsafe_code, reason = "libFuzzer's interface, as the compiler's instrumentation uses it")]
unsafe extern "C" {
    fn __sanitizer_cov_8bit_counters_init(start: *mut u8, stop: *mut u8);
    fn __sanitizer_cov_pcs_init(start: *const usize, stop: *const usize);
    fn __sanitizer_weak_hook_memcmp(
        site: *const c_void,
        left: *const c_void,
        right: *const c_void,
        length: usize,
        result: c_int,
    );
}

/// The counters that libFuzzer looks at.
#[derive(Debug)]
pub(in crate::campaign) struct CoverageCounters(&'static [AtomicU8]);

impl CoverageCounters {
    /// Makes at least `counters` counters and tells libFuzzer of them, before it starts. None where that
    /// was done before: it looks at them until the process ends.
    #[expect(unsafe_code, reason = "see SAFETY")]
    pub(super) fn open(counters: usize) -> Option<Self> {
        static OPEN: AtomicBool = AtomicBool::new(false);
        if OPEN.swap(true, Ordering::Relaxed) {
            return None;
        }
        let count = counters + SPARE;
        let counters: Vec<_> = std::iter::repeat_with(AtomicU8::default).take(count).collect();
        let counters: &'static [AtomicU8] = counters.leak();
        let word = |index: usize| match index {
            1 => FUNCTION,
            _ if index.is_multiple_of(WORDS) => FIRST_ADDRESS + index,
            _ => 0,
        };
        let addresses: &'static [usize] = (0..WORDS * count).map(word).collect::<Vec<_>>().leak();
        let start = counters[0].as_ptr();
        // SAFETY: both pieces are leaked, so they stay where they are until the process ends. libFuzzer
        // reads and clears the first, which is made of atomics and may change behind a shared
        // reference; it does so only between two runs, while nobody here writes. It only reads the
        // second. Both pointers past the end are those of the pieces themselves.
        unsafe {
            __sanitizer_cov_8bit_counters_init(start, start.add(count));
            __sanitizer_cov_pcs_init(addresses.as_ptr(), addresses.as_ptr().add(addresses.len()));
        }
        Some(Self(counters))
    }
}

impl CoverageSink for CoverageCounters {
    /// Shows a counter of the case that runs. libFuzzer clears all of them before each.
    fn count(&self, counter: usize, count: u8) {
        let place = &self.0[counter % self.0.len()];
        place.store(place.load(Ordering::Relaxed).max(count), Ordering::Relaxed);
    }

    /// Shows what was compared in the case that runs, for libFuzzer's value profile.
    #[expect(unsafe_code, reason = "see SAFETY")]
    fn compared(&self, compared: &Comparisons) {
        let numbers = compared.numbers.iter();
        let numbers =
            numbers.map(|(site, left, right)| (*site, left.to_be_bytes(), right.to_be_bytes()));
        let tell = |site: u32, left: &[u8], right: &[u8]| {
            let site = std::ptr::without_provenance(site as usize);
            let length = left.len().min(right.len());
            // SAFETY: both pieces have at least `length` bytes, and libFuzzer copies what it keeps.
            // `site` is only a number to it.
            unsafe {
                __sanitizer_weak_hook_memcmp(
                    site,
                    left.as_ptr().cast(),
                    right.as_ptr().cast(),
                    length,
                    1,
                );
            }
        };
        numbers.for_each(|(site, left, right)| tell(site.0, &left, &right));
        compared.texts.iter().for_each(|(site, left, right)| tell(site.0, left, right));
    }
}
