//! Who only signed gives nobody anything.
//!
//! Looks at calls that a stranger's contract makes and somebody else signed: all that the victim did
//! was to call that contract. The same operations are run one after the other, with the call signed by
//! the victim and by the stranger: a transaction of the stranger's own takes other ways than the
//! victim's, so that interleaved runs would differ in more than the signer. Where anybody but the
//! victim ends with more NEAR or tokens when the victim signs, the contract asked who signed where it
//! should ask who calls. Needs a victim who signs a call of an attacker's contract.

use super::{Counterfactuals, Invariant, Settings, Severity, Violation};
use crate::chain::Error;
use crate::trace::Observation;
use crate::types::{AccountId, NearToken};

/// NEAR that is no gain, in yoctoNEAR.
const DUST: u128 = 1_000;

/// See the module.
#[derive(Clone, Copy, Debug)]
pub struct Signer;

impl Invariant for Signer {
    fn name(&self) -> &'static str {
        "signer"
    }

    fn rule(&self) -> &'static str {
        "Who only signed a stranger's call gives nobody anything."
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
            let Some(caller) = call.through.as_ref().filter(|caller| **caller != call.signer)
            else {
                continue;
            };
            if seen.failed(index) {
                continue;
            }
            let victims = laboratory.with_signer(index, &call.signer)?;
            if !victims.complete || victims.failed(index) {
                continue;
            }
            let own = laboratory.with_signer(index, caller)?;
            if !own.complete {
                continue;
            }
            let Some((account, what)) = gain(&victims, &own, &call.signer) else { continue };
            return Ok(Some(Violation {
                invariant: self.name().to_owned(),
                severity: Severity::Critical,
                account: call.receiver.clone(),
                method: call.method.clone(),
                summary: format!(
                    "{} only signed, {caller} called {}.{}, and {account} got {what} for it",
                    call.signer, call.receiver, call.method
                ),
                details: vec![format!("signed by {caller} itself, the same call gives less")],
            }));
        }
        Ok(None)
    }
}

/// Who but the victim, contracts under test left out, has more than in `other`, and what.
fn gain(
    seen: &Observation,
    other: &Observation,
    victim: &AccountId,
) -> Option<(AccountId, String)> {
    let events = seen.events.iter().chain(&other.events);
    let burnt = events.map(|event| event.outcome.tokens_burnt.as_yoctonear());
    let slack = NearToken::from_yoctonear(DUST + burnt.sum::<u128>());
    let accounts = seen.end.accounts().map(|(id, _)| id);
    let mut outside = accounts.filter(|id| *id != victim && !seen.parties.under_test.contains(*id));
    outside.find_map(|id| {
        let near = seen.wealth(id).saturating_sub(other.wealth(id));
        if near > slack {
            return Some((id.clone(), near.exact_amount_display()));
        }
        let mut tokens = seen.holdings.keys();
        let token = tokens.find(|token| seen.held(token, id) > other.held(token, id))?;
        let more = seen.held(token, id) - other.held(token, id);
        Some((id.clone(), format!("{more} of {token}")))
    })
}
