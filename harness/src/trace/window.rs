//! Windows of a case: the gaps between calls and their callbacks, and which operations ran in them.
//!
//! A window belongs to one receipt that got promise results on a contract under test, its callback, whoever
//! sent it. It opens when the callback's parent runs, which is the receipt that asked for the callback, and it
//! closes when the callback runs. A *visit* is a receipt of another operation that runs on the callback's
//! account in between; gas refunds and transactions, which run no contract, are none. Findings and their
//! reports use this definition. The campaign's table and its feedback still have narrower ones of their own:
//! `campaign::windows` counts only callbacks that a contract sends to itself.

use serde::{Deserialize, Serialize};

use super::{Event, Observation};
use crate::chain::{Cause, is_gas_refund};
use crate::types::{AccountId, OperationId, ReceiptName};

/// What the callback at the end of a window got as its promise results.
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
    /// What promise results the callback got.
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

/// A window with the events of its case: where it opens and closes among them.
#[derive(Clone, Copy, Debug)]
pub struct WindowSpan<'a> {
    seen: &'a Observation,
    opening: usize,
    closing: usize,
}

/// All windows of a case on contracts under test, in the order in which they close.
#[must_use]
pub fn windows(seen: &Observation) -> Vec<Window> {
    window_spans(seen).map(|span| span.window()).collect()
}

/// All windows of a case, as [`windows`] gives them, with their events.
pub fn window_spans(seen: &Observation) -> impl Iterator<Item = WindowSpan<'_>> {
    (0..seen.events.len()).filter_map(|closing| WindowSpan::closed_by(seen, closing))
}

impl<'a> WindowSpan<'a> {
    fn closed_by(seen: &'a Observation, closing: usize) -> Option<Self> {
        let event = &seen.events[closing];
        if !event.is_callback() || !seen.parties.under_test.contains(&event.outcome.executor) {
            return None;
        }
        let parent = event.outcome.name.parent()?;
        let opening = seen.events[..closing].iter().position(|earlier| {
            earlier.outcome.name == parent && earlier.outcome.receipt().is_some()
        })?;
        Some(Self { seen, opening, closing })
    }

    /// The event that opens it.
    #[must_use]
    pub fn opening(&self) -> &'a Event {
        &self.seen.events[self.opening]
    }

    /// The callback.
    #[must_use]
    pub fn closing(&self) -> &'a Event {
        &self.seen.events[self.closing]
    }

    /// Receipts of other operations that ran while it was open, on any account.
    pub fn meanwhile(&self) -> impl Iterator<Item = &'a Event> + use<'a> {
        let own = self.closing().outcome.name.operation;
        let between = self.seen.events[self.opening + 1..self.closing].iter();
        between.filter(move |event| event.outcome.name.operation != own && runs(event))
    }

    /// Receipts of other operations that ran on its account while it was open.
    pub fn visits(&self) -> impl Iterator<Item = &'a Event> + use<'a> {
        let account = &self.closing().outcome.executor;
        self.meanwhile().filter(move |event| event.outcome.executor == *account)
    }

    /// Which window it is.
    #[must_use]
    pub fn location(&self) -> Location {
        let results = match &self.closing().outcome.cause {
            Cause::Receipt { results, .. } => &results[..],
            Cause::Transaction => &[],
        };
        let failed = results.iter().filter(|result| result.is_none()).count();
        Location {
            account: self.closing().outcome.executor.clone(),
            opened_by: self.opening().method().unwrap_or_default(),
            closed_by: self.closing().method().unwrap_or_default(),
            answer: match failed {
                0 => PromiseOutcome::Succeeded,
                some if some == results.len() => PromiseOutcome::Failed,
                _ => PromiseOutcome::Mixed,
            },
        }
    }

    /// The window without its events.
    #[must_use]
    pub fn window(&self) -> Window {
        let mut visitors: Vec<OperationId> =
            self.visits().map(|visit| visit.outcome.name.operation).collect();
        visitors.sort_unstable();
        visitors.dedup();
        Window {
            place: self.location(),
            opens: self.opening().outcome.name.clone(),
            closes: self.closing().outcome.name.clone(),
            visitors,
        }
    }
}

impl Window {
    /// Whether the receipt at `index` visits it, for who has only the names and the accounts of receipts, in
    /// the order in which they ran.
    pub(crate) fn is_visited_at(&self, ran: &[(&ReceiptName, &AccountId)], index: usize) -> bool {
        let (name, account) = ran[index];
        let (before, after) = ran.split_at(index);
        self.place.account == *account
            && self.closes.operation != name.operation
            && before.iter().any(|(earlier, _)| **earlier == self.opens)
            && after.iter().any(|(later, _)| **later == self.closes)
    }
}

/// Whether an event runs something: transactions and gas refunds touch no contract.
fn runs(event: &Event) -> bool {
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
