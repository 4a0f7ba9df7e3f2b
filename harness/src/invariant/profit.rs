//! Nobody ends with more NEAR than in every serial order of the same operations.
//!
//! Observes balances of accounts that are not under test, with the gas they paid for added back, so
//! that cases which burn different amounts compare. A gain that some serial order gives as well is no
//! violation: the contract may mean it.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use super::{Invariant, Laboratory, Observation, Violation};
use crate::chain::Error;
use crate::types::{AccountId, NearToken};

/// See the module.
#[derive(Clone, Copy, Debug)]
pub struct Profit;

impl Invariant for Profit {
    fn name(&self) -> &'static str {
        "profit"
    }

    fn rule(&self) -> &'static str {
        "Nobody ends with more than in every serial order of the same operations."
    }

    fn check(
        &self,
        seen: &Observation,
        laboratory: &mut dyn Laboratory,
    ) -> Result<Option<Violation>, Error> {
        // One operation has no order but its own.
        if !seen.complete || seen.calls.len() < 2 {
            return Ok(None);
        }
        let mut gains: BTreeMap<_, _> = wealth(seen);
        let mut best: BTreeMap<AccountId, NearToken> = BTreeMap::new();
        let all = laboratory.serial(&mut |serial| {
            for (account, wealth) in wealth(serial) {
                let known = best.entry(account).or_insert(wealth);
                *known = (*known).max(wealth);
            }
            gains.retain(|account, gain| best.get(account).is_none_or(|best| *gain > *best));
            if gains.is_empty() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })?;
        // Without having seen every order nothing can be said.
        let gain = gains.into_iter().next().filter(|_| all);
        Ok(gain.map(|(account, wealth)| violation(self.name(), seen, account, wealth, &best)))
    }
}

/// Everybody's wealth, contracts under test and system left out.
fn wealth(seen: &Observation) -> BTreeMap<AccountId, NearToken> {
    let accounts = seen.end.accounts().map(|(id, _)| id);
    let others = accounts.filter(|id| !seen.settings.under_test.contains(*id));
    others.map(|id| (id.clone(), seen.wealth(id))).collect()
}

fn violation(
    name: &str,
    seen: &Observation,
    account: AccountId,
    wealth: NearToken,
    best: &BTreeMap<AccountId, NearToken>,
) -> Violation {
    let serial = best.get(&account).copied().unwrap_or(NearToken::from_yoctonear(0));
    let gain = wealth.saturating_sub(serial);
    let own = seen.calls.iter().find(|call| call.signer == account);
    let call = own.or(seen.calls.first()).expect("a case with a profit has calls");
    let summary = format!(
        "{account} ends with {} more than in any serial order of the same operations",
        gain.exact_amount_display()
    );
    let details = vec![
        format!("{account}, interleaved:       {}", wealth.exact_amount_display()),
        format!("{account}, best serial order: {}", serial.exact_amount_display()),
    ];
    let method = call.method.clone();
    Violation { invariant: name.to_owned(), account, method, summary, details }
}
