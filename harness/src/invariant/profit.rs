//! No account gains from the order of receipts: it must not end with more than every serial order gives it.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use super::balances::{Asset, AssetBalance, accounts_outside, near_slack};
use super::conflict_graph::explain;
use super::{Counterfactuals, Invariant, Settings, Severity, Violation, no_effect};
use crate::chain::Error;
use crate::trace::Observation;
use crate::trace::spent_in_flight;
use crate::types::AccountId;

/// No account outside ends with more, in NEAR and in all tokens of the world together, than in every serial order
/// of the same operations.
///
/// **Looks at** cases whose conflict graph has a cycle through a contract under test, and there at the balances of
/// all accounts that are not under test, with the gas that they paid for added back. An account profits if, held
/// against each serial order, it has more of some asset and less of none.
///
/// **Ignores** a gain that some serial order gives as well, also an order without the operations that failed;
/// more of one asset for less of another one, which is a trade; a case after which the whole world is as if some of
/// its operations had never begun; single yoctoNEAR and the gas rewards of contracts; and a token's amount if
/// its receiver spent it before the call was resolved, which NEP-141 allows.
///
/// **Example**: `withdraw` pays 5 NEAR and debits them in its callback. A second `withdraw` before the callback is
/// paid as well. In each serial order the second one fails, so the caller ends with 5 NEAR more than in any of them.
#[derive(Clone, Copy, Debug)]
pub struct Profit;

/// An account that may have profited.
struct Candidate {
    account: AccountId,
    balance: AssetBalance,
    /// NEAR that is no gain for it, in yoctoNEAR.
    slack: u128,
    /// The most that any serial order gives it of each asset.
    best: AssetBalance,
}

impl Invariant for Profit {
    fn name(&self) -> &'static str {
        "profit"
    }

    fn rule(&self) -> &'static str {
        "No account ends with more than in every serial order of the same operations."
    }

    fn check(
        &self,
        seen: &Observation,
        _: &Settings,
        counterfactuals: &mut dyn Counterfactuals,
    ) -> Result<Option<Violation>, Error> {
        if counterfactuals.is_serializable(seen) {
            return Ok(None);
        }
        let lent: BTreeSet<Asset> = seen
            .holdings
            .keys()
            .filter(|id| spent_in_flight(seen, id))
            .cloned()
            .map(Asset::Token)
            .collect();
        let mut candidates: Vec<_> =
            accounts_outside(seen).map(|id| Candidate::new(seen, id)).collect();
        let mut compare = |serial: &Observation| {
            candidates.retain_mut(|candidate| candidate.gains(serial, &lent));
            if candidates.is_empty() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        let all = counterfactuals.serial_or_never_begun(&seen.failures(), &mut compare)?;
        // Without having seen every order nothing can be said.
        if !all || candidates.is_empty() || no_effect::explains(seen, counterfactuals)? {
            return Ok(None);
        }
        Ok(candidates.first().map(|candidate| violation(seen, candidate, &lent)))
    }
}

impl Candidate {
    fn new(seen: &Observation, account: &AccountId) -> Self {
        Self {
            account: account.clone(),
            balance: AssetBalance::of(seen, account),
            slack: near_slack(seen, account),
            best: AssetBalance::default(),
        }
    }

    /// Whether it has gained compared with this order, too. What was lent is no gain.
    fn gains(&mut self, serial: &Observation, lent: &BTreeSet<Asset>) -> bool {
        let other = AssetBalance::of(serial, &self.account);
        self.best.raise_to(&other);
        let mut surplus = self.balance.surplus(&other, self.slack);
        surplus.any(|(asset, _)| !lent.contains(asset)) && self.balance.covers(&other, self.slack)
    }
}

fn violation(seen: &Observation, candidate: &Candidate, lent: &BTreeSet<Asset>) -> Violation {
    let Candidate { account, balance, slack, best } = candidate;
    let mut surplus = balance.surplus(best, *slack).filter(|(asset, _)| !lent.contains(asset));
    let (summary, details) = match surplus.next() {
        Some((asset, more)) => gain(candidate, asset, more),
        None => (nft_and_near(account, balance), Vec::new()),
    };
    let own = seen.calls.iter().find(|call| call.signer == *account);
    let call = own.or(seen.calls.first()).expect("a case with a profit has calls");
    Violation::new(&Profit, account, &call.method, summary)
        .severity(Severity::Critical)
        .details(details)
        .details(explain(seen))
}

/// More of one asset than any order gives.
fn gain(candidate: &Candidate, asset: &Asset, more: u128) -> (String, Vec<String>) {
    let Candidate { account, balance, best, .. } = candidate;
    let summary = format!(
        "{account} ends with {} more than in any serial order of the same operations",
        asset.show(more)
    );
    let details = vec![
        format!("{account}, interleaved:       {}", asset.show(balance.get(asset))),
        format!("{account}, best serial order: {}", asset.show(best.get(asset))),
    ];
    (summary, details)
}

/// As much of each asset as the best order for it, but no order gives as much of all: an NFT, for example, and the
/// NEAR that was its price.
fn nft_and_near(account: &AccountId, balance: &AssetBalance) -> String {
    let amounts: Vec<_> = balance.amounts().map(|(asset, amount)| asset.show(amount)).collect();
    let amounts = amounts.join(" and ");
    format!("{account} ends with {amounts}, and no serial order leaves it as much of each")
}
