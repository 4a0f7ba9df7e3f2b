//! A callback that fails keeps nobody's money.
//!
//! What a callback did is undone when it panics or runs out of gas, but not the call before it. Looks
//! at operations of which a callback of a contract under test failed by itself: compared with the same
//! case without the operation, its signer must not be poorer by something that the contract is richer
//! by. Money that went on to somebody else is not the callback's, and operations without which others
//! end differently are left out, since the difference may be theirs. Attached single yoctoNEAR, which
//! only prove a full-access key, do not count. Needs no powers beyond those that make it fail.

use near_primitives::transaction::ExecutionStatus;

use super::{Counterfactuals, Invariant, Settings, Severity, Violation};
use crate::chain::{Cause, Error};
use crate::trace::{Event, Observation};
use crate::types::NearToken;

/// The deposit that proves a full-access key.
const PROOF: NearToken = NearToken::from_yoctonear(1);

/// See the module.
#[derive(Clone, Copy, Debug)]
pub struct Callback;

impl Invariant for Callback {
    fn name(&self) -> &'static str {
        "callback"
    }

    fn rule(&self) -> &'static str {
        "A callback that fails keeps nobody's money."
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
            let Some(event) = seen.of(index).find(|event| failed_callback(seen, event)) else {
                continue;
            };
            if call.deposit <= PROOF {
                continue;
            }
            let without = laboratory.without(index)?;
            if !seen.others_unchanged(&without, index) {
                continue;
            }
            let lost = without.wealth(&call.signer).saturating_sub(seen.wealth(&call.signer));
            let contract = &event.outcome.executor;
            let kept = seen.gained(contract) - without.gained(contract);
            let kept = NearToken::from_yoctonear(u128::try_from(kept).unwrap_or(0));
            if lost <= PROOF || kept < lost {
                continue;
            }
            let method = event.method().unwrap_or_default();
            return Ok(Some(Violation {
                invariant: self.name().to_owned(),
                severity: Severity::High,
                account: contract.clone(),
                summary: format!(
                    "the callback {method} of {}'s {} failed, and {contract} kept {}",
                    call.signer,
                    call.method,
                    lost.exact_amount_display()
                ),
                details: vec![format!("{method}: {}", reason(event))],
                method,
            }));
        }
        Ok(None)
    }
}

/// Whether a contract's call of itself with a result in it failed by itself.
fn failed_callback(seen: &Observation, event: &Event) -> bool {
    let Cause::Receipt { receipt, forced, .. } = &event.outcome.cause else { return false };
    let own = receipt.predecessor_id() == receipt.receiver_id();
    let under_test = seen.parties.under_test.contains(&event.outcome.executor);
    own && under_test && event.is_callback() && event.failed() && !forced
}

fn reason(event: &Event) -> String {
    match &event.outcome.status {
        ExecutionStatus::Failure(error) => crate::trace::text::failure(error),
        _ => "failed".to_owned(),
    }
}
