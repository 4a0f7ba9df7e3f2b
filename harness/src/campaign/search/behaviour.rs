//! What is worth remembering of a case besides the code that ran: how receipts ended, what ran in whose
//! window, who read what another wrote, what callbacks were told.
//!
//! Never remembers it: it gives each behaviour a number, the same in every process.

use std::collections::BTreeMap;

use near_primitives::errors::{ActionErrorKind, FunctionCallError, TxExecutionError};
use near_primitives::transaction::ExecutionStatus;

use super::FeedbackSource;
use crate::chain::Cause;
use crate::decision::Label;
use crate::trace::{Event, Observation};
use crate::types::{AccountId, OperationId};

/// How much of a panic's text counts: its beginning says which it is.
const TEXT: usize = 40;

/// Tells the source and the number of everything that a case did. Often the same more than once.
pub(super) fn for_each(seen: &Observation, tell: &mut dyn FnMut(FeedbackSource, u64)) {
    let events: Vec<_> = seen.events.iter().map(Named::new).collect();
    let mut writers = BTreeMap::new();
    for (position, event) in events.iter().enumerate() {
        tell(FeedbackSource::Outcomes, event.number(&end(&event.event.outcome.status)));
        for_results(event, tell);
        for_window(&events[..position], event, tell);
        for_reads(&mut writers, event, tell);
    }
}

/// An event with the method that it called.
struct Named<'a> {
    event: &'a Event,
    method: String,
}

impl<'a> Named<'a> {
    fn new(event: &'a Event) -> Self {
        Self { event, method: event.method().unwrap_or_default() }
    }

    fn operation(&self) -> OperationId {
        self.event.outcome.name.operation
    }

    fn executor(&self) -> &AccountId {
        &self.event.outcome.executor
    }

    fn number(&self, what: &str) -> u64 {
        Label::of(&format!("{}.{} {what}", self.executor(), self.method)).0
    }
}

/// How it ended, without what differs from case to case.
fn end(status: &ExecutionStatus) -> String {
    match status {
        ExecutionStatus::SuccessValue(value) if value.is_empty() => "nothing".to_owned(),
        ExecutionStatus::SuccessValue(_) => "value".to_owned(),
        ExecutionStatus::SuccessReceiptId(_) => "receipt".to_owned(),
        ExecutionStatus::Unknown => "unknown".to_owned(),
        ExecutionStatus::Failure(TxExecutionError::InvalidTxError(error)) => {
            beginning(&format!("{error:?}"))
        }
        ExecutionStatus::Failure(TxExecutionError::ActionError(error)) => match &error.kind {
            ActionErrorKind::FunctionCallError(FunctionCallError::ExecutionError(text)) => {
                beginning(text)
            }
            other => beginning(&format!("{other:?}")),
        },
    }
}

/// Up to the first digit or quotation mark: what follows is an amount or a name.
fn beginning(text: &str) -> String {
    let fixed = text.split(|letter: char| letter.is_ascii_digit() || "\"'`{".contains(letter));
    let fixed = fixed.into_iter().next().unwrap_or_default();
    let prefix = text.strip_prefix("Smart contract panicked: ").unwrap_or_default();
    if prefix.is_empty() { fixed } else { prefix }
        .chars()
        .take(TEXT)
        .filter(|letter| !letter.is_ascii_digit())
        .collect()
}

/// What a callback was told: of each result whether it failed, was empty, or how long it was.
fn for_results(event: &Named<'_>, tell: &mut dyn FnMut(FeedbackSource, u64)) {
    let Cause::Receipt { results, .. } = &event.event.outcome.cause else { return };
    if results.is_empty() {
        return;
    }
    let each = results.iter().map(|result| match result {
        None => "failed".to_owned(),
        Some(data) => (data.len().checked_ilog2().map_or(0, |log| log + 1)).to_string(),
    });
    tell(FeedbackSource::Results, event.number(&each.collect::<Vec<_>>().join(" ")));
}

/// Where this is a callback: what other operations did since its own was last at this account.
fn for_window(
    earlier: &[Named<'_>],
    callback: &Named<'_>,
    tell: &mut dyn FnMut(FeedbackSource, u64),
) {
    if !callback.event.is_callback() {
        return;
    }
    let opens = |event: &Named<'_>| {
        event.operation() == callback.operation() && event.executor() == callback.executor()
    };
    let opened = earlier.iter().rposition(opens).map_or(0, |position| position + 1);
    for inside in &earlier[opened..] {
        if inside.operation() != callback.operation() {
            let failed = inside.event.failed();
            let what = format!("< {}.{} {failed}", inside.executor(), inside.method);
            tell(FeedbackSource::Windows, callback.number(&what));
        }
    }
}

type Writers = BTreeMap<(AccountId, [u8; 4]), (OperationId, String)>;

/// What this read that another operation wrote, and who wrote it.
fn for_reads(writers: &mut Writers, event: &Named<'_>, tell: &mut dyn FnMut(FeedbackSource, u64)) {
    let touched = &event.event.outcome.touched;
    let place = |key: &[u8]| (event.executor().clone(), collection(key));
    for touch in touched.iter().filter(|touch| !touch.write) {
        if let Some((operation, method)) = writers.get(&place(&touch.key))
            && *operation != event.operation()
        {
            let collection = collection(&touch.key);
            let what = format!("{method} {collection:?} {}", event.event.failed());
            tell(FeedbackSource::Reads, event.number(&what));
        }
    }
    let written = touched.iter().filter(|touch| touch.write && !event.event.failed());
    for touch in written {
        let writer = (event.operation(), event.method.clone());
        writers.insert(place(&touch.key), writer);
    }
}

/// The first four bytes of a key, filled up with zeros: contracts begin the keys of one collection
/// alike.
fn collection(key: &[u8]) -> [u8; 4] {
    let mut prefix = [0; 4];
    let length = key.len().min(prefix.len());
    prefix[..length].copy_from_slice(&key[..length]);
    prefix
}
