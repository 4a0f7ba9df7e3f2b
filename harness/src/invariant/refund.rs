//! An operation that failed costs its payer gas and nothing else.
//!
//! An operation failed when its result is a failure, or when every call that it made to contracts
//! outside failed; where it made none, when no money that it sent to others could be received. What it cost is found by running the same case without it. Operations of which some
//! outside call succeeded are left out: they may have spent the money. So are those without which other
//! operations end differently, since the difference may be theirs.

use super::{Counterfactuals, Invariant, Settings, Severity, Violation};
use crate::chain::Error;
use crate::trace::{Event, Observation};
use crate::types::OperationId;

/// See the module.
#[derive(Clone, Copy, Debug)]
pub struct Refund;

impl Invariant for Refund {
    fn name(&self) -> &'static str {
        "refund"
    }

    fn rule(&self) -> &'static str {
        "An operation that failed costs its payer gas and nothing else."
    }

    fn check(
        &self,
        seen: &Observation,
        _: &Settings,
        laboratory: &mut dyn Counterfactuals,
    ) -> Result<Option<Violation>, Error> {
        if !seen.complete {
            return Ok(None);
        }
        for (index, call) in seen.ids().zip(&seen.calls) {
            // Without a deposit there is nothing to keep.
            let kept_nothing = call.deposit.is_zero() || seen.refused(index);
            if kept_nothing || !all_external_failed(seen, index) {
                continue;
            }
            let without = laboratory.without(index)?;
            if !seen.others_unchanged(&without, index) {
                continue;
            }
            let (with, without) = (seen.wealth(&call.signer), without.wealth(&call.signer));
            let lost = without.saturating_sub(with);
            // A single yoctoNEAR proves a full-access key and is not asked back.
            if lost.as_yoctonear() <= 1 {
                continue;
            }
            let (account, method) = (call.signer.clone(), call.method.clone());
            return Ok(Some(Violation {
                invariant: self.name().to_owned(),
                severity: Severity::High,
                summary: format!(
                    "{account} called {}.{method}, it failed, and {} did not come back",
                    call.receiver,
                    lost.exact_amount_display()
                ),
                details: vec![
                    format!(
                        "{account} with the operation, gas added back: {}",
                        with.exact_amount_display()
                    ),
                    format!(
                        "{account} without the operation:              {}",
                        without.exact_amount_display()
                    ),
                ],
                account,
                method,
            }));
        }
        Ok(None)
    }
}

/// Whether an operation failed and nothing outside can have used its money.
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

/// Whether an operation made a contract under test reach outside: with a call, or with money that
/// could not be received.
pub(super) fn went_out(seen: &Observation, operation: OperationId) -> bool {
    seen.external(operation).next().is_some() || payments(seen, operation).any(Event::failed)
}

/// Money that contracts under test sent to others than the operation's signer, and money that could
/// not be received. What went to the signer is what an operation gives back.
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
