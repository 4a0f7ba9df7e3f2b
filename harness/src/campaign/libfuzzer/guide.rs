//! What libFuzzer's bytes become: a search of which libFuzzer chooses the case to be changed.
//!
//! Everything else is as in a campaign without it: some cases are new, some are another's operations in
//! another order, some have what a contract compared in their arguments. Never runs a case.

use std::collections::VecDeque;

use super::CoverageCounters;
use crate::campaign::search::{CoverageSink, InputScheduler, NextInput};
use crate::generator::from_fuzzer_bytes;
use crate::generator::mutate_bytes;
use crate::scenario::Scenario;
use crate::simulation::Execution;
use crate::targets::Target;
use crate::types::Seed;
use crate::vm::coverage::Coverage;

/// Turns bytes into cases and back.
pub(in crate::campaign) struct MutatorBridge {
    pub(in crate::campaign) scheduler: InputScheduler,
    /// What libFuzzer sees of each case. None if it was told of other counters before.
    counters: Option<CoverageCounters>,
    /// What was handed out last, with its bytes: they come back to be run.
    handed_out: Option<(Vec<u8>, NextInput)>,
    /// Cases that somebody wants to be run.
    given: VecDeque<Scenario>,
}

impl MutatorBridge {
    pub(super) fn new(scheduler: InputScheduler, counters: Option<CoverageCounters>) -> Self {
        Self { scheduler, counters, handed_out: None, given: VecDeque::new() }
    }

    /// What receives the coverage of each case.
    pub(in crate::campaign) fn sink(&self) -> &dyn CoverageSink {
        match &self.counters {
            Some(counters) => counters,
            None => &(),
        }
    }

    /// Learns from a case that ran since the coverage was last reset. Returns whether it was kept.
    pub(in crate::campaign) fn learn(
        &mut self,
        ran: &Execution,
        coverage: &Coverage,
        keep: bool,
    ) -> bool {
        let sink: &dyn CoverageSink = match &self.counters {
            Some(counters) => counters,
            None => &(),
        };
        self.scheduler.learn(ran, coverage, keep, sink)
    }

    /// Hands out a case before others.
    pub(super) fn give(&mut self, scenario: Scenario) {
        self.given.push_back(scenario);
    }

    /// Changes a case, or makes another one of it: at most `longest` bytes.
    pub(super) fn change(&mut self, parent: &[u8], longest: usize, target: &Target) -> Vec<u8> {
        let next = match self.given.pop_front() {
            Some(scenario) => self.scheduler.given(scenario),
            None => {
                let parent = from_fuzzer_bytes(parent, target);
                self.scheduler.next(target, Some(&parent))
            }
        };
        let bytes = next.scenario().to_bytes();
        if bytes.len() > longest {
            // Rare: it takes a few operations more than usual.
            let seed = Seed(bytes.len() as u64);
            return mutate_bytes(parent, target, longest, seed);
        }
        self.handed_out = Some((bytes.clone(), next));
        bytes
    }

    /// What the bytes stand for: what was handed out last, or a case that libFuzzer has from elsewhere.
    pub(super) fn case(&mut self, bytes: &[u8], target: &Target) -> NextInput {
        match self.handed_out.take() {
            Some((own, next)) if own == bytes => next,
            _ => self.scheduler.given(from_fuzzer_bytes(bytes, target)),
        }
    }
}
