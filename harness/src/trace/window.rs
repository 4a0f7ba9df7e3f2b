//! Windows of a case: the gaps between calls and their callbacks, and who came into them.
//!
//! Never judges whether that does harm.

use serde::{Deserialize, Serialize};

use super::{Event, Observation};
use crate::chain::{Cause, is_gas_refund};
use crate::types::{AccountId, OperationId, ReceiptName};

/// What the callback at the end of a window heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PromiseOutcome {
    /// All that it waited for succeeded.
    Succeeded,
    /// All that it waited for failed.
    Failed,
    /// Some succeeded, some failed.
    Mixed,
}

/// Which window: the same for every case that comes through it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Location {
    /// Whose callback it is.
    pub account: AccountId,
    /// The method that made the call.
    pub opened_by: String,
    /// The callback.
    pub closed_by: String,
    /// What the callback heard.
    pub answer: PromiseOutcome,
}

/// A gap between a call and its callback, in one case.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Window {
    /// Which one.
    #[serde(flatten)]
    pub place: Location,
    /// The receipt that made the call.
    pub opens: ReceiptName,
    /// The callback's receipt.
    pub closes: ReceiptName,
    /// Operations that ran on the account in between, each once.
    pub visitors: Vec<OperationId>,
}

/// All windows of a case on contracts under test, in the order in which they close.
#[must_use]
pub fn windows(seen: &Observation) -> Vec<Window> {
    let events = seen.events.iter().enumerate();
    events.filter_map(|(index, event)| window(seen, index, event)).collect()
}

fn window(seen: &Observation, index: usize, event: &Event) -> Option<Window> {
    let Cause::Receipt { results, .. } = &event.outcome.cause else { return None };
    let account = &event.outcome.executor;
    if results.is_empty() || !seen.parties.under_test.contains(account) {
        return None;
    }
    let closes = event.outcome.name.clone();
    let opens = closes.parent()?;
    let opened = seen.events[..index]
        .iter()
        .position(|event| event.outcome.name == opens && event.outcome.receipt().is_some())?;
    let failed = results.iter().filter(|result| result.is_none()).count();
    let answer = match failed {
        0 => PromiseOutcome::Succeeded,
        some if some == results.len() => PromiseOutcome::Failed,
        _ => PromiseOutcome::Mixed,
    };
    let mut visitors: Vec<OperationId> = seen.events[opened + 1..index]
        .iter()
        .filter(|between| between.outcome.executor == *account && counts(between))
        .map(|between| between.outcome.name.operation)
        .filter(|operation| *operation != closes.operation)
        .collect();
    visitors.sort_unstable();
    visitors.dedup();
    let place = Location {
        account: account.clone(),
        opened_by: seen.events[opened].method().unwrap_or_default(),
        closed_by: event.method().unwrap_or_default(),
        answer,
    };
    Some(Window { place, opens, closes, visitors })
}

/// Whether something ran: transactions and refunds of gas touch no contract.
fn counts(event: &Event) -> bool {
    event.outcome.receipt().is_some_and(|receipt| !is_gas_refund(receipt))
}

impl PromiseOutcome {
    /// In words.
    #[must_use]
    pub fn describe(self) -> &'static str {
        match self {
            Self::Succeeded => "the call succeeded",
            Self::Failed => "the call failed",
            Self::Mixed => "some of the calls failed",
        }
    }
}
