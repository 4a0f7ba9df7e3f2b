//! Cases that showed something new, to be changed and tried again.
//!
//! Never runs a case.

use rand_chacha::rand_core::RngCore;

use super::feedback::Feedback;
use crate::scenario::Scenario;

/// Most cases that are kept.
const MOST_CASES: usize = 4_096;

/// How many cases are drawn of which the one with the rarest behaviour is taken.
const DRAWN: usize = 4;

/// A case and the counters that showed something new in it.
#[derive(Debug)]
struct Case {
    scenario: Scenario,
    slots: Vec<usize>,
}

/// Cases worth changing.
#[derive(Debug, Default)]
pub(super) struct Pool(Vec<Case>);

impl Pool {
    pub(super) fn add(&mut self, scenario: Scenario, slots: Vec<usize>) {
        if self.0.len() < MOST_CASES {
            self.0.push(Case { scenario, slots });
        }
    }

    /// One of the cases, rather one that did what few cases do.
    pub(super) fn pick(&self, feedback: &Feedback, random: &mut impl RngCore) -> Option<&Scenario> {
        let count = u32::try_from(self.0.len()).expect("few cases");
        if count == 0 {
            return None;
        }
        let drawn = (0..DRAWN).map(|_| &self.0[(random.next_u32() % count) as usize]);
        let rarest = drawn.min_by_key(|case| feedback.rarity(&case.slots));
        rarest.map(|case| &case.scenario)
    }
}
