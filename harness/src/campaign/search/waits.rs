//! How long a campaign lets time pass: common periods, and what contracts compared.
//!
//! Never runs a case.

use std::collections::VecDeque;

use rand_chacha::rand_core::RngCore;

use crate::scenario::Operation;
use crate::types::Duration;
use crate::vm::comparison::Comparisons;

/// Periods that contracts use, in seconds: a minute, an hour, a day, a week, 30 days, a year and a bit each.
const USUAL: [u64; 6] = [61, 3_601, 86_401, 604_801, 2_592_001, 31_622_401];

/// Most learnt periods that are kept.
const MOST_LEARNT: usize = 64;

/// Shortest and longest period that is learnt, in seconds.
const SHORTEST: u64 = 2;
const LONGEST: u64 = 10 * 366 * 86_400;

/// Units in which contracts keep time, in a second: nanoseconds, milliseconds, seconds.
const UNITS: [u64; 3] = [1_000_000_000, 1_000, 1];

/// Which periods are worth waiting for.
#[derive(Debug, Default)]
pub(super) struct Waits {
    /// In seconds, the newest last.
    learnt: VecDeque<u64>,
}

impl Waits {
    /// Learns from what contracts compared: if the smaller of two numbers may be a time, the larger one may be the
    /// time that is waited for.
    pub(super) fn learn(&mut self, compared: &Comparisons, now: u64) {
        for (_, one, other) in &compared.numbers {
            let (less, more) = (*one.min(other), *one.max(other));
            for unit in UNITS {
                let is_time = less.abs_diff(now / (1_000_000_000 / unit)) / unit < LONGEST;
                let seconds = (more - less).div_ceil(unit);
                if is_time && (SHORTEST..=LONGEST).contains(&seconds) {
                    self.add(seconds + 1);
                }
            }
        }
    }

    fn add(&mut self, seconds: u64) {
        if self.learnt.contains(&seconds) {
            return;
        }
        if self.learnt.len() >= MOST_LEARNT {
            self.learnt.pop_front();
        }
        self.learnt.push_back(seconds);
    }

    /// Now and then lets time pass before one of the operations: in one case of so many.
    pub(super) fn apply(
        &self,
        operations: &mut [Operation],
        one_in: u32,
        random: &mut impl RngCore,
    ) {
        if !random.next_u32().is_multiple_of(one_in) {
            return;
        }
        let count = u32::try_from(operations.len()).expect("few operations");
        if let Some(index) = random.next_u32().checked_rem(count) {
            operations[index as usize].wait = self.draw(random);
        }
    }

    fn draw(&self, random: &mut impl RngCore) -> Duration {
        let learnt = u32::try_from(self.learnt.len()).expect("few of them");
        let seconds = match random.next_u32().checked_rem(learnt * 2) {
            Some(index) if index < learnt => self.learnt[index as usize],
            _ => USUAL[(random.next_u32() as usize) % USUAL.len()],
        };
        Duration::from_secs(seconds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vm::comparison::SiteId;

    #[test]
    fn a_deadline_is_learnt_in_each_unit() {
        const NOW: u64 = 1_767_225_600_000_000_000;
        for unit in [1, 1_000_000, 1_000_000_000] {
            let mut waits = Waits::default();
            let now = NOW / unit;
            let numbers =
                vec![(SiteId(0), now, now + 86_400_000_000_000 / unit), (SiteId(1), 3, 7)];
            waits.learn(&Comparisons { numbers, ..Comparisons::default() }, NOW);
            assert_eq!(waits.learnt, [86_401]);
        }
    }
}
