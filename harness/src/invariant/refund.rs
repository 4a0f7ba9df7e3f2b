//! A failed operation costs its payer nothing but gas.

use super::harm::Suspicion;
use super::{Counterfactuals, Invariant, Settings, Violation};
use crate::chain::Error;
use crate::trace::{Event, Observation};
use crate::types::OperationId;

/// A failed operation costs its payer nothing but gas.
///
/// An operation failed if its result is a failure, or if every call that it made to external contracts failed; if it
/// made none, if no NEAR that it sent to others could be received. What it cost is found by running the same case
/// without it.
///
/// Ignores operations of which some external call succeeded, since that may have spent the deposit; operations
/// without which others end differently, since the difference may be theirs; what a later call gives back; and a
/// price that a success keeps as well. What is left below the price of 100 bytes of storage is an observation.
///
/// Example: `buy` passes its deposit on to a shop, the shop fails, and the deposit comes back to the contract and
/// stays there.
#[derive(Clone, Copy, Debug)]
pub struct Refund;

impl Invariant for Refund {
    fn name(&self) -> &'static str {
        "refund"
    }

    fn rule(&self) -> &'static str {
        "A failed operation costs its payer nothing but gas."
    }

    fn check(
        &self,
        seen: &Observation,
        _: &Settings,
        counterfactuals: &mut dyn Counterfactuals,
    ) -> Result<Option<Violation>, Error> {
        let mut observation = None;
        for (index, call) in seen.ids().zip(&seen.calls) {
            // Without a deposit there is nothing to keep.
            let kept_nothing = call.deposit.is_zero() || seen.refused(index);
            if kept_nothing || !all_external_failed(seen, index) {
                continue;
            }
            let without = counterfactuals.without(index)?;
            if !seen.others_unchanged(&without, index) {
                continue;
            }
            let (with, before) = (seen.wealth(&call.signer), without.wealth(&call.signer));
            let lost = before.saturating_sub(with);
            // A single yoctoNEAR proves a full-access key and is not asked back.
            if lost.as_yoctonear() <= 1 {
                continue;
            }
            let forced = seen.of(index).any(Event::is_forced);
            let suspicion = Suspicion {
                invariant: self,
                seen,
                without: &without,
                operation: index,
                contract: seen.contract_of(index),
                event: format!("{}'s {} failed", call.signer, call.method),
                kind: format!("forced: {forced}"),
                remark: format!("{} did not come back", lost.exact_amount_display()),
                details: Vec::new(),
            };
            match suspicion.judge(counterfactuals)? {
                Some(violation) if !violation.is_observation() => return Ok(Some(violation)),
                other => observation = observation.or(other),
            }
        }
        Ok(observation)
    }
}

/// Whether an operation failed and no other contract can have used its deposit.
pub(super) fn all_external_failed(seen: &Observation, operation: OperationId) -> bool {
    let calls: Vec<bool> = seen.external(operation).map(Event::failed).collect();
    if !calls.is_empty() {
        return calls.iter().all(|failed| *failed);
    }
    let payments: Vec<bool> = payments(seen, operation).map(Event::failed).collect();
    if payments.is_empty() {
        return seen.failed(operation);
    }
    payments.iter().all(|failed| *failed)
}

/// Whether an operation made a contract under test call an external contract, or send NEAR that could not be
/// received.
pub(super) fn went_out(seen: &Observation, operation: OperationId) -> bool {
    seen.external(operation).next().is_some() || payments(seen, operation).any(Event::failed)
}

/// NEAR that contracts under test sent to others than the operation's signer, and NEAR that could not be received.
/// What went to the signer is what an operation gives back.
fn payments(seen: &Observation, operation: OperationId) -> impl Iterator<Item = &Event> {
    let signer = &seen[operation].signer;
    let under_test = &seen.parties.under_test;
    seen.of(operation).filter(move |event| {
        event.outcome.receipt().is_some_and(|receipt| {
            under_test.contains(receipt.predecessor_id())
                && !under_test.contains(receipt.receiver_id())
                && (receipt.receiver_id() != signer || event.failed())
        })
    })
}
