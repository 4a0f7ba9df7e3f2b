//! A signer must not lose funds through a contract they did not call.

use super::balances::{Asset, AssetBalance, DUST, accounts_outside};
use super::{Counterfactuals, Invariant, Settings, Severity, Violation};
use crate::chain::Error;
use crate::trace::Observation;
use crate::types::AccountId;

/// A contract must ask who calls it, not who signed the transaction.
///
/// **Looks at** calls that an attacker's contract makes in a transaction which another account, the victim,
/// signed: all that the victim did was to call that contract. The same operations run one after the other, once with
/// the call signed by the victim and once by the attacker. An account other than the victim must not end with more
/// NEAR or tokens because the victim signed.
///
/// **Ignores** contracts under test as victims, since their keys sign nothing that a user could be led to; more of
/// one asset for less of another one; single yoctoNEAR and gas rewards.
///
/// **Example**: `sweep` pays out the balance of `env::signer_account_id()`. Whoever calls the attacker's contract for
/// any reason signs that `sweep` with it, and the attacker gets their balance.
#[derive(Clone, Copy, Debug)]
pub struct Signer;

impl Invariant for Signer {
    fn name(&self) -> &'static str {
        "signer"
    }

    fn rule(&self) -> &'static str {
        "A signer must not lose funds through a contract they did not call."
    }

    fn check(
        &self,
        seen: &Observation,
        _: &Settings,
        counterfactuals: &mut dyn Counterfactuals,
    ) -> Result<Option<Violation>, Error> {
        for (index, call) in seen.ids().zip(&seen.calls) {
            let Some(caller) = call.through.as_ref().filter(|caller| **caller != call.signer)
            else {
                continue;
            };
            if seen.failed(index) || seen.parties.under_test.contains(&call.signer) {
                continue;
            }
            let victims = counterfactuals.with_signer(index, &call.signer)?;
            if !victims.complete || victims.failed(index) {
                continue;
            }
            let own = counterfactuals.with_signer(index, caller)?;
            if !own.complete {
                continue;
            }
            let Some((account, asset, more)) = gain(&victims, &own, &call.signer) else { continue };
            let summary = format!(
                "{} only signed, {caller} called {}.{}, and {account} got {} for it",
                call.signer,
                call.receiver,
                call.method,
                asset.show(more)
            );
            let violation = Violation::new(self, &call.receiver, &call.method, summary)
                .severity(Severity::Critical)
                .detail(format!("signed by {caller} itself, the same call gives less"));
            return Ok(Some(violation));
        }
        Ok(None)
    }
}

/// Which account outside, other than the victim, has gained compared with `other`, and what.
fn gain(
    seen: &Observation,
    other: &Observation,
    victim: &AccountId,
) -> Option<(AccountId, Asset, u128)> {
    let events = seen.events.iter().chain(&other.events);
    let burnt = events.map(|event| event.outcome.tokens_burnt.as_yoctonear());
    let slack = DUST + burnt.sum::<u128>();
    let mut outside = accounts_outside(seen).filter(|id| *id != victim);
    outside.find_map(|id| {
        let other = AssetBalance::of(other, id);
        let (asset, more) = AssetBalance::of(seen, id).gain_over(&other, slack)?;
        Some((id.clone(), asset, more))
    })
}
