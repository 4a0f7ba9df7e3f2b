//! Coverage counters: how often each basic block of each contract ran, one byte per block, in one piece of
//! memory at a fixed address.
//!
//! Counters are ordered by contract, in the order in which contracts were loaded, then by position in the code:
//! the same on every machine.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use near_primitives_core::hash::CryptoHash;

/// How many counters fit, over all contracts. Contracts of the usual size have 5,000 to 15,000.
const CAPACITY: usize = 1 << 18;

/// Counters per word.
const WORD: usize = size_of::<u64>();

/// The counters of all contracts that one engine runs.
pub struct Coverage {
    /// The counters, eight to a word, in the order of the bytes in memory.
    words: &'static [AtomicU64],
    /// One bit per word: whether it may be non-zero.
    touched: Box<[AtomicU64]>,
    used: AtomicUsize,
    contracts: Mutex<Vec<CoveredContract>>,
}

/// The counters of a contract.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CoveredContract {
    /// Its code hash.
    pub code: CryptoHash,
    /// The index of its first counter.
    pub first: usize,
    /// How many it has.
    pub count: usize,
}

/// The counters of a function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CoveredFunction {
    /// Its name, if the contract contains it.
    pub name: Option<String>,
    /// The indices of its counters among all counters. Empty for a function that costs no gas.
    pub counters: std::ops::Range<usize>,
}

/// The counters of a contract, in words.
#[derive(Clone, Copy)]
pub(super) struct Region {
    first: usize,
    count: usize,
}

impl Region {
    /// The indices of its counters among all counters.
    pub(super) fn counters(self) -> std::ops::Range<usize> {
        self.first * WORD..(self.first + self.count) * WORD
    }
}

impl std::fmt::Debug for Coverage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Coverage").field("contracts", &self.contracts()).finish_non_exhaustive()
    }
}

impl Default for Coverage {
    fn default() -> Self {
        let zeros = |count| std::iter::repeat_with(AtomicU64::default).take(count).collect();
        let words: Box<[AtomicU64]> = zeros(CAPACITY / WORD);
        let touched = zeros(words.len().div_ceil(64));
        // libFuzzer is told the address of the counters once and reads them until the process ends.
        let words = Box::leak(words);
        Self { words, touched, used: AtomicUsize::new(0), contracts: Mutex::default() }
    }
}

impl Coverage {
    /// The address of the counters, and how many are in use: one contiguous byte each, valid until the process
    /// ends. libFuzzer gets this once all contracts are loaded, and may write zeros there.
    #[must_use]
    pub fn counters(&self) -> (*mut u8, usize) {
        (self.words[0].as_ptr().cast(), self.used())
    }

    /// How many counters are in use.
    #[must_use]
    pub fn used(&self) -> usize {
        self.used.load(Ordering::Relaxed) * WORD
    }

    /// The contracts, in the order of their counters.
    #[must_use]
    pub fn contracts(&self) -> Vec<CoveredContract> {
        self.contracts.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Sets all counters to zero, in time proportional to those that are not.
    pub fn reset(&self) {
        self.for_each_word(|index, _| self.words[index].store(0, Ordering::Relaxed));
        for touched in &self.touched {
            touched.store(0, Ordering::Relaxed);
        }
    }

    /// Calls `hit` with every non-zero counter, in order.
    pub fn for_each_hit(&self, mut hit: impl FnMut(usize, u8)) {
        self.for_each_word(|index, word| {
            let counters = word.to_ne_bytes().into_iter().enumerate();
            for (offset, count) in counters.filter(|(_, count)| *count != 0) {
                hit(index * WORD + offset, count);
            }
        });
    }

    fn for_each_word(&self, mut visit: impl FnMut(usize, u64)) {
        let used = self.used.load(Ordering::Relaxed).div_ceil(64);
        for (index, touched) in self.touched[..used].iter().enumerate() {
            let mut bits = touched.load(Ordering::Relaxed);
            while bits != 0 {
                let word = index * 64 + bits.trailing_zeros() as usize;
                visit(word, self.words[word].load(Ordering::Relaxed));
                bits &= bits - 1;
            }
        }
    }

    /// Allocates a contract's counters. If too few are left it gets those, and the rest of its code is not
    /// counted.
    pub(super) fn region(&self, code: CryptoHash, blocks: u32) -> Region {
        let mut contracts = self.contracts.lock().unwrap_or_else(PoisonError::into_inner);
        let first = self.used.load(Ordering::Relaxed);
        let count = (blocks as usize).div_ceil(WORD).min(self.words.len() - first);
        let counters = (blocks as usize).min(count * WORD);
        contracts.push(CoveredContract { code, first: first * WORD, count: counters });
        self.used.store(first + count, Ordering::Relaxed);
        Region { first, count }
    }

    /// Adds the counters of one run, saturating at 255.
    pub(super) fn add(&self, region: Region, run: &[u8]) {
        // Most counters are zero, so test many at a time.
        const GROUP: usize = 8 * WORD;
        let first = region.first;
        for (group, counters) in run.chunks(GROUP).enumerate() {
            if counters.iter().fold(0, |any, count| any | count) == 0 {
                continue;
            }
            for (offset, counters) in counters.chunks(WORD).enumerate() {
                let index = group * (GROUP / WORD) + offset;
                if index < region.count && counters.iter().any(|count| *count != 0) {
                    self.add_word(first + index, counters);
                }
            }
        }
    }

    fn add_word(&self, index: usize, counters: &[u8]) {
        let mut sum = self.words[index].load(Ordering::Relaxed).to_ne_bytes();
        for (sum, count) in sum.iter_mut().zip(counters) {
            *sum = sum.saturating_add(*count);
        }
        self.words[index].store(u64::from_ne_bytes(sum), Ordering::Relaxed);
        let touched = &self.touched[index / 64];
        touched.store(touched.load(Ordering::Relaxed) | 1 << (index % 64), Ordering::Relaxed);
    }
}

/// The bucket of a counter, as libFuzzer has them: 1, 2, 3, 4 to 7, 8 to 15, 16 to 31, 32 to 127, more.
#[must_use]
pub fn bucket(count: u8) -> u8 {
    match count {
        0..=3 => count,
        4..=7 => 4,
        8..=15 => 5,
        16..=31 => 6,
        32..=127 => 7,
        128.. => 8,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hits(coverage: &Coverage) -> Vec<(usize, u8)> {
        let mut hits = Vec::new();
        coverage.for_each_hit(|index, count| hits.push((index, count)));
        hits
    }

    #[test]
    fn counters_add_up_and_stop_at_their_end() {
        let coverage = Coverage::default();
        let _first = coverage.region(CryptoHash::default(), 9);
        let region = coverage.region(CryptoHash::default(), 70);
        let mut run = vec![0; 70];
        (run[0], run[69]) = (200, 1);
        coverage.add(region, &run);
        coverage.add(region, &run);
        assert_eq!(hits(&coverage), [(16, 255), (85, 2)]);
        coverage.reset();
        assert_eq!(hits(&coverage), []);
    }

    #[test]
    fn contracts_that_do_not_fit_are_cut_off() {
        let coverage = Coverage::default();
        let region = coverage.region(CryptoHash::default(), u32::MAX);
        let late = coverage.region(CryptoHash::default(), 5);
        coverage.add(late, &[1; 5]);
        coverage.add(region, &vec![1; CAPACITY + 100]);
        assert_eq!(hits(&coverage).len(), CAPACITY);
        let counts: Vec<_> = coverage.contracts().iter().map(|contract| contract.count).collect();
        assert_eq!(counts, [CAPACITY, 0]);
    }
}
