//! Runs operations that nothing disturbs: those of the set-up, and those of a case's history.
//!
//! Never injects a fault, and has no choice to make: receipts run in the order in which they were sent.

use near_primitives::transaction::ExecutionStatus;

use super::Error;
use super::operation::transaction;
use crate::adversary::{FaultPolicy, Puppet};
use crate::chain::{InjectedFault, Outcome, World};
use crate::scenario::Operation;
use crate::types::{OperationId, ReceiptName};
use crate::vm::Engine;

/// Runs operations one after the other.
pub(super) struct Undisturbed<'a> {
    pub(super) engine: &'a dyn Engine,
    pub(super) reach: &'a FaultPolicy,
    pub(super) puppet: &'a Puppet,
}

/// How an operation ended.
pub(super) enum End {
    /// No receipt is left, and none has failed.
    Success,
    /// No receipt is left, and one has failed: why.
    Failure(String),
    /// Receipts are left after as many as may run.
    CutOff,
}

impl Undisturbed<'_> {
    /// Runs an operation until no receipt of it is left, but no more receipts than this. Yields go on waiting.
    pub(super) fn run(
        &self,
        world: &mut World,
        operation: &Operation,
        number: OperationId,
        most: u32,
    ) -> Result<End, Error> {
        if !operation.wait.is_zero() {
            world.wait(operation.wait);
            self.settle(world, most)?;
        }
        let outcome = world.submit(&transaction(operation), ReceiptName::root(number));
        let (failed, cut_off) = self.deliver_all(world, most)?;
        world.next_block();
        Ok(match failure(&outcome).or(failed) {
            _ if cut_off => End::CutOff,
            Some(why) => End::Failure(why),
            None => End::Success,
        })
    }

    /// Lets all yields run out of time, and runs what comes of it, but no more receipts than this. Whether the
    /// world came to rest.
    pub(super) fn settle(&self, world: &mut World, most: u32) -> Result<bool, Error> {
        for _ in 0..most {
            let (_, cut_off) = self.deliver_all(world, most)?;
            let Some(height) = world.next_timeout().filter(|_| !cut_off) else {
                return Ok(!cut_off);
            };
            world.advance_to(height + 1);
        }
        Ok(false)
    }

    /// Delivers receipts until none is left. The first failure, and whether some are left.
    fn deliver_all(&self, world: &mut World, most: u32) -> Result<(Option<String>, bool), Error> {
        let mut failed = None;
        for _ in 0..most {
            let next = oldest(world, self.reach, self.puppet);
            let Some((sequence, forced)) = next else { return Ok((failed, false)) };
            let delivered = world.deliver(self.engine, sequence, forced)?;
            failed = failed.or_else(|| delivered.outcomes.iter().find_map(failure));
        }
        Ok((failed, !world.is_quiet()))
    }
}

/// The receipt that comes next if nothing disturbs it, and what a puppet does with it if one plays its receiver.
pub(super) fn oldest(
    world: &World,
    reach: &FaultPolicy,
    puppet: &Puppet,
) -> Option<(u64, Option<InjectedFault>)> {
    let entry = world.deliverable().next()?;
    let played = reach.puppets.contains(entry.receipt.receiver_id());
    Some((entry.sequence, played.then(|| puppet.usual(entry, reach))))
}

fn failure(outcome: &Outcome) -> Option<String> {
    match &outcome.status {
        ExecutionStatus::Failure(error) => Some(error.to_string()),
        _ => None,
    }
}
