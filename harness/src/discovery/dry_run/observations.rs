//! Tries every method once, and notes which accounts the contracts call, what they pass to themselves, and
//! which promise results their callbacks receive.

use std::collections::{BTreeMap, BTreeSet};

use near_primitives::action::Action;
use near_primitives::receipt::Receipt;
use serde_json::Value;

use super::attempts::{Attempts, arguments_text};
use super::promise_result::{CalledMethod, ObservedCallback, observed_callbacks};
use super::sandbox::Sandbox;
use super::self_call_arguments::SelfCallArguments;
use crate::chain::{action_receipt, called_method};
use crate::discovery::Error;
use crate::discovery::draft::{Draft, DraftPuppet};
use crate::trace::Observation;
use crate::types::AccountId;

/// The most callbacks that are kept for each callback method and the calls that it awaits.
const KEPT: usize = 4;

/// The most arguments of calls between contracts that are kept.
const MOST_PASSED: usize = 64;

/// What trying every method once showed.
#[derive(Debug, Default)]
pub(super) struct DryRun {
    /// Accounts without a contract that the contracts call, as puppets.
    pub(super) called: BTreeMap<AccountId, DraftPuppet>,
    /// Calls by contracts that succeeded: the contract, the account that it called, and the method.
    pub(super) calls: BTreeSet<(AccountId, AccountId, String)>,
    /// JSON arguments that contracts pass to other contracts.
    pub(super) passed: Vec<Value>,
    /// What the contracts pass when they call themselves.
    pub(super) self_calls: SelfCallArguments,
    /// Callbacks by their method and the calls that they await.
    pub(super) callbacks: BTreeMap<(String, Vec<Option<CalledMethod>>), Vec<ObservedCallback>>,
}

impl DryRun {
    /// Tries every method once.
    pub(super) fn new(
        sandbox: &mut Sandbox<'_>,
        attempts: &Attempts,
        draft: &Draft,
    ) -> Result<Self, Error> {
        let contracts: BTreeSet<_> =
            draft.contracts.iter().map(|contract| contract.id.clone()).collect();
        let mut all = Self::default();
        for operation in attempts.all(draft, &draft.actors[..1]) {
            if sandbox.spent() {
                break;
            }
            let observation = sandbox.run(&operation)?;
            all.note_calls(&observation, &contracts, &arguments_text(&operation));
            all.note_callbacks(&observation, &contracts);
        }
        Ok(all)
    }

    fn note_calls(&mut self, seen: &Observation, contracts: &BTreeSet<AccountId>, arguments: &str) {
        for event in &seen.events {
            let Some(receipt) = event.outcome.receipt() else { continue };
            let receiver = receipt.receiver_id();
            let by_contract = contracts.contains(receipt.predecessor_id());
            let Some(method) = called_method(receipt).filter(|_| by_contract) else { continue };
            self.self_calls.note(receipt);
            if receiver != receipt.predecessor_id() && self.passed.len() < MOST_PASSED {
                let passed = json_arguments(receipt).filter(|value| !self.passed.contains(value));
                self.passed.extend(passed);
            }
            if !event.outcome.failed() {
                let caller = receipt.predecessor_id().clone();
                self.calls.insert((caller, receiver.clone(), method.clone()));
            }
            if !contracts.contains(receiver) {
                let user_supplied = arguments.contains(receiver.as_str());
                let puppet = self.called.entry(receiver.clone());
                let puppet = puppet.or_insert_with(|| DraftPuppet::new(receiver.clone()));
                puppet.methods.insert(method);
                puppet.trusted &= !user_supplied;
            }
        }
    }

    fn note_callbacks(&mut self, seen: &Observation, contracts: &BTreeSet<AccountId>) {
        for callback in observed_callbacks(seen) {
            if contracts.contains(&callback.contract) {
                let key = (callback.method.clone(), callback.awaited.clone());
                let kept = self.callbacks.entry(key).or_default();
                if kept.len() < KEPT {
                    kept.push(callback);
                }
            }
        }
    }
}

/// The JSON arguments of a call.
fn json_arguments(receipt: &Receipt) -> Option<Value> {
    action_receipt(receipt)?.actions().iter().find_map(|action| match action {
        Action::FunctionCall(call) => serde_json::from_slice(&call.args).ok(),
        _ => None,
    })
}
