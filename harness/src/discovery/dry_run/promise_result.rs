//! Which callbacks received which promise results in an operation.
//!
//! Only reads what happened.

use std::collections::BTreeMap;

use near_primitives::action::Action;

use crate::chain::{action_receipt, called_method};
use crate::trace::{Event, Observation};
use crate::types::{AccountId, CryptoHash};
use crate::vm::Storage;

/// An account and one of its methods.
pub(super) type CalledMethod = (AccountId, String);

/// A callback that received promise results.
#[derive(Clone, Debug)]
pub(super) struct ObservedCallback {
    /// The contract that it belongs to.
    pub(super) contract: AccountId,
    /// The contract's state just before it ran.
    pub(super) storage: Storage,
    /// The callback's method.
    pub(super) method: String,
    /// Its input.
    pub(super) input: Vec<u8>,
    /// For each promise result, the call that gave it; `None` if it was not a function call.
    pub(super) awaited: Vec<Option<CalledMethod>>,
}

/// All callbacks that received the result of a function call.
pub(super) fn observed_callbacks(seen: &Observation) -> Vec<ObservedCallback> {
    let senders = senders(seen);
    seen.events.iter().filter_map(|event| observed_callback(event, &senders)).collect()
}

/// For each piece of data, the call whose result it is.
fn senders(seen: &Observation) -> BTreeMap<CryptoHash, CalledMethod> {
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

fn observed_callback(
    event: &Event,
    senders: &BTreeMap<CryptoHash, CalledMethod>,
) -> Option<ObservedCallback> {
    let receipt = event.outcome.receipt()?;
    let action = action_receipt(receipt)?;
    let awaited: Vec<_> =
        action.input_data_ids().iter().map(|id| senders.get(id).cloned()).collect();
    if awaited.iter().all(Option::is_none) {
        return None;
    }
    let call = action.actions().iter().find_map(|action| match action {
        Action::FunctionCall(call) => Some((call.method_name.clone(), call.args.clone())),
        _ => None,
    });
    let (method, input) = call?;
    Some(ObservedCallback {
        contract: receipt.receiver_id().clone(),
        storage: event.before.as_ref()?.storage().clone(),
        method,
        input,
        awaited,
    })
}
