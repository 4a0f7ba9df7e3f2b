//! What accounts own in a world that calls can follow: their balances in NEAR and in tokens.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Aftermath, Counterfactuals, FollowUp};
use crate::chain::{Error, World};
use crate::trace::{Holdings, Observation, TokenKind};
use crate::types::{AccountId, BlockHeight, NearToken};

/// NEAR that is neither a gain nor a loss, in yoctoNEAR: what 100 bytes of storage cost. Contracts charge for the
/// bytes that they store, and these differ a little from world to world.
pub(super) const SMALLEST_LOSS: u128 = 1_000_000_000_000_000_000_000;

/// Of an amount of a fungible token, the part below which a difference is one of rounding.
const ROUNDING: u128 = 1_000_000;

/// NEAR, or the token of this contract.
pub(super) type Asset = Option<AccountId>;

/// What an account has of each asset.
pub(super) type Assets = BTreeMap<Asset, u128>;

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

    pub(super) fn at_height(
        self,
        height: BlockHeight,
        laboratory: &mut dyn Counterfactuals,
    ) -> Self {
        Self { world: laboratory.at_height(&self.world, height), ..self }
    }

    /// Where a call leads; `None` if it fails.
    pub(super) fn after(
        &self,
        call: &FollowUp,
        laboratory: &mut dyn Counterfactuals,
    ) -> Result<Option<Self>, Error> {
        let Aftermath { world, holdings, succeeded, burnt } =
            laboratory.follow_up(&self.world, call)?;
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

    pub(super) fn assets(&self, account: &AccountId) -> Assets {
        let tokens = self.holdings.iter();
        let tokens = tokens.map(|(token, held)| (Some(token.clone()), held.of(account)));
        tokens.chain([(None, self.near(account))]).collect()
    }

    /// How much of an amount of this asset is nothing.
    pub(super) fn slack(&self, asset: &Asset, amount: u128) -> u128 {
        let Some(token) = asset else { return SMALLEST_LOSS };
        match self.holdings.get(token).map(|held| held.kind) {
            Some(TokenKind::NonFungible) => 0,
            Some(TokenKind::Fungible) | None => amount / ROUNDING,
        }
    }

    /// Whether these are at least as good as `other`.
    pub(super) fn is_as_good(&self, assets: &Assets, other: &Assets) -> bool {
        other.iter().all(|(asset, amount)| {
            get(assets, asset).saturating_add(self.slack(asset, *amount)) >= *amount
        })
    }
}

pub(super) fn get(assets: &Assets, asset: &Asset) -> u128 {
    assets.get(asset).copied().unwrap_or(0)
}

/// An amount of an asset in words.
pub(super) fn show(asset: &Asset, amount: u128) -> String {
    match asset {
        None => NearToken::from_yoctonear(amount).exact_amount_display(),
        Some(token) => format!("{amount} of {token}"),
    }
}
