//! A yield that nobody resumed in time leaves nothing behind.
//!
//! Looks at operations whose yield ran out of time: to their contract that is a failure of the call it
//! waited for. Compared with the same case without the operation, its signer must not be poorer and the
//! keys that it wrote must be as they would be. Operations without which others end differently are
//! left out, since the difference may be theirs. Needs nobody to do anything: silence is enough.

use near_primitives::receipt::VersionedReceiptEnum;

use super::rollback::left_behind;
use super::{Counterfactuals, Invariant, Rollback, Settings, Severity, Violation};
use crate::chain::{Cause, Error};
use crate::trace::{Event, Observation};

/// See the module.
#[derive(Clone, Copy, Debug)]
pub struct Yield;

impl Invariant for Yield {
    fn name(&self) -> &'static str {
        "yield"
    }

    fn rule(&self) -> &'static str {
        "A yield that nobody resumed in time leaves nothing behind."
    }

    fn check(
        &self,
        seen: &Observation,
        settings: &Settings,
        laboratory: &mut dyn Counterfactuals,
    ) -> Result<Option<Violation>, Error> {
        if !seen.complete {
            return Ok(None);
        }
        for (index, call) in seen.ids().zip(&seen.calls) {
            let timed_out = seen.of(index).find(|event| timed_out(event));
            let Some(event) = timed_out else { continue };
            let contract = &event.outcome.executor;
            if !seen.parties.under_test.contains(contract) {
                continue;
            }
            let without = laboratory.without(index)?;
            if !seen.others_unchanged(&without, index) {
                continue;
            }
            let lost = without.wealth(&call.signer).saturating_sub(seen.wealth(&call.signer));
            let mut left = left_behind(seen, &without, index, contract);
            left.retain(|key| !settings.ignores(Rollback.name(), contract, key));
            if lost.as_yoctonear() <= 1 && left.is_empty() {
                continue;
            }
            let what = if lost.as_yoctonear() > 1 {
                format!("kept {}", lost.exact_amount_display())
            } else {
                "kept what it had written for it".to_owned()
            };
            return Ok(Some(Violation {
                invariant: self.name().to_owned(),
                severity: Severity::High,
                account: contract.clone(),
                method: call.method.clone(),
                summary: format!(
                    "nobody resumed the yield of {}'s {} in time, and {contract} {what}",
                    call.signer, call.method
                ),
                details: super::rollback::describe(seen, &without, contract, &left),
            }));
        }
        Ok(None)
    }
}

/// Whether this is the callback of a yield that ran without data.
fn timed_out(event: &Event) -> bool {
    let Cause::Receipt { receipt, results, .. } = &event.outcome.cause else { return false };
    let is_yield = matches!(receipt.versioned_receipt(), VersionedReceiptEnum::PromiseYield(_));
    is_yield && results.iter().all(Option::is_none)
}
