//! Nobody ends with more, in NEAR or in any token of the world, than in every serial order of the same
//! operations.
//!
//! Observes balances of accounts that are not under test, with the gas they paid for added back, so
//! that cases which burn different amounts compare; and what the world's token contracts say that these
//! accounts hold. A gain that some serial order gives as well is no violation: the contract may mean
//! it, and so may one that never began the operations which failed. Nor is anything gained where the
//! whole world is as if some operations had never begun: who keeps a loan that is refused only in
//! between has no more than before. Things that are one of a kind (NEP-171) are looked at together with
//! NEAR: nobody has the thing that one order gives and the money that another one leaves. Single
//! yoctoNEAR, which prove a full-access key, and gas rewards of contracts are no gain, nor is a token's
//! amount where its receiver spent it before the call was resolved: NEP-141 allows that. Needs somebody
//! who calls in a window.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use super::conflict_graph::explain;
use super::{Counterfactuals, Invariant, Settings, Severity, Violation, no_effect};
use crate::chain::Error;
use crate::trace::spent_in_flight;
use crate::trace::{Observation, TokenKind};
use crate::types::{AccountId, NearToken};

/// NEAR that is no gain and no loss, in yoctoNEAR.
pub(super) const DUST: u128 = 1_000;

/// See the module.
#[derive(Clone, Copy, Debug)]
pub struct Profit;

/// Somebody's wealth in NEAR, or in the token of a contract.
type Purse = (AccountId, Option<AccountId>);

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
        _: &Settings,
        laboratory: &mut dyn Counterfactuals,
    ) -> Result<Option<Violation>, Error> {
        if !seen.complete || laboratory.is_serializable(seen) {
            return Ok(None);
        }
        let wealth = purses(seen);
        let lent: BTreeSet<_> =
            seen.holdings.keys().filter(|id| spent_in_flight(seen, id)).collect();
        let counts = |(_, token): &Purse| token.as_ref().is_none_or(|token| !lent.contains(token));
        let mut gains: BTreeSet<Purse> =
            wealth.keys().filter(|purse| counts(purse)).cloned().collect();
        let mut owners = owners(seen);
        let mut best: BTreeMap<Purse, u128> = BTreeMap::new();
        let mut compare = |serial: &Observation| {
            let other = purses(serial);
            for (purse, amount) in &other {
                let known = best.entry(purse.clone()).or_insert(*amount);
                *known = (*known).max(*amount);
            }
            gains.retain(|purse| wealth[purse] > get(&best, purse) + slack(seen, purse));
            owners.retain(|owner| !has_as_much(seen, &other, &wealth, owner));
            let over = gains.is_empty() && owners.is_empty();
            if over { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        let failures = seen.failures();
        let mut all = failures.is_empty() || laboratory.serial(&failures, &mut compare)?;
        all &= laboratory.serial(&[], &mut compare)?;
        // Without having seen every order nothing can be said.
        if !all {
            return Ok(None);
        }
        let nothing = gains.is_empty() && owners.is_empty();
        if nothing || no_effect::explains(seen, laboratory)? {
            return Ok(None);
        }
        if let Some(purse) = gains.into_iter().next() {
            return Ok(Some(gain(seen, &purse, wealth[&purse], get(&best, &purse))));
        }
        Ok(owners.into_iter().next().map(|owner| both(seen, owner)))
    }
}

/// What everybody has, contracts under test left out.
fn purses(seen: &Observation) -> BTreeMap<Purse, u128> {
    let accounts = seen.end.accounts().map(|(id, _)| id);
    let mut purses = BTreeMap::new();
    for id in accounts.filter(|id| !seen.parties.under_test.contains(*id)) {
        purses.insert((id.clone(), None), seen.wealth(id).as_yoctonear());
        for token in seen.holdings.keys().filter(|token| *token != id) {
            purses.insert((id.clone(), Some(token.clone())), seen.held(token, id));
        }
    }
    purses
}

fn get(purses: &BTreeMap<Purse, u128>, purse: &Purse) -> u128 {
    purses.get(purse).copied().unwrap_or(0)
}

/// What is no gain in this purse.
fn slack(seen: &Observation, (account, token): &Purse) -> u128 {
    if token.is_some() { 0 } else { near_slack(seen, account) }
}

/// NEAR that an account may have more, or less, without having gained or lost any.
pub(super) fn near_slack(seen: &Observation, account: &AccountId) -> u128 {
    let contract = seen.end.account(account).is_some_and(crate::chain::AccountRecord::has_contract);
    let burnt = seen.events.iter().map(|event| event.outcome.tokens_burnt.as_yoctonear());
    DUST + if contract { burnt.sum() } else { 0 }
}

/// Who has a thing that is one of a kind at the end, contracts under test left out.
fn owners(seen: &Observation) -> BTreeSet<AccountId> {
    let things = seen.holdings.values().filter(|held| held.kind == TokenKind::NonFungible);
    let owners = things.flat_map(|held| held.balances.keys().cloned());
    owners.filter(|id| !seen.parties.under_test.contains(id)).collect()
}

/// Whether `owner` has at least as many things and at least as much NEAR in `other`.
fn has_as_much(
    seen: &Observation,
    other: &BTreeMap<Purse, u128>,
    wealth: &BTreeMap<Purse, u128>,
    owner: &AccountId,
) -> bool {
    let things = seen.holdings.iter().filter(|(_, held)| held.kind == TokenKind::NonFungible);
    let mut things = things.map(|(token, _)| (owner.clone(), Some(token.clone())));
    let near = (owner.clone(), None);
    get(other, &near) + slack(seen, &near) >= get(wealth, &near)
        && things.all(|thing| get(other, &thing) >= get(wealth, &thing))
}

fn gain(seen: &Observation, (account, token): &Purse, wealth: u128, serial: u128) -> Violation {
    let show = |amount: u128| match token {
        None => NearToken::from_yoctonear(amount).exact_amount_display(),
        Some(token) => format!("{amount} of {token}"),
    };
    let summary = format!(
        "{account} ends with {} more than in any serial order of the same operations",
        show(wealth - serial)
    );
    let mut details = vec![
        format!("{account}, interleaved:       {}", show(wealth)),
        format!("{account}, best serial order: {}", show(serial)),
    ];
    details.extend(explain(seen));
    violation(seen, account, summary, details)
}

fn both(seen: &Observation, owner: AccountId) -> Violation {
    let things = seen.holdings.iter().filter(|(_, held)| held.kind == TokenKind::NonFungible);
    let has = |token: &AccountId| seen.held(token, &owner);
    let things = things.map(|(token, _)| (token, has(token))).filter(|(_, count)| *count > 0);
    let things: Vec<_> = things.map(|(token, count)| format!("{count} of {token}")).collect();
    let (things, near) = (things.join(", "), seen.wealth(&owner).exact_amount_display());
    let summary = format!(
        "{owner} ends with {things} and {near}, and no serial order leaves it as much of both"
    );
    violation(seen, &owner, summary, explain(seen))
}

fn violation(
    seen: &Observation,
    account: &AccountId,
    summary: String,
    details: Vec<String>,
) -> Violation {
    let own = seen.calls.iter().find(|call| call.signer == *account);
    let call = own.or(seen.calls.first()).expect("a case with a profit has calls");
    Violation {
        invariant: Profit.name().to_owned(),
        severity: Severity::Critical,
        account: account.clone(),
        method: call.method.clone(),
        summary,
        details,
    }
}
