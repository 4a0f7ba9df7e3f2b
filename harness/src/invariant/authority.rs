//! A method that the contract uses as its own callback does nothing for anybody else.
//!
//! Learns from the case which methods are callbacks: called by the contract on itself with the result
//! of another call. When somebody else calls one of them, it must fail or at least change nothing and
//! send nothing. A method that is public by design and a callback as well can be told to be left out
//! by switching the invariant off in the target.

use std::collections::BTreeSet;

use super::{Counterfactuals, Invariant, Settings, Severity, Violation};
use crate::chain::Error;
use crate::trace::{Event, Observation};
use crate::types::AccountId;

/// See the module.
#[derive(Clone, Copy, Debug)]
pub struct Authority;

impl Invariant for Authority {
    fn name(&self) -> &'static str {
        "authority"
    }

    fn rule(&self) -> &'static str {
        "What a contract uses as its own callback does nothing for anybody else."
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
