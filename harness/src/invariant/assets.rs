//! What accounts own in a world that calls can follow: their balances in NEAR and in tokens.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::balances::{Asset, AssetBalance};
use super::{Aftermath, Counterfactuals, FollowUp};
use crate::chain::{Error, World};
use crate::trace::{Holdings, Observation, TokenKind};
use crate::types::{AccountId, BlockHeight, NearToken};

/// NEAR that is neither a gain nor a loss, in yoctoNEAR: what 100 bytes of storage cost. Contracts charge for the
/// bytes that they store, and these differ a little from world to world.
pub(super) const SMALLEST_LOSS: u128 = 1_000_000_000_000_000_000_000;

/// Of an amount of a fungible token, the part below which a difference is one of rounding.
const ROUNDING: u128 = 1_000_000;

/// A world from which calls follow, with what its accounts own.
#[derive(Clone)]
pub(super) struct Branch {
    pub(super) world: World,
    holdings: Arc<BTreeMap<AccountId, Holdings>>,
    /// What gas cost each account so far: no loss.
    burnt: BTreeMap<AccountId, NearToken>,
}

impl Branch {
    pub(super) fn of(seen: &Observation) -> Self {
        let mut burnt: BTreeMap<AccountId, NearToken> = BTreeMap::new();
        for id in seen.ids() {
            let own = burnt.entry(seen[id].signer.clone()).or_default();
            *own = own.saturating_add(seen.burnt(id));
        }
        Self { world: seen.end.clone(), holdings: Arc::clone(&seen.holdings), burnt }
    }

    /// The same when this block has come. Nothing happens meanwhile.
    pub(super) fn at_height(mut self, height: BlockHeight) -> Self {
        self.world.advance_to(height);
        self
    }

    /// Where a call leads; `None` if it fails.
    pub(super) fn after(
        &self,
        call: &FollowUp,
        counterfactuals: &mut dyn Counterfactuals,
    ) -> Result<Option<Self>, Error> {
        let Aftermath { world, holdings, succeeded, burnt } =
            counterfactuals.follow_up(&self.world, call)?;
        let mut branch = Self { world, holdings, burnt: self.burnt.clone() };
        let own = branch.burnt.entry(call.signer.clone()).or_default();
        *own = own.saturating_add(burnt);
        Ok(succeeded.then_some(branch))
    }

    pub(super) fn near(&self, account: &AccountId) -> u128 {
        let none = NearToken::from_yoctonear(0);
        let balance = self.world.account(account);
        let balance =
            balance.map_or(none, |record| record.balance().saturating_add(record.locked()));
        let burnt = self.burnt.get(account).copied().unwrap_or_default();
        balance.saturating_add(burnt).as_yoctonear()
    }

    pub(super) fn assets(&self, account: &AccountId) -> AssetBalance {
        let tokens = self.holdings.iter();
        let tokens = tokens.map(|(token, held)| (Asset::Token(token.clone()), held.of(account)));
        tokens.chain([(Asset::Near, self.near(account))]).collect()
    }

    /// How much of an amount of this asset is nothing.
    pub(super) fn slack(&self, asset: &Asset, amount: u128) -> u128 {
        let Asset::Token(token) = asset else { return SMALLEST_LOSS };
        match self.holdings.get(token).map(|held| held.kind) {
            Some(TokenKind::NonFungible) => 0,
            Some(TokenKind::Fungible) | None => amount / ROUNDING,
        }
    }

    /// Whether these are at least as good as `other`.
    pub(super) fn is_as_good(&self, assets: &AssetBalance, other: &AssetBalance) -> bool {
        self.shortfall(assets, other).is_none()
    }

    /// The first asset of which this is less than the other, and how much the other is.
    pub(super) fn shortfall<'a>(
        &self,
        assets: &AssetBalance,
        other: &'a AssetBalance,
    ) -> Option<(&'a Asset, u128)> {
        other.amounts().find(|(asset, amount)| {
            assets.get(asset).saturating_add(self.slack(asset, *amount)) < *amount
        })
    }
}
