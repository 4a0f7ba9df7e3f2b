//! What accounts can get: their balances in NEAR and in tokens, and what calls of their own pay them.
//!
//! Two worlds whose states differ are equally good for everyone if every account can get in one of them what it
//! can get in the other. This is how a loss is told apart from bookkeeping: a counter, a journal, a proposal
//! that is marked as failed, or an entry of 0 takes nothing from anyone. Calls that follow the case show it
//! ([`Counterfactuals::follow_ups`]), one at a time and in pairs, from worlds of the same block. It costs up to
//! a few thousand executions, so it is asked only about cases that look wrong.

use std::collections::{BTreeMap, BTreeSet};

use super::assets::Branch;
use super::balances::{Asset, AssetBalance};
use super::{Counterfactuals, FollowUp};
use crate::chain::{Error, World};
use crate::trace::{Observation, text};
use crate::types::{AccountId, OperationId};

/// Most calls after which a second one is tried.
const MOST_PAIRED: usize = 12;

/// Blocks after which calls are tried again: a year, in which every deadline should have passed.
pub(super) const LONG: u64 = 365 * 86_400;

/// Most second calls after each of them.
const MOST_SECOND: usize = 40;

/// An account that can get less than it could without the failure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Loss {
    /// Whose loss it is.
    pub(super) account: AccountId,
    /// Of what.
    pub(super) asset: Asset,
    /// How much.
    pub(super) amount: u128,
    /// What it can have without the operation.
    pub(super) without: u128,
    /// The most that it can have with it.
    pub(super) with: u128,
    /// The call that pays it without the operation; `None` if it has the asset without any call.
    pub(super) call: Option<FollowUp>,
}

/// Calls that succeeded from one world, by their index among all calls, and where they led.
type Reach = Vec<(usize, Branch)>;

/// Compares what accounts can get after a case with what they can get without one of its operations.
pub(super) struct Comparison {
    under_test: BTreeSet<AccountId>,
    /// What the operation attaches, in yoctoNEAR.
    deposit: u128,
    /// Whose worth counts.
    people: Vec<AccountId>,
    pub(super) calls: Vec<FollowUp>,
    /// After the case.
    pub(super) with: Branch,
    /// Without the operation.
    pub(super) without: Branch,
    /// With the operation, but without the faults that were injected into it.
    pub(super) success: Option<Branch>,
    /// Where calls lead, by their index; `None` if they fail.
    led: BTreeMap<(Side, usize), Option<Branch>>,
    reach: BTreeMap<Side, Reach>,
    pairs: Option<Vec<Branch>>,
}

/// One of the worlds that are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Side {
    With,
    Without,
    Success,
}

impl Comparison {
    /// Prepares a comparison of a case with the same case without one of its operations.
    pub(super) fn new(
        seen: &Observation,
        without: &Observation,
        operation: OperationId,
        counterfactuals: &mut dyn Counterfactuals,
    ) -> Result<Self, Error> {
        let forced = seen.of(operation).any(|event| event.is_forced());
        let success = if forced { Some(counterfactuals.without_faults(operation)?) } else { None };
        let success = success.filter(|success| success.complete);
        let worlds = [Some(&seen.end), Some(&without.end), success.as_ref().map(|s| &s.end)];
        let height = worlds.into_iter().flatten().map(World::height).max().unwrap_or_default() + 1;
        let branch = |seen: &Observation| Branch::of(seen).at_height(height);
        Ok(Self {
            under_test: seen.parties.under_test.clone(),
            deposit: seen[operation].deposit.as_yoctonear(),
            people: people(seen, operation),
            with: branch(seen),
            without: branch(without),
            success: success.as_ref().map(branch),
            calls: counterfactuals.follow_ups(operation),
            led: BTreeMap::new(),
            reach: BTreeMap::new(),
            pairs: None,
        })
    }

    pub(super) fn side(&self, side: Side) -> Option<&Branch> {
        match side {
            Side::With => Some(&self.with),
            Side::Without => Some(&self.without),
            Side::Success => self.success.as_ref(),
        }
    }

    /// Where one call leads from this world; `None` if it fails.
    fn after(
        &mut self,
        side: Side,
        index: usize,
        counterfactuals: &mut dyn Counterfactuals,
    ) -> Result<Option<Branch>, Error> {
        if let Some(known) = self.led.get(&(side, index)) {
            return Ok(known.clone());
        }
        let after = match self.side(side) {
            Some(branch) => branch.after(&self.calls[index], counterfactuals)?,
            None => None,
        };
        self.led.insert((side, index), after.clone());
        Ok(after)
    }

    /// Every call that succeeds from this world, and where it leads. Of calls that differ only in their deposit
    /// the first that succeeds.
    pub(super) fn reach(
        &mut self,
        side: Side,
        counterfactuals: &mut dyn Counterfactuals,
    ) -> Result<&Reach, Error> {
        if !self.reach.contains_key(&side) {
            let mut reach: Reach = Vec::new();
            for index in 0..self.calls.len() {
                let call = &self.calls[index];
                let known = |(other, _): &(usize, Branch)| same_input(&self.calls[*other], call);
                if !reach.iter().any(known)
                    && let Some(after) = self.after(side, index, counterfactuals)?
                {
                    reach.push((index, after));
                }
            }
            self.reach.insert(side, reach);
        }
        Ok(&self.reach[&side])
    }

    /// Where more lead after the case: pairs of calls, first one that succeeds and then another one, and calls when
    /// time has passed.
    pub(super) fn pairs(
        &mut self,
        counterfactuals: &mut dyn Counterfactuals,
    ) -> Result<&[Branch], Error> {
        if self.pairs.is_none() {
            let first: Vec<Branch> = {
                let reach = self.reach(Side::With, counterfactuals)?;
                reach.iter().take(MOST_PAIRED).map(|(_, branch)| branch.clone()).collect()
            };
            // What pays without the operation is what may pay again.
            let second: Vec<usize> = {
                let reach = self.reach(Side::Without, counterfactuals)?;
                reach.iter().take(MOST_SECOND).map(|(index, _)| *index).collect()
            };
            let mut pairs = Vec::new();
            let later = self.with.clone();
            let height = later.world.height() + LONG;
            let later = later.at_height(height);
            for branch in first.iter().chain([&later]) {
                for index in &second {
                    pairs.extend(branch.after(&self.calls[*index], counterfactuals)?);
                }
            }
            self.pairs = Some(pairs);
        }
        Ok(self.pairs.as_deref().unwrap_or_default())
    }

    /// The first loss that an account has, if any has one.
    pub(super) fn loss(
        &mut self,
        counterfactuals: &mut dyn Counterfactuals,
    ) -> Result<Option<Loss>, Error> {
        for account in self.people.clone() {
            let rest = self.without.assets(&account);
            if let Some(loss) = self.loss_of(&account, &rest, None, counterfactuals)? {
                return Ok(Some(loss));
            }
        }
        let paying = self.paying(counterfactuals)?;
        for (account, index, assets) in paying {
            let call = Some(index);
            if let Some(loss) = self.loss_of(&account, &assets, call, counterfactuals)? {
                return Ok(Some(loss));
            }
        }
        Ok(None)
    }

    /// Calls that give an account something for nothing without the operation, and what it has then. Its own
    /// calls, and those that any other account can make as well: what only one other account can do for it is
    /// not its own.
    fn paying(
        &mut self,
        counterfactuals: &mut dyn Counterfactuals,
    ) -> Result<Vec<(AccountId, usize, AssetBalance)>, Error> {
        let people = self.people.clone();
        let rest = self.without.clone();
        let calls = self.calls.clone();
        let reach = self.reach(Side::Without, counterfactuals)?;
        let mut paying = Vec::new();
        for account in people {
            let before = rest.assets(&account);
            for (index, after) in reach {
                let call = &calls[*index];
                let others = reach.iter().filter(|(other, _)| {
                    same_call(&calls[*other], call) && calls[*other].signer != call.signer
                });
                if call.signer != account && others.count() == 0 {
                    continue;
                }
                let assets = after.assets(&account);
                let gains = !rest.is_as_good(&before, &assets);
                if gains && rest.is_as_good(&assets, &before) {
                    paying.push((account.clone(), *index, assets));
                }
            }
        }
        Ok(paying)
    }

    /// What the account can never have after the case, though it can have this much without the operation.
    fn loss_of(
        &mut self,
        account: &AccountId,
        wanted: &AssetBalance,
        call: Option<usize>,
        counterfactuals: &mut dyn Counterfactuals,
    ) -> Result<Option<Loss>, Error> {
        let mut best = self.with.assets(account);
        if self.with.is_as_good(&best, wanted) {
            return Ok(None);
        }
        let better = |best: &mut AssetBalance, branch: &Branch| {
            let assets = branch.assets(account);
            best.raise_to(&assets);
            branch.is_as_good(&assets, wanted)
        };
        // Most often the same call still pays.
        if let Some(index) = call
            && let Some(branch) = self.after(Side::With, index, counterfactuals)?
            && better(&mut best, &branch)
        {
            return Ok(None);
        }
        for (_, branch) in self.reach(Side::With, counterfactuals)? {
            if better(&mut best, branch) {
                return Ok(None);
            }
        }
        for branch in self.pairs(counterfactuals)? {
            if better(&mut best, branch) {
                return Ok(None);
            }
        }
        let Some((asset, without)) = self.with.shortfall(&best, wanted) else { return Ok(None) };
        let (asset, with) = (asset.clone(), best.get(asset));
        if self.is_price(account, &asset, (with, without - with), counterfactuals)? {
            return Ok(None);
        }
        Ok(Some(Loss {
            account: account.clone(),
            amount: without - with,
            asset,
            without,
            with,
            call: call.map(|index| self.calls[index].clone()),
        }))
    }

    /// Whether the account gets as little if nothing fails, and the contracts under test keep that much then: a fee, or
    /// something that the operation uses up whatever comes of it. What goes on to another account is not a fee, and
    /// neither is most of a deposit: what it paid for may be nothing that the account holds.
    fn is_price(
        &mut self,
        account: &AccountId,
        asset: &Asset,
        (with, lost): (u128, u128),
        counterfactuals: &mut dyn Counterfactuals,
    ) -> Result<bool, Error> {
        let Some(success) = self.success.clone() else { return Ok(false) };
        let kept = |branch: &Branch| {
            let contracts = self.under_test.iter();
            contracts.map(|contract| branch.assets(contract).get(asset)).sum::<u128>()
        };
        let slack = success.slack(asset, with);
        let fee = kept(&success).saturating_sub(kept(&self.without)).saturating_add(slack);
        let most_of_deposit = *asset == Asset::Near && lost >= self.deposit / 2;
        if kept(&self.with) > kept(&success).saturating_add(slack) || lost > fee || most_of_deposit
        {
            return Ok(false);
        }
        let mut most = success.assets(account).get(asset);
        for (_, branch) in self.reach(Side::Success, counterfactuals)? {
            most = most.max(branch.assets(account).get(asset));
        }
        Ok(most <= with.saturating_add(success.slack(asset, most)))
    }
}

/// Whose worth counts: everyone but the contracts under test, which have no claim on themselves, and contracts
/// that the operation called in vain, which refused what they would have got.
fn people(seen: &Observation, operation: OperationId) -> Vec<AccountId> {
    let refused =
        seen.external(operation).filter(|event| event.failed() && event.method().is_some());
    let refused: BTreeSet<_> = refused.map(|event| event.outcome.executor.clone()).collect();
    let signer = &seen[operation].signer;
    let accounts = seen.end.accounts().map(|(id, _)| id.clone());
    let mut people: Vec<_> = accounts
        .filter(|id| !seen.parties.under_test.contains(id) && !refused.contains(id))
        .collect();
    people.sort_by_key(|id| id != signer);
    people
}

/// Whether two calls differ at most in who signs them and in the deposit.
fn same_call(one: &FollowUp, other: &FollowUp) -> bool {
    (&one.receiver, &one.method, &one.input) == (&other.receiver, &other.method, &other.input)
}

/// Whether two calls differ at most in the deposit.
pub(super) fn same_input(one: &FollowUp, other: &FollowUp) -> bool {
    one.signer == other.signer && same_call(one, other)
}

/// A call in words.
pub(super) fn show_call(call: &FollowUp) -> String {
    let FollowUp { signer, receiver, method, input, deposit } = call;
    let deposit = match deposit.as_yoctonear() {
        0 => String::new(),
        _ => format!(" with {}", deposit.exact_amount_display()),
    };
    format!("{receiver}.{method}({}){deposit}, called by {signer}", text::bytes(input))
}
