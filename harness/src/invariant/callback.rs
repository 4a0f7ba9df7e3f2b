//! A callback that fails keeps no one's deposit.

use near_primitives::transaction::ExecutionStatus;

use super::harm::Suspicion;
use super::{Counterfactuals, Invariant, Settings, Violation};
use crate::chain::{Cause, Error};
use crate::trace::{Event, Observation};
use crate::types::NearToken;

/// The deposit that proves a full-access key.
const PROOF: NearToken = NearToken::from_yoctonear(1);

/// A callback that fails keeps no one's deposit.
///
/// What a callback did is undone if it panics or runs out of gas, but the call before it is not. Looks at operations of
/// which a callback of a contract under test failed by itself: compared with the same case without the operation, its
/// signer must not be poorer by something that the contract is richer by.
///
/// Ignores NEAR that went on to another account, operations without which others end differently, since the
/// difference may be theirs, single yoctoNEAR, which only prove a full-access key, and what a later call gives back.
///
/// Example: `swap` sends tokens to an exchange, and its callback reads an answer that is not a number. The callback
/// panics, and what was swapped belongs to no account.
#[derive(Clone, Copy, Debug)]
pub struct Callback;

impl Invariant for Callback {
    fn name(&self) -> &'static str {
        "callback"
    }

    fn rule(&self) -> &'static str {
        "A callback that fails keeps no one's deposit."
    }

    fn check(
        &self,
        seen: &Observation,
        _: &Settings,
        counterfactuals: &mut dyn Counterfactuals,
    ) -> Result<Option<Violation>, Error> {
        let mut observation = None;
        for (index, call) in seen.ids().zip(&seen.calls) {
            let Some(event) = seen.of(index).find(|event| failed_callback(seen, event)) else {
                continue;
            };
            if call.deposit <= PROOF {
                continue;
            }
            let without = counterfactuals.without(index)?;
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
            let suspicion = Suspicion {
                invariant: self,
                seen,
                without: &without,
                operation: index,
                contract,
                event: format!("the callback {method} of {}'s {} failed", call.signer, call.method),
                kind: method.clone(),
                remark: format!("{contract} keeps {}", lost.exact_amount_display()),
                details: vec![format!("{method}: {}", reason(event))],
            };
            match suspicion
                .judge(counterfactuals)?
                .map(|violation| Violation { method, ..violation })
            {
                Some(violation) if !violation.is_observation() => return Ok(Some(violation)),
                other => observation = observation.or(other),
            }
        }
        Ok(observation)
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
