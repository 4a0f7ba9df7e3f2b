//! A yield that was not resumed in time leaves nothing behind that harms anyone.

use near_primitives::receipt::VersionedReceiptEnum;

use super::harm::Suspicion;
use super::rollback::{describe, left_behind};
use super::{Counterfactuals, Invariant, Rollback, Settings, Violation};
use crate::chain::{Cause, Error};
use crate::trace::{Event, Observation};

/// A yield that was not resumed in time leaves nothing behind that harms anyone.
///
/// Looks at operations whose yield timed out: to their contract that is a failure of the call that it waited for.
/// Compared with the same case without the operation, its signer must not be poorer, and the keys that it wrote must
/// be as they would be; if they are not, calls that follow the case show whether anyone can get less.
///
/// Ignores operations without which others end differently, since the difference may be theirs, and keys that the
/// target lists under `ignore-keys` of `rollback`. It needs no attacker: silence is enough.
///
/// Example: `withdraw` takes an amount off the caller's balance and waits for an approval. The approval never comes,
/// and the callback does not give the amount back.
#[derive(Clone, Copy, Debug)]
pub struct Yield;

impl Invariant for Yield {
    fn name(&self) -> &'static str {
        "yield"
    }

    fn rule(&self) -> &'static str {
        "A yield that was not resumed in time leaves no account with less."
    }

    fn check(
        &self,
        seen: &Observation,
        settings: &Settings,
        counterfactuals: &mut dyn Counterfactuals,
    ) -> Result<Option<Violation>, Error> {
        let mut observation = None;
        for (index, call) in seen.ids().zip(&seen.calls) {
            let timed_out = seen.of(index).find(|event| timed_out(event));
            let Some(event) = timed_out else { continue };
            let contract = &event.outcome.executor;
            if !seen.parties.under_test.contains(contract) {
                continue;
            }
            let without = counterfactuals.without(index)?;
            if !seen.others_unchanged(&without, index) {
                continue;
            }
            let lost = without.wealth(&call.signer).saturating_sub(seen.wealth(&call.signer));
            let mut left = left_behind(seen, &without, index, contract);
            left.retain(|key| !settings.ignores(Rollback.name(), contract, key));
            if lost.as_yoctonear() <= 1 && left.is_empty() {
                continue;
            }
            let suspicion = Suspicion {
                invariant: self,
                seen,
                without: &without,
                operation: index,
                contract,
                event: format!(
                    "the yield of {}'s {} was not resumed in time",
                    call.signer, call.method
                ),
                kind: format!("{} keys", left.len()),
                remark: format!("{contract} keeps something that it wrote for it"),
                details: describe(seen, &without, contract, &left),
            };
            match suspicion.judge(counterfactuals)? {
                Some(violation) if !violation.is_observation() => return Ok(Some(violation)),
                other => observation = observation.or(other),
            }
        }
        Ok(observation)
    }
}

/// Whether this is the callback of a yield that ran without data.
fn timed_out(event: &Event) -> bool {
    let Cause::Receipt { receipt, results, .. } = &event.outcome.cause else { return false };
    let is_yield = matches!(receipt.versioned_receipt(), VersionedReceiptEnum::PromiseYield(_));
    is_yield && results.iter().all(Option::is_none)
}
