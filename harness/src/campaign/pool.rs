//! Cases that behaved in a way not seen before, to be changed and tried again.
//!
//! Never runs a case.

use std::collections::BTreeSet;

use rand_chacha::rand_core::RngCore;

use crate::decision::Label;
use crate::invariant::Event;
use crate::scenario::Scenario;
use crate::simulation::Ran;

/// Most cases that are kept.
const MOST_CASES: usize = 4_096;

/// Cases worth changing.
#[derive(Debug, Default)]
pub(super) struct Pool {
    seen: BTreeSet<Label>,
    cases: Vec<Scenario>,
}

impl Pool {
    /// Keeps the case where it behaved in a new way: which methods of whom ran after which, and how
    /// they ended. Also where `new` says so. Whether it did.
    pub(super) fn consider(&mut self, ran: &Ran, mut new: bool) -> bool {
        let mut previous = String::new();
        for event in &ran.observation.events {
            let behaviour = behaviour(event);
            new |= self.seen.insert(Label::of(&format!("{previous} > {behaviour}")));
            previous = behaviour;
        }
        if new && self.cases.len() < MOST_CASES {
            self.cases.push(ran.recorded.clone());
        }
        new
    }

    /// One of the cases, or none half of the time.
    pub(super) fn pick(&self, random: &mut impl RngCore) -> Option<&Scenario> {
        if self.cases.is_empty() || random.next_u32().is_multiple_of(2) {
            return None;
        }
        let count = u32::try_from(self.cases.len()).expect("few cases");
        self.cases.get((random.next_u32() % count) as usize)
    }

    pub(super) fn behaviours(&self) -> usize {
        self.seen.len()
    }
}

fn behaviour(event: &Event) -> String {
    let method = event.method().unwrap_or_default();
    format!("{}.{method} {}", event.outcome.executor, event.failed())
}
