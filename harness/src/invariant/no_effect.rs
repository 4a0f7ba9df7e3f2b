//! Operations that succeeded without any lasting effect: a soft rejection, for example, which returns the deposit.
//!
//! It compares the whole world at the end, so it need not know what an operation is for. An operation that
//! called a puppet or logged an event (NEP-297) always counts as having an effect, since no account's state shows it.

use std::ops::ControlFlow;

use super::Counterfactuals;
use super::balances::near_slack;
use crate::chain::{AccountRecord, Error};
use crate::trace::{Event, Observation};
use crate::types::{AccountId, OperationId};

/// How a log begins that is an event.
const EVENT: &str = "EVENT_JSON:";

/// Whether the case ends as it would had some of its operations never begun, and the others come one
/// after the other.
pub(super) fn explains(
    seen: &Observation,
    counterfactuals: &mut dyn Counterfactuals,
) -> Result<bool, Error> {
    let able: Vec<_> =
        seen.ids().filter(|index| seen.failed(*index) || !is_felt_outside(seen, *index)).collect();
    for left_out in choices(&able) {
        let mut same = false;
        counterfactuals.serial(&left_out, &mut |serial| {
            same = serial.complete && ends_alike(seen, serial);
            if same { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })?;
        if same {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Some of these, in every way: one alone first.
fn choices(able: &[OperationId]) -> Vec<Vec<OperationId>> {
    let mut all = vec![Vec::new()];
    for index in able {
        let with = |chosen: &Vec<OperationId>| chosen.iter().copied().chain([*index]).collect();
        all.extend(all.iter().map(with).collect::<Vec<_>>());
    }
    all.sort_by_key(Vec::len);
    all.split_off(1)
}

/// Whether an operation did something that no account's state shows.
fn is_felt_outside(seen: &Observation, operation: OperationId) -> bool {
    let felt = |event: &Event| {
        let played = seen.parties.puppets.contains(&event.outcome.executor);
        played && event.method().is_some()
            || event.outcome.logs.iter().any(|log| log.starts_with(EVENT))
    };
    seen.of(operation).any(|event| !event.outcome.failed() && felt(event))
}

/// Whether all accounts are the same in the end, but for what gas cost and earned them.
fn ends_alike(seen: &Observation, other: &Observation) -> bool {
    let alike = |(id, record): (&AccountId, &AccountRecord)| {
        let wealth = |seen: &Observation| seen.wealth(id).as_yoctonear();
        other.end.account(id).is_some_and(|same| {
            record.storage() == same.storage()
                && record.code_hash() == same.code_hash()
                && record.keys().keys().eq(same.keys().keys())
        }) && wealth(seen).abs_diff(wealth(other)) <= near_slack(seen, id)
    };
    seen.end.accounts().count() == other.end.accounts().count() && seen.end.accounts().all(alike)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn some_are_chosen_in_every_way_and_never_none() {
        let (zero, two) = (OperationId(0), OperationId(2));
        assert_eq!(choices(&[]), Vec::<Vec<OperationId>>::new());
        assert_eq!(choices(&[zero, two]), [vec![zero], vec![two], vec![zero, two]]);
        assert_eq!(choices(&OperationId::all(5).collect::<Vec<_>>()).len(), 31);
    }
}
