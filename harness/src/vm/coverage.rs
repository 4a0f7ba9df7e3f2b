//! Which parts of which contract ran, and how often: one byte for each straight run of code, all of
//! them in one piece of memory that stays where it is.
//!
//! Never interprets a counter. The order of the counters is the order in which contracts were loaded
//! and, within a contract, the order of its code: the same on every machine.

use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use near_primitives_core::hash::CryptoHash;

/// How many counters fit, over all contracts. Contracts of the usual size have 5,000 to 15,000.
const CAPACITY: usize = 1 << 18;

/// The counters of all contracts that one engine runs.
pub struct Coverage {
    counters: &'static [AtomicU8],
    used: AtomicUsize,
    contracts: Mutex<Vec<CoveredContract>>,
}

/// Where a contract's counters are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CoveredContract {
    /// Its code hash.
    pub code: CryptoHash,
    /// The index of its first counter.
    pub first: usize,
    /// How many it has.
    pub count: usize,
}

/// The counters of one contract.
pub(super) struct Region(&'static [AtomicU8]);

impl Default for Coverage {
    fn default() -> Self {
        let counters = std::iter::repeat_with(AtomicU8::default).take(CAPACITY);
        // libFuzzer is told the address of the counters once and reads them until the process ends.
        let counters = Box::leak(counters.collect());
        Self { counters, used: AtomicUsize::new(0), contracts: Mutex::default() }
    }
}

impl Coverage {
    /// The counters that belong to a contract, in one piece. More follow when more contracts are loaded.
    #[must_use]
    pub fn counters(&self) -> &'static [AtomicU8] {
        &self.counters[..self.used.load(Ordering::Relaxed)]
    }

    /// The contracts, in the order of their counters.
    #[must_use]
    pub fn contracts(&self) -> Vec<CoveredContract> {
        self.contracts.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Sets all counters to zero.
    pub fn reset(&self) {
        for counter in self.counters() {
            counter.store(0, Ordering::Relaxed);
        }
    }

    /// Tells `hit` of every counter that is not zero, in order.
    pub fn for_each_hit(&self, mut hit: impl FnMut(usize, u8)) {
        for (index, counter) in self.counters().iter().enumerate() {
            let count = counter.load(Ordering::Relaxed);
            if count != 0 {
                hit(index, count);
            }
        }
    }

    /// Gives a contract its counters. Where too few are left it gets those, and the rest of its code is
    /// not seen.
    pub(super) fn region(&self, code: CryptoHash, blocks: u32) -> Region {
        let mut contracts = self.contracts.lock().unwrap_or_else(PoisonError::into_inner);
        let first = self.used.load(Ordering::Relaxed);
        let count = (blocks as usize).min(self.counters.len() - first);
        contracts.push(CoveredContract { code, first, count });
        self.used.store(first + count, Ordering::Relaxed);
        Region(&self.counters[first..first + count])
    }
}

impl Region {
    /// Adds the counters of one run. They stop at 255.
    pub(super) fn add(&self, run: &[u8]) {
        const WORD: usize = 8;
        let words = run.chunks(WORD).zip(self.0.chunks(WORD));
        for (word, counters) in words.filter(|(word, _)| word.iter().any(|count| *count != 0)) {
            for (count, counter) in word.iter().zip(counters).filter(|(count, _)| **count != 0) {
                let sum = counter.load(Ordering::Relaxed).saturating_add(*count);
                counter.store(sum, Ordering::Relaxed);
            }
        }
    }
}
