//! Which scheduler and which network a campaign tries a case under.
//!
//! Never runs a case.

use rand_chacha::rand_core::RngCore;

use crate::chain::Network;
use crate::scenario::{FallbackScheduler, Scenario};
use crate::types::Seed;

/// How many orders each set of operations is tried under before the next is made: one by a uniform
/// walk, one that makes all orders equally likely, and two by priorities.
pub(super) const SCHEDULES_PER_SCENARIO: u64 = 4;

/// Steps of an operation of which nothing is known yet.
const USUAL_STEPS: u32 = 4;

/// What is known of the operations that are tried: how many steps each takes.
#[derive(Clone, Debug, Default)]
pub(super) struct Shape {
    lengths: Vec<u32>,
}

impl Shape {
    /// The steps that each operation took in a run.
    pub(super) fn of(recorded: &Scenario) -> Self {
        let mut lengths = vec![0; recorded.operations.len()];
        for step in &recorded.schedule {
            lengths[step.operation().index()] += 1;
        }
        Self { lengths }
    }

    /// Who decides the `tried`-th time.
    pub(super) fn rest(
        &self,
        operations: usize,
        tried: u64,
        random: &mut impl RngCore,
    ) -> FallbackScheduler {
        let seed = Seed(random.next_u64());
        let known = self.lengths.len() == operations;
        let lengths = if known { self.lengths.clone() } else { vec![USUAL_STEPS; operations] };
        let events = lengths.iter().sum();
        match tried % SCHEDULES_PER_SCENARIO {
            0 => FallbackScheduler::Random(seed),
            1 => FallbackScheduler::Surw { seed, lengths },
            2 => FallbackScheduler::Pct { seed, depth: 1, events },
            _ => FallbackScheduler::Pct { seed, depth: 2 + random.next_u32() % 2, events },
        }
    }
}

/// The network that a case is tried under: mostly the one that is wanted, now and then a calm one,
/// whose orders are few and the likeliest outside.
pub(super) fn network(wanted: Network, random: &mut impl RngCore) -> Network {
    if random.next_u32().is_multiple_of(8) { Network::Calm } else { wanted }
}
