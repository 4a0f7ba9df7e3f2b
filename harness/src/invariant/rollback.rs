//! An operation whose external calls all failed leaves nothing behind that harms anyone.
//!
//! Bytes raise the suspicion, worth decides: see [`worth`](super::worth) and [`locked`](super::locked).

use std::collections::BTreeSet;

use super::harm::Suspicion;
use super::refund::{all_external_failed, went_out};
use super::{Counterfactuals, Invariant, Settings, Violation};
use crate::chain::Error;
use crate::trace::{Event, Observation, state_value, text};
use crate::types::{AccountId, OperationId};

/// How many differing keys a violation shows.
const SHOWN_KEYS: usize = 8;

/// After every external call of an operation failed, every account can get what it could without the operation,
/// and nothing stays locked.
///
/// Compares the state of the contracts under test at the end with that of the same case without the operation, in
/// the keys that the operation itself wrote. If they differ, calls that follow the case decide: what can each
/// account get in both worlds, which calls are refused from then on, and how much of the contract's balance does
/// its own view of usable funds leave out for ever? A difference without such a loss is an observation: a counter,
/// a journal, a proposal that is marked as failed. A transfer that could not be received counts as an external call
/// if there is no other.
///
/// Ignores keys that the target lists under `ignore-keys`, operations without which others end differently, since
/// the difference may be theirs, and operations whose keys another one wrote meanwhile: a token's receiver may have
/// spent what a callback would take back.
///
/// Example: `claim` takes the caller off a list and has a token send what is due. The token is paused, there is no
/// callback, and the caller can never claim again.
#[derive(Clone, Copy, Debug)]
pub struct Rollback;

impl Invariant for Rollback {
    fn name(&self) -> &'static str {
        "rollback"
    }

    fn rule(&self) -> &'static str {
        "After every external call of an operation failed, no account can get less than without the operation."
    }

    fn check(
        &self,
        seen: &Observation,
        settings: &Settings,
        counterfactuals: &mut dyn Counterfactuals,
    ) -> Result<Option<Violation>, Error> {
        let mut observation = None;
        for (index, call) in seen.ids().zip(&seen.calls) {
            if !went_out(seen, index) || !all_external_failed(seen, index) {
                continue;
            }
            let without = counterfactuals.without(index)?;
            if !seen.others_unchanged(&without, index) {
                continue;
            }
            for account in &seen.parties.under_test {
                let mut left = left_behind(seen, &without, index, account);
                left.retain(|key| !settings.ignores(self.name(), account, key));
                if left.is_empty() || others_wrote(seen, index, account) {
                    continue;
                }
                let suspicion = Suspicion {
                    invariant: self,
                    seen,
                    without: &without,
                    operation: index,
                    contract: account,
                    event: format!(
                        "every external call of {}'s {} failed",
                        call.signer, call.method
                    ),
                    kind: shape(seen, &without, index, account, &left),
                    remark: format!("{account} keeps something that it wrote for it"),
                    details: describe(seen, &without, account, &left),
                };
                match suspicion.judge(counterfactuals)? {
                    Some(violation) if !violation.is_observation() => return Ok(Some(violation)),
                    other => observation = observation.or(other),
                }
            }
        }
        Ok(observation)
    }
}

/// What cases have in common in which the same kinds of keys are left for the same reasons: how long the keys are
/// and how they begin, whether they are new or gone, and which receipts were made to fail.
fn shape(
    seen: &Observation,
    without: &Observation,
    operation: OperationId,
    account: &AccountId,
    left: &[Vec<u8>],
) -> String {
    let key = |key: &Vec<u8>| {
        let (now, before) = (
            state_value(&seen.end, account, key).map(<[u8]>::len),
            state_value(&without.end, account, key).map(<[u8]>::len),
        );
        format!("{:?} {} {now:?} {before:?}", key.first(), key.len())
    };
    let keys: BTreeSet<String> = left.iter().map(key).collect();
    let receipts = seen.of(operation);
    let failed = receipts.filter(|event| event.failed());
    let failed = failed.map(|event| (event.method(), event.is_forced()));
    let failed: BTreeSet<_> = failed.collect();
    format!("{keys:?} {failed:?}")
}

/// Keys that the operation wrote and that differ from a world without it.
pub(super) fn left_behind(
    seen: &Observation,
    without: &Observation,
    operation: OperationId,
    account: &AccountId,
) -> Vec<Vec<u8>> {
    let differs = |key: &Vec<u8>| {
        state_value(&seen.end, account, key) != state_value(&without.end, account, key)
    };
    written(seen, operation, account).into_iter().filter(differs).collect()
}

/// The keys of the account's state that the operation wrote.
fn written(seen: &Observation, operation: OperationId, account: &AccountId) -> BTreeSet<Vec<u8>> {
    let own = seen.of(operation).filter(|event| event.outcome.executor == *account);
    own.flat_map(Event::changed_keys).map(<[u8]>::to_vec).collect()
}

/// Whether another operation wrote the same keys after the operation began and before it ended.
fn others_wrote(seen: &Observation, operation: OperationId, account: &AccountId) -> bool {
    let is_own = |event: &Event| event.outcome.name.operation == operation;
    let here = |event: &Event| event.outcome.executor == *account;
    let first = seen.events.iter().position(|event| is_own(event) && here(event));
    let last = seen.events.iter().rposition(|event| is_own(event) && here(event));
    let (Some(first), Some(last)) = (first, last) else { return false };
    let written = written(seen, operation, account);
    let others = seen.events[first..last].iter().filter(|event| !is_own(event) && here(event));
    others.flat_map(Event::changed_keys).any(|key| written.contains(key))
}

pub(super) fn describe(
    seen: &Observation,
    without: &Observation,
    account: &AccountId,
    keys: &[Vec<u8>],
) -> Vec<String> {
    let show = |bytes: Option<&[u8]>| bytes.map_or_else(|| "nothing".to_owned(), text::value);
    let lines = keys.iter().take(SHOWN_KEYS).map(|key| {
        let now = show(state_value(&seen.end, account, key));
        let before = show(state_value(&without.end, account, key));
        format!("{account} state {}: {now}; without the operation: {before}", text::bytes(key))
    });
    let mut lines: Vec<_> = lines.collect();
    if keys.len() > SHOWN_KEYS {
        lines.push(format!("and {} more keys", keys.len() - SHOWN_KEYS));
    }
    lines
}
