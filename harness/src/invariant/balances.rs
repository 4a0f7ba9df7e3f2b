//! What accounts outside the contracts under test have, in NEAR and in the tokens of the world.
//!
//! The invariants that look for gains compare whole balances: more of one asset is no gain if it was paid for with
//! another one.

use std::collections::BTreeMap;

use crate::chain::AccountRecord;
use crate::trace::Observation;
use crate::types::{AccountId, NearToken};

/// NEAR that is neither a gain nor a loss, in yoctoNEAR. It covers the single yoctoNEAR that prove a full-access key.
pub(super) const DUST: u128 = 1_000;

/// Something that an account can have an amount of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Asset {
    /// NEAR, in yoctoNEAR.
    Near,
    /// The token of this contract, in its smallest unit.
    Token(AccountId),
}

/// What one account has of each asset. The gas that it paid for is added back to its NEAR.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct AssetBalance(BTreeMap<Asset, u128>);

impl Asset {
    /// An amount of it, with its unit.
    pub(super) fn show(&self, amount: u128) -> String {
        match self {
            Self::Near => NearToken::from_yoctonear(amount).exact_amount_display(),
            Self::Token(token) => format!("{amount} of {token}"),
        }
    }
}

impl FromIterator<(Asset, u128)> for AssetBalance {
    fn from_iter<I: IntoIterator<Item = (Asset, u128)>>(amounts: I) -> Self {
        Self(amounts.into_iter().collect())
    }
}

impl AssetBalance {
    /// What an account has at the end.
    pub(super) fn of(seen: &Observation, account: &AccountId) -> Self {
        let tokens = seen.holdings.keys().filter(|token| *token != account);
        let tokens = tokens.map(|token| (Asset::Token(token.clone()), seen.held(token, account)));
        let near = (Asset::Near, seen.wealth(account).as_yoctonear());
        tokens.chain([near]).collect()
    }

    /// What all accounts outside have together at the end.
    pub(super) fn of_all_outside(seen: &Observation) -> Self {
        let mut all = Self::default();
        for account in accounts_outside(seen) {
            for (asset, amount) in Self::of(seen, account).0 {
                let sum = all.0.entry(asset).or_default();
                *sum = sum.saturating_add(amount);
            }
        }
        all
    }

    pub(super) fn get(&self, asset: &Asset) -> u128 {
        self.0.get(asset).copied().unwrap_or(0)
    }

    /// The assets and how much of each, those of which there is nothing left out.
    pub(super) fn amounts(&self) -> impl Iterator<Item = (&Asset, u128)> {
        self.0.iter().map(|(asset, amount)| (asset, *amount)).filter(|(_, amount)| *amount > 0)
    }

    /// The same with this much more NEAR.
    pub(super) fn with_near(mut self, more: NearToken) -> Self {
        let near = self.0.entry(Asset::Near).or_default();
        *near = near.saturating_add(more.as_yoctonear());
        self
    }

    /// Of each asset the larger amount of both.
    pub(super) fn raise_to(&mut self, other: &Self) {
        for (asset, amount) in &other.0 {
            let own = self.0.entry(asset.clone()).or_default();
            *own = (*own).max(*amount);
        }
    }

    /// Whether this is at least as much of every asset, up to `slack` yoctoNEAR.
    pub(super) fn covers(&self, other: &Self, slack: u128) -> bool {
        other.0.iter().all(|(asset, amount)| {
            self.get(asset).saturating_add(if *asset == Asset::Near { slack } else { 0 }) >= *amount
        })
    }

    /// The assets of which this is more, and how much; NEAR only beyond `slack` yoctoNEAR.
    pub(super) fn surplus<'a>(
        &'a self,
        other: &'a Self,
        slack: u128,
    ) -> impl Iterator<Item = (&'a Asset, u128)> {
        self.0.iter().filter_map(move |(asset, amount)| {
            let more = amount.saturating_sub(other.get(asset));
            let least = if *asset == Asset::Near { slack } else { 0 };
            (more > least).then_some((asset, more))
        })
    }

    /// What was gained compared with `other`, if nothing was paid for it in another asset.
    pub(super) fn gain_over(&self, other: &Self, slack: u128) -> Option<(Asset, u128)> {
        let (asset, more) = self.surplus(other, slack).next()?;
        self.covers(other, slack).then(|| (asset.clone(), more))
    }
}

/// The accounts at the end that are not under test.
pub(super) fn accounts_outside(seen: &Observation) -> impl Iterator<Item = &AccountId> {
    let accounts = seen.end.accounts().map(|(id, _)| id);
    accounts.filter(|id| !seen.parties.under_test.contains(*id))
}

/// NEAR that an account may have more, or less, without having gained or lost any, in yoctoNEAR: contracts earn a
/// share of the gas that is burnt on them.
pub(super) fn near_slack(seen: &Observation, account: &AccountId) -> u128 {
    let contract = seen.end.account(account).is_some_and(AccountRecord::has_contract);
    let burnt = seen.events.iter().map(|event| event.outcome.tokens_burnt.as_yoctonear());
    DUST + if contract { burnt.sum() } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn balance(near: u128, token: u128) -> AssetBalance {
        let token = (Asset::Token("ft.near".parse().unwrap()), token);
        AssetBalance([(Asset::Near, near), token].into())
    }

    #[test]
    fn more_of_one_asset_is_no_gain_if_another_one_paid_for_it() {
        let before = balance(5_000, 10);
        assert_eq!(balance(9_000, 10).gain_over(&before, 1_000), Some((Asset::Near, 4_000)));
        assert_eq!(balance(9_000, 9).gain_over(&before, 1_000), None);
        assert_eq!(balance(5_900, 10).gain_over(&before, 1_000), None);
    }

    #[test]
    fn slack_is_for_near_alone() {
        let before = balance(5_000, 10);
        let token = Asset::Token("ft.near".parse().unwrap());
        assert_eq!(balance(4_100, 11).gain_over(&before, 1_000), Some((token, 1)));
        assert_eq!(balance(3_900, 11).gain_over(&before, 1_000), None);
    }
}
