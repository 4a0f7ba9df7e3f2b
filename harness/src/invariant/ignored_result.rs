//! It makes a difference whether an external call that carries a deposit succeeds.

use super::{Counterfactuals, Invariant, Settings, Violation};
use crate::chain::Error;
use crate::trace::{Event, Observation, same_state};
use crate::types::{AccountId, NearToken};

/// It makes a difference whether an external call that carries a deposit succeeds.
///
/// Looks at external calls that were made to fail and that carried NEAR which the operation's signer had attached. The
/// same case is run without that fault. If the call succeeds then, and yet the contracts under test end in the same
/// state and all other accounts with the same balances, the result was ignored: either the record is wrong after the
/// failure, or the deposit that came back belongs to no account.
///
/// Ignores calls without a deposit: a notice may go unheard.
///
/// Example: `split` pays two receivers and books both shares as paid, whatever came of the payments.
#[derive(Clone, Copy, Debug)]
pub struct IgnoredResult;

impl Invariant for IgnoredResult {
    fn name(&self) -> &'static str {
        "ignored-result"
    }

    fn rule(&self) -> &'static str {
        "It makes a difference whether an external call with a deposit succeeds."
    }

    fn check(
        &self,
        seen: &Observation,
        _: &Settings,
        counterfactuals: &mut dyn Counterfactuals,
    ) -> Result<Option<Violation>, Error> {
        for (index, call) in seen.ids().zip(&seen.calls) {
            for event in seen.external(index).filter(|event| event.is_forced()) {
                let deposit = event.deposit();
                if deposit <= NearToken::from_yoctonear(1) || call.deposit < deposit {
                    continue;
                }
                let spared = counterfactuals.without_fault(&event.outcome.name)?;
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
        let summary = format!(
            "{signer}'s {method} ends the same whether {callee}.{called} took {} or failed",
            event.deposit().exact_amount_display()
        );
        Violation::new(self, receipt.predecessor_id(), method, summary).detail(format!(
            "the contract's state and all other balances are equal in both cases; the deposit that came back from {callee} belongs to no account"
        ))
    }
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
