//! Which callbacks heard whom, as an operation shows it.
//!
//! Only reads what happened.

use std::collections::BTreeMap;

use near_primitives::action::Action;

use crate::chain::{action_receipt, called_method};
use crate::trace::{Event, Observation};
use crate::types::{AccountId, CryptoHash};
use crate::vm::Storage;

/// An account and a method of it.
pub(super) type Called = (AccountId, String);

/// A callback that waited for others.
#[derive(Clone, Debug)]
pub(super) struct Hearing {
    /// Whose callback it is.
    pub(super) contract: AccountId,
    /// The contract's state when it came.
    pub(super) storage: Storage,
    /// The callback's method.
    pub(super) method: String,
    /// Its input.
    pub(super) input: Vec<u8>,
    /// Whom it heard, in order; nothing for what was no call.
    pub(super) heard: Vec<Option<Called>>,
}

/// All callbacks that heard somebody.
pub(super) fn hearings(seen: &Observation) -> Vec<Hearing> {
    let senders = senders(seen);
    seen.events.iter().filter_map(|event| hearing(event, &senders)).collect()
}

/// Whose result each piece of data is.
fn senders(seen: &Observation) -> BTreeMap<CryptoHash, Called> {
    let mut senders = BTreeMap::new();
    for receipt in seen.events.iter().filter_map(|event| event.outcome.receipt()) {
        let Some(action) = action_receipt(receipt) else { continue };
        let Some(method) = called_method(receipt) else { continue };
        for receiver in action.output_data_receivers() {
            senders.insert(receiver.data_id, (receipt.receiver_id().clone(), method.clone()));
        }
    }
    senders
}

fn hearing(event: &Event, senders: &BTreeMap<CryptoHash, Called>) -> Option<Hearing> {
    let receipt = event.outcome.receipt()?;
    let action = action_receipt(receipt)?;
    let heard: Vec<_> = action.input_data_ids().iter().map(|id| senders.get(id).cloned()).collect();
    if heard.iter().all(Option::is_none) {
        return None;
    }
    let call = action.actions().iter().find_map(|action| match action {
        Action::FunctionCall(call) => Some((call.method_name.clone(), call.args.clone())),
        _ => None,
    });
    let (method, input) = call?;
    Some(Hearing {
        contract: receipt.receiver_id().clone(),
        storage: event.before.as_ref()?.storage().clone(),
        method,
        input,
        heard,
    })
}
