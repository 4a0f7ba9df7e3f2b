//! A callback has no effect if another account calls it.

use std::collections::BTreeSet;

use super::{Counterfactuals, Invariant, Settings, Severity, Violation};
use crate::chain::Error;
use crate::trace::{Event, Observation};
use crate::types::AccountId;

/// A callback has no effect if another account calls it.
///
/// Learns from the case which methods are callbacks: those that the contract calls on itself with a promise result. If another account calls one of them, it must fail, or at least change nothing and send nothing.
///
/// Ignores calls by the chain itself. If a method is a callback and public by design, allow it with `[[allow]]`.
///
/// Example: `on_received` mints what its arguments say and is not private.
#[derive(Clone, Copy, Debug)]
pub struct Authority;

impl Invariant for Authority {
    fn name(&self) -> &'static str {
        "authority"
    }

    fn rule(&self) -> &'static str {
        "A callback must have no effect when another account calls it."
    }

    fn needs_complete(&self) -> bool {
        false
    }

    fn check(
        &self,
        seen: &Observation,
        _: &Settings,
        _: &mut dyn Counterfactuals,
    ) -> Result<Option<Violation>, Error> {
        let callbacks: BTreeSet<_> = seen.events.iter().filter_map(own_callback).collect();
        if callbacks.is_empty() {
            return Ok(None);
        }
        let strangers = seen.events.iter().filter(|event| is_strange(event));
        let called = strangers.filter_map(|event| {
            let method = (event.outcome.executor.clone(), event.method()?);
            (callbacks.contains(&method) && has_effect(event)).then_some((event, method))
        });
        let under_test = |executor: &AccountId| seen.parties.under_test.contains(executor);
        let mut called = called.filter(|(event, _)| under_test(&event.outcome.executor));
        Ok(called.next().map(|(event, (account, method))| {
            let caller = event.outcome.receipt().expect("a receipt").predecessor_id();
            Violation {
                invariant: self.name().to_owned(),
                severity: Severity::Critical,
                summary: format!(
                    "{caller} called {account}.{method}, which is {account}'s own callback, and it took effect"
                ),
                details: details(event),
                account,
                method,
            }
        }))
    }
}

/// A contract's call of itself with a result in it.
fn own_callback(event: &Event) -> Option<(AccountId, String)> {
    let receipt = event.outcome.receipt()?;
    let own = receipt.predecessor_id() == receipt.receiver_id() && event.is_callback();
    if !own {
        return None;
    }
    Some((event.outcome.executor.clone(), event.method()?))
}

fn is_strange(event: &Event) -> bool {
    event.outcome.receipt().is_some_and(|receipt| {
        !receipt.predecessor_id().is_system() && receipt.predecessor_id() != receipt.receiver_id()
    })
}

fn has_effect(event: &Event) -> bool {
    if event.outcome.failed() {
        return false;
    }
    // One receipt is the gas refund that every call makes.
    event.changed_state() || event.outcome.receipts.len() > 1
}

fn details(event: &Event) -> Vec<String> {
    let keys = event.changed_keys();
    keys.map(|key| format!("changed state key {}", crate::trace::text::bytes(key))).collect()
}
