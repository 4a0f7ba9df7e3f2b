//! What a failed call leaves locked without taking it from any account: an operation that is recorded as done and
//! cannot be done again, calls that are refused for ever, and funds of the contract that no call frees.
//!
//! An operation that uses something up whatever comes of it locks nothing: the same call is refused after a
//! success as well.

use super::assets::{Branch, SMALLEST_LOSS};
use super::worth::{Comparison, LONG, Side, same_input, show_call};
use super::{Counterfactuals, FollowUp, ViewNumber};
use crate::chain::{Error, World};
use crate::trace::{json_numbers, key_changes};
use crate::types::{AccountId, NearToken};

/// NEAR that is sent to a contract to see which of its numbers follow its balance.
const SAMPLE: NearToken = NearToken::from_near(1);

/// What differs between two worlds in which a contract stores a few bytes more or less.
const SLACK: u128 = 10 * SMALLEST_LOSS;

/// What is locked after a case, in words.
pub(super) struct Lock {
    pub(super) summary: String,
    pub(super) details: Vec<String>,
}

/// The first thing that is locked, if anything is.
pub(super) fn find(
    comparison: &mut Comparison,
    (contract, operation): (&AccountId, Option<&FollowUp>),
    counterfactuals: &mut dyn Counterfactuals,
) -> Result<Option<Lock>, Error> {
    if let Some(operation) = operation {
        if let Some(lock) = recorded_as_done(comparison, contract, operation, counterfactuals)? {
            return Ok(Some(lock));
        }
        if let Some(lock) = refused(comparison, operation, counterfactuals)? {
            return Ok(Some(lock));
        }
    }
    unusable_funds(comparison, contract, counterfactuals)
}

/// The operation failed and cannot be done again, though the contract records the same as after a success.
fn recorded_as_done(
    comparison: &mut Comparison,
    contract: &AccountId,
    operation: &FollowUp,
    counterfactuals: &mut dyn Counterfactuals,
) -> Result<Option<Lock>, Error> {
    let Some(success) = &comparison.success else { return Ok(None) };
    let record = |world: &World, key: &[u8]| {
        world.account(contract).and_then(|own| own.storage().get(key).map(|value| value.to_vec()))
    };
    let done: Vec<Vec<u8>> =
        key_changes(comparison.without.world.account(contract), success.world.account(contract))
            .into_iter()
            .map(|change| change.key.to_vec())
            .collect();
    let same =
        done.iter().all(|key| record(&comparison.with.world, key) == record(&success.world, key));
    if done.is_empty() || !same {
        return Ok(None);
    }
    let again = comparison.calls.iter().position(|call| call == operation);
    let Some(again) = again else { return Ok(None) };
    let able =
        comparison.reach(Side::Without, counterfactuals)?.iter().any(|(call, _)| *call == again);
    if !able || !is_refused_for_ever(comparison, again, counterfactuals)? {
        return Ok(None);
    }
    Ok(Some(Lock {
        summary: format!("{contract} keeps it recorded as if it had succeeded"),
        details: vec![format!(
            "{} is refused from then on, also later; without the operation it succeeds",
            show_call(operation)
        )],
    }))
}

/// A call of the same method that succeeds without the operation and after a success of it, but never again after
/// its failure.
fn refused(
    comparison: &mut Comparison,
    operation: &FollowUp,
    counterfactuals: &mut dyn Counterfactuals,
) -> Result<Option<Lock>, Error> {
    if comparison.success.is_none() {
        return Ok(None);
    }
    let same_method = |call: &FollowUp| {
        (&call.receiver, &call.method) == (&operation.receiver, &operation.method)
    };
    let calls = comparison.calls.clone();
    let succeeds =
        |comparison: &mut Comparison, side, counterfactuals: &mut dyn Counterfactuals| {
            let reach = comparison.reach(side, counterfactuals)?;
            Ok::<Vec<usize>, Error>(reach.iter().map(|(call, _)| *call).collect())
        };
    let without = succeeds(comparison, Side::Without, counterfactuals)?;
    let success = succeeds(comparison, Side::Success, counterfactuals)?;
    let with = succeeds(comparison, Side::With, counterfactuals)?;
    let among = |calls_of: &[usize], call: &FollowUp| {
        calls_of.iter().any(|index| same_input(&calls[*index], call))
    };
    for index in without {
        let call = &calls[index];
        if !same_method(call) || !among(&success, call) || among(&with, call) {
            continue;
        }
        if is_refused_for_ever(comparison, index, counterfactuals)? {
            return Ok(Some(Lock {
                summary: format!("{} accepts no {} any more", call.receiver, call.method),
                details: vec![format!(
                    "{} is refused from then on, also later and after every other call; it succeeds without the operation, and if the operation succeeds",
                    show_call(call)
                )],
            }));
        }
    }
    Ok(None)
}

/// Whether a call fails after the case, when time has passed, and after each other call that succeeds.
fn is_refused_for_ever(
    comparison: &mut Comparison,
    index: usize,
    counterfactuals: &mut dyn Counterfactuals,
) -> Result<bool, Error> {
    let call = comparison.calls[index].clone();
    let now = comparison.with.clone();
    let later = now.world.height() + LONG;
    let mut worlds = vec![now.world.clone(), now.at_height(later).world];
    let reach = comparison.reach(Side::With, counterfactuals)?;
    worlds.extend(reach.iter().map(|(_, branch)| branch.world.clone()));
    for world in worlds {
        if counterfactuals.follow_up(&world, &call)?.succeeded {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Funds of the contract that its own view leaves out of what it can use, and that no call brings back.
fn unusable_funds(
    comparison: &mut Comparison,
    contract: &AccountId,
    counterfactuals: &mut dyn Counterfactuals,
) -> Result<Option<Lock>, Error> {
    for view in usable_funds(comparison, contract, counterfactuals)? {
        let mut least = |side, counterfactuals: &mut dyn Counterfactuals| {
            least_unusable(comparison, side, (contract, &view), counterfactuals)
        };
        let with = least(Side::With, counterfactuals)?;
        let without = least(Side::Without, counterfactuals)?;
        let (Some(with), Some(without)) = (with, without) else { continue };
        let success = least(Side::Success, counterfactuals)?.unwrap_or(without);
        let free = without.max(success);
        if with <= free + SLACK {
            continue;
        }
        let mut least = with;
        for branch in comparison.pairs(counterfactuals)?.to_vec() {
            least =
                least.min(unusable(&branch, contract, &view, counterfactuals)?.unwrap_or(least));
        }
        if least > free + SLACK {
            return Ok(Some(lock(contract, &view, least, free)));
        }
    }
    Ok(None)
}

/// The least part of the contract's balance that the view leaves out after any calls from this world: all that bring
/// it down are made one after the other.
fn least_unusable(
    comparison: &mut Comparison,
    side: Side,
    (contract, view): (&AccountId, &ViewNumber),
    counterfactuals: &mut dyn Counterfactuals,
) -> Result<Option<u128>, Error> {
    let Some(rest) = comparison.side(side).cloned() else { return Ok(None) };
    let Some(mut least) = unusable(&rest, contract, view, counterfactuals)? else {
        return Ok(None);
    };
    let mut useful = Vec::new();
    for (call, branch) in comparison.reach(side, counterfactuals)?.clone() {
        if let Some(left) = unusable(&branch, contract, view, counterfactuals)?
            && left < least
        {
            useful.push((left, call));
        }
    }
    useful.sort_unstable();
    let mut branch = rest;
    for (_, call) in useful {
        let Some(after) = branch.after(&comparison.calls[call], counterfactuals)? else { continue };
        let left = unusable(&after, contract, view, counterfactuals)?;
        if let Some(left) = left.filter(|left| *left < least) {
            (least, branch) = (left, after);
        }
    }
    Ok(Some(least))
}

/// The part of the contract's balance that the view leaves out; `None` if it returns no number.
fn unusable(
    branch: &Branch,
    contract: &AccountId,
    view: &ViewNumber,
    counterfactuals: &mut dyn Counterfactuals,
) -> Result<Option<u128>, Error> {
    let usable = number(view, &branch.world, counterfactuals)?;
    Ok(usable.map(|usable| branch.near(contract).saturating_sub(usable)))
}

fn lock(contract: &AccountId, view: &ViewNumber, with: u128, free: u128) -> Lock {
    let near = |amount: u128| NearToken::from_yoctonear(amount).exact_amount_display();
    let name = view.method.as_str();
    Lock {
        summary: format!("{} of {contract} stays locked for ever", near(with - free)),
        details: vec![
            format!(
                "{contract}.{name} is less than the balance by {} at best, whatever is called next",
                near(with)
            ),
            format!("without the failure a call brings that down to {}", near(free)),
        ],
    }
}

/// The contract's numbers that rise by as much as its balance: what it says that it can use.
fn usable_funds(
    comparison: &Comparison,
    contract: &AccountId,
    counterfactuals: &mut dyn Counterfactuals,
) -> Result<Vec<ViewNumber>, Error> {
    let world = &comparison.without.world;
    let rich = world
        .accounts()
        .filter(|(id, record)| *id != contract && !record.has_contract())
        .max_by_key(|(_, record)| record.balance());
    let Some((rich, _)) = rich else { return Ok(Vec::new()) };
    let rich = rich.clone();
    let before = counterfactuals.view_numbers(world)?;
    let richer = counterfactuals.transfer(world, &rich, contract, SAMPLE)?;
    let mut following = Vec::new();
    for (view, number_before) in before {
        let after = number(&view, &richer, counterfactuals)?;
        if view.contract == *contract
            && after.is_some_and(|after| {
                after.checked_sub(number_before) == Some(SAMPLE.as_yoctonear())
            })
        {
            following.push(view);
        }
    }
    Ok(following)
}

fn number(
    view: &ViewNumber,
    world: &World,
    counterfactuals: &mut dyn Counterfactuals,
) -> Result<Option<u128>, Error> {
    let answer = counterfactuals.view(world, &view.contract, &view.method, b"{}")?.value();
    let numbers = answer.map(|bytes| json_numbers(&bytes)).unwrap_or_default();
    Ok(numbers.into_iter().find(|(member, _)| *member == view.member).map(|(_, number)| number))
}
