//! Tells what an observation shows.
//!
//! Never runs anything.

use std::collections::BTreeMap;

use near_primitives::receipt::{Receipt, VersionedReceiptEnum};
use near_primitives::transaction::{Action, ExecutionStatus};
use near_primitives_core::hash::CryptoHash;

use super::{Act, Balance, Course, End, Moment, StateChange};
use crate::chain::{Cause, action_receipt, is_gas_refund};
use crate::trace::{Event, Observation, key_changes, text, windows};
use crate::types::ReceiptName;

/// Most characters of a text from a contract or a case.
const MOST_CHARACTERS: usize = 2_000;

/// Most logs of one receipt; the chain's own limit is 100.
const MOST_LOGS: usize = 100;

/// Most changed keys of one account.
const MOST_KEYS: usize = 100;

impl Course {
    /// What an observation shows.
    #[must_use]
    pub fn of(seen: &Observation) -> Self {
        let senders = data_senders(seen);
        let events = seen.events.iter();
        let told = events.filter(|event| !event.outcome.receipt().is_some_and(is_gas_refund));
        Self {
            moments: told.map(|event| moment(event, seen, &senders)).collect(),
            windows: windows(seen),
            balances: balances(seen),
            state: seen.parties.under_test.iter().flat_map(|id| state(seen, id)).collect(),
            complete: seen.complete,
        }
    }
}

/// Who sends which data.
fn data_senders(seen: &Observation) -> BTreeMap<CryptoHash, ReceiptName> {
    let mut senders = BTreeMap::new();
    for event in &seen.events {
        let Some(action) = event.outcome.receipt().and_then(action_receipt) else { continue };
        for receiver in action.output_data_receivers() {
            senders.insert(receiver.data_id, event.outcome.name.clone());
        }
    }
    senders
}

fn moment(
    event: &Event,
    seen: &Observation,
    senders: &BTreeMap<CryptoHash, ReceiptName>,
) -> Moment {
    let outcome = &event.outcome;
    let mut moment = Moment {
        name: outcome.name.clone(),
        transaction: false,
        block: outcome.block.saturating_sub(seen.start.height()),
        from: outcome.executor.clone(),
        account: outcome.executor.clone(),
        acts: Vec::new(),
        waits_for: Vec::new(),
        hears: Vec::new(),
        end: end(&outcome.status),
        forced: false,
        logs: outcome.logs.iter().take(MOST_LOGS).map(|log| cut(log)).collect(),
        gas_burnt: outcome.gas_burnt,
    };
    match &outcome.cause {
        Cause::Transaction => {
            moment.transaction = true;
            let call = seen.calls.get(outcome.name.operation.index());
            moment.acts.extend(call.map(|call| Act::Call {
                method: cut(&call.method),
                arguments: String::new(),
                deposit: call.deposit,
            }));
        }
        Cause::Receipt { receipt, results, forced } => {
            moment.from = receipt.predecessor_id().clone();
            moment.acts = acts(receipt);
            moment.waits_for = waited_for(receipt, senders);
            let text = |data: &std::sync::Arc<[u8]>| show_bytes(data);
            moment.hears = results.iter().map(|result| result.as_ref().map(text)).collect();
            moment.forced = *forced;
        }
    }
    moment
}

fn acts(receipt: &Receipt) -> Vec<Act> {
    let Some(action) = action_receipt(receipt) else { return Vec::new() };
    action.actions().iter().map(act).collect()
}

fn act(action: &Action) -> Act {
    match action {
        Action::FunctionCall(call) => Act::Call {
            method: cut(&call.method_name),
            arguments: show_bytes(&call.args),
            deposit: call.deposit,
        },
        Action::Transfer(transfer) => Act::Transfer { amount: transfer.deposit },
        other => Act::Other { name: other.as_ref().to_owned() },
    }
}

fn waited_for(receipt: &Receipt, senders: &BTreeMap<CryptoHash, ReceiptName>) -> Vec<ReceiptName> {
    match receipt.versioned_receipt() {
        VersionedReceiptEnum::Action(action) | VersionedReceiptEnum::PromiseYield(action) => {
            let ids = action.input_data_ids();
            ids.iter().filter_map(|id| senders.get(id).cloned()).collect()
        }
        _ => Vec::new(),
    }
}

fn end(status: &ExecutionStatus) -> End {
    match status {
        ExecutionStatus::SuccessValue(value) => End::Value { value: show_bytes(value) },
        ExecutionStatus::SuccessReceiptId(_) | ExecutionStatus::Unknown => End::Promise,
        ExecutionStatus::Failure(error) => End::Failure { reason: cut(&text::failure(error)) },
    }
}

fn balances(seen: &Observation) -> Vec<Balance> {
    let (before, after) = (seen.start.balances(), seen.end.balances());
    let accounts: std::collections::BTreeSet<_> = before.keys().chain(after.keys()).collect();
    let both = accounts.into_iter().map(|id| Balance {
        account: id.clone(),
        before: before.get(id).copied(),
        after: after.get(id).copied(),
    });
    both.filter(|balance| balance.before != balance.after).collect()
}

fn state(seen: &Observation, account: &crate::types::AccountId) -> Vec<StateChange> {
    let changes = key_changes(seen.start.account(account), seen.end.account(account));
    let changes = changes.into_iter().take(MOST_KEYS).map(|change| StateChange {
        account: account.clone(),
        key: show_bytes(change.key),
        before: change.before.map(show_bytes),
        after: change.after.map(show_bytes),
    });
    changes.collect()
}

/// Bytes as text where they are text that can be read, otherwise in hexadecimal.
fn show_bytes(bytes: &[u8]) -> String {
    cut(&text::bytes(bytes))
}

/// The text, or its beginning and how long it was.
fn cut(text: &str) -> String {
    match text.char_indices().nth(MOST_CHARACTERS) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}… ({} bytes)", &text[..end], text.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_are_cut_and_say_how_long_they_were() {
        let long = cut(&"é".repeat(16_384));
        assert!(long.ends_with("é… (32768 bytes)"), "{long}");
        assert_eq!(long.chars().filter(|c| *c == 'é').count(), MOST_CHARACTERS);
    }
}
