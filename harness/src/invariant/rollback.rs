//! After every outside call of an operation failed, the contract's state is what it would be without
//! the operation.
//!
//! A transfer that could not be received counts as an outside call where there is no other.
//!
//! Compares the state of the contracts under test at the end with that of the same case without the
//! operation, in the keys that the operation itself wrote. Keys that the target declares are left out,
//! and so are operations without which others end differently, since the difference may be theirs, or
//! into which others wrote: a token's receiver may have spent what a callback would take back.

use std::collections::BTreeSet;

use super::refund::{all_external_failed, went_out};
use super::{Counterfactuals, Invariant, Settings, Severity, Violation};
use crate::chain::Error;
use crate::trace::{Event, Observation, state_value, text};
use crate::types::{AccountId, OperationId};

/// How many differing keys a violation shows.
const SHOWN_KEYS: usize = 8;

/// See the module.
#[derive(Clone, Copy, Debug)]
pub struct Rollback;

impl Invariant for Rollback {
    fn name(&self) -> &'static str {
        "rollback"
    }

    fn rule(&self) -> &'static str {
        "After an external call failed, the contract's state is what it was."
    }

    fn check(
        &self,
        seen: &Observation,
        settings: &Settings,
        laboratory: &mut dyn Counterfactuals,
    ) -> Result<Option<Violation>, Error> {
        if !seen.complete {
            return Ok(None);
        }
        for (index, call) in seen.ids().zip(&seen.calls) {
            if !went_out(seen, index) || !all_external_failed(seen, index) {
                continue;
            }
            let without = laboratory.without(index)?;
            if !seen.others_unchanged(&without, index) {
                continue;
            }
            for account in &seen.parties.under_test {
                let mut left = left_behind(seen, &without, index, account);
                left.retain(|key| !settings.ignores(self.name(), account, key));
                if left.is_empty() || others_wrote(seen, index, account) {
                    continue;
                }
                let details = describe(seen, &without, account, &left);
                return Ok(Some(Violation {
                    invariant: self.name().to_owned(),
                    severity: Severity::High,
                    account: account.clone(),
                    method: call.method.clone(),
                    summary: format!(
                        "every external call of {}'s {} failed, and {account} kept what it had written for it",
                        call.signer, call.method
                    ),
                    details,
                }));
            }
        }
        Ok(None)
    }
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
