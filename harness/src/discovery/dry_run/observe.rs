//! Looks at what a drafted target does when everything is tried once: whom its contracts call that
//! nobody knows, and which callbacks hear whom.
//!
//! A part of [`rehearse`](crate::discovery::dry_run::setup_synthesis), in a file of its own.

use std::collections::{BTreeMap, BTreeSet};

use crate::discovery::draft::model::Draft;
use super::promise_result::{CalledMethod, ObservedCallback, hearings};
use super::self_call_arguments;
use super::self_call_arguments::SelfCallArguments;
use super::setup_synthesis::Sandbox;
use crate::discovery::Error;
use crate::discovery::draft::model::DraftPuppet;
use crate::chain::called_method;
use crate::trace::Observation;
use crate::types::AccountId;

/// As many callbacks are kept for each pair of a callback and whom it hears.
const KEPT: usize = 4;

/// What trying everything once showed.
#[derive(Debug, Default)]
pub(super) struct DryRun {
    /// Whom the contracts call, beside each other: with the methods, and whether a user named them.
    pub(super) called: BTreeMap<AccountId, DraftPuppet>,
    /// What the contracts pass when they call themselves.
    pub(super) passed: SelfCallArguments,
    /// Callbacks, by themselves and whom they heard.
    pub(super) hearings: BTreeMap<(String, Vec<Option<CalledMethod>>), Vec<ObservedCallback>>,
}

impl Sandbox<'_> {
    /// Tries everything once.
    pub(super) fn look(&mut self, draft: &Draft) -> Result<DryRun, Error> {
        let contracts: BTreeSet<_> =
            draft.contracts.iter().map(|contract| contract.id.clone()).collect();
        let mut seen = DryRun::default();
        for attempt in self.attempts(draft, &draft.actors[..1]) {
            if self.left == 0 {
                break;
            }
            let arguments = attempt.arguments.to_string();
            let observation = self.run(&attempt)?.observation;
            seen.note_calls(&observation, &contracts, &arguments);
            seen.note_hearings(&observation, &contracts);
        }
        Ok(seen)
    }
}

impl DryRun {
    fn note_calls(&mut self, seen: &Observation, contracts: &BTreeSet<AccountId>, arguments: &str) {
        for receipt in seen.events.iter().filter_map(|event| event.outcome.receipt()) {
            let receiver = receipt.receiver_id();
            let called = contracts.contains(receipt.predecessor_id());
            let Some(method) = called_method(receipt).filter(|_| called) else { continue };
            passed::note(&mut self.passed, receipt);
            if !contracts.contains(receiver) {
                let named = arguments.contains(receiver.as_str());
                let puppet = self.called.entry(receiver.clone());
                let puppet = puppet.or_insert_with(|| DraftPuppet::new(receiver.clone()));
                puppet.methods.insert(method);
                puppet.trusted &= !named;
            }
        }
    }

    fn note_hearings(&mut self, seen: &Observation, contracts: &BTreeSet<AccountId>) {
        for hearing in hearings(seen) {
            if contracts.contains(&hearing.contract) {
                let key = (hearing.method.clone(), hearing.heard.clone());
                let kept = self.hearings.entry(key).or_default();
                if kept.len() < KEPT {
                    kept.push(hearing);
                }
            }
        }
    }
}
