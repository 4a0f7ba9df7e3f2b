//! Whether an outside call with money succeeded makes a difference.
//!
//! Looks at outside calls that were made to fail and that carried money which the operation's signer
//! had attached. The same case is run with that call spared. Where it succeeds then, and yet the
//! contracts under test end in the same state and everybody outside has the same, the result was
//! ignored: either the record is wrong after the failure, or the money that came back is nobody's.
//! Calls without money are left out: a notice may go unheard. Needs a callee that fails.

use super::{Counterfactuals, Invariant, Settings, Severity, Violation};
use crate::chain::{Cause, Error};
use crate::trace::{Event, Observation, same_state};
use crate::types::{AccountId, NearToken};

/// See the module.
#[derive(Clone, Copy, Debug)]
pub struct IgnoredResult;

impl Invariant for IgnoredResult {
    fn name(&self) -> &'static str {
        "ignored-result"
    }

    fn rule(&self) -> &'static str {
        "Whether an external call with money succeeded makes a difference."
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
            for event in seen.external(index).filter(|event| was_forced(event)) {
                let money = event.deposit();
                if money <= NearToken::from_yoctonear(1) || call.deposit < money {
                    continue;
                }
                let spared = laboratory.without_fault(&event.outcome.name)?;
                let mut again = spared.of(index);
                let same = again.find(|other| other.outcome.name == event.outcome.name);
                let succeeded = same.is_some_and(|same| !same.failed());
                if !succeeded || !spared.complete || !alike(seen, &spared, event) {
                    continue;
                }
                return Ok(Some(self.violation(&call.signer, &call.method, event)));
            }
        }
        Ok(None)
    }
}

impl IgnoredResult {
    fn violation(&self, signer: &AccountId, method: &str, event: &Event) -> Violation {
        let callee = &event.outcome.executor;
        let called = event.method().unwrap_or_default();
        let receipt = event.outcome.receipt().expect("a call has a receipt");
        Violation {
            invariant: self.name().to_owned(),
            severity: Severity::High,
            account: receipt.predecessor_id().clone(),
            method: method.to_owned(),
            summary: format!(
                "{signer}'s {method} ends the same whether {callee}.{called} took {} or failed",
                event.deposit().exact_amount_display()
            ),
            details: vec![format!(
                "the contract's state and everybody's balance are equal in both cases; the money that came back from {callee} is nobody's"
            )],
        }
    }
}

fn was_forced(event: &Event) -> bool {
    matches!(event.outcome.cause, Cause::Receipt { forced: true, .. })
}

/// Whether contracts under test and all others but the callee end equal.
fn alike(seen: &Observation, spared: &Observation, event: &Event) -> bool {
    let mut under_test = seen.parties.under_test.iter();
    let states = under_test.all(|account| same_state(&seen.end, &spared.end, account));
    let mut others = seen
        .end
        .accounts()
        .map(|(id, _)| id)
        .filter(|id| !seen.parties.under_test.contains(*id) && **id != event.outcome.executor);
    states && others.all(|id| seen.wealth(id) == spared.wealth(id))
}
