//! What happened, in the order of time: a line per transaction and receipt, indented by what caused it.
//!
//! Never judges.

use near_primitives::errors::{ActionErrorKind, FunctionCallError, TxExecutionError};
use near_primitives::receipt::Receipt;
use near_primitives::transaction::{Action, ExecutionStatus};

use super::amount::near;
use super::harmless;
use crate::chain::{Cause, action_receipt, is_gas_refund};
use crate::invariant::{Event, Observation};
use crate::types::NearToken;

/// Most characters of arguments, results and errors on one line.
const MOST_CHARACTERS: usize = 96;

/// A line of the picture.
pub(super) struct Line {
    pub(super) block: u64,
    pub(super) operation: u32,
    pub(super) text: String,
    pub(super) mark: Option<&'static str>,
}

/// The whole case as lines, refunds of gas left out: they say nothing.
pub(super) fn lines(seen: &Observation) -> Vec<Line> {
    let mut lines = Vec::new();
    for (index, event) in seen.events.iter().enumerate() {
        if event.outcome.receipt().is_some_and(is_gas_refund) {
            continue;
        }
        lines.push(Line {
            block: event.outcome.block,
            operation: event.outcome.name.operation,
            text: text(event),
            mark: mark(seen, index),
        });
    }
    lines
}

fn text(event: &Event) -> String {
    let depth = event.outcome.name.path.len();
    match &event.outcome.cause {
        Cause::Transaction => {
            let signer = &event.outcome.executor;
            match &event.outcome.status {
                ExecutionStatus::Failure(error) => {
                    format!(
                        "{signer} signs, and the chain refuses: {}",
                        harmless(&error.to_string(), MOST_CHARACTERS)
                    )
                }
                _ => format!("{signer} signs"),
            }
        }
        Cause::Receipt { receipt, results, .. } => {
            let indent = "  ".repeat(depth + 1);
            let heard = heard(results);
            format!("{indent}{}{heard}  {}", receipt_text(receipt), status(&event.outcome.status))
        }
    }
}

/// What a callback learns about what it waited for.
fn heard(results: &[Option<std::sync::Arc<[u8]>>]) -> String {
    if results.is_empty() {
        return String::new();
    }
    let results = results.iter().map(|result| match result {
        Some(data) if data.is_empty() => "done".to_owned(),
        Some(data) => show_bytes(data),
        None => "failed".to_owned(),
    });
    format!(" [hears: {}]", results.collect::<Vec<_>>().join(", "))
}

fn receipt_text(receipt: &Receipt) -> String {
    let (from, to) = (receipt.predecessor_id(), receipt.receiver_id());
    let Some(action) = action_receipt(receipt) else { return format!("{from} → {to}") };
    let actions: Vec<_> = action.actions().iter().map(action_text).collect();
    let from = if from.is_system() { "refund".to_owned() } else { from.to_string() };
    format!("{from} → {to} {}", actions.join(" + "))
}

fn action_text(action: &Action) -> String {
    match action {
        Action::FunctionCall(call) => {
            let method = harmless(&call.method_name, MOST_CHARACTERS);
            let deposit = with_deposit(call.deposit);
            format!("{method}({}){deposit}", show_bytes(&call.args))
        }
        Action::Transfer(transfer) => format!("transfer {}", near(transfer.deposit)),
        other => other.as_ref().to_owned(),
    }
}

fn with_deposit(deposit: NearToken) -> String {
    if deposit.is_zero() { String::new() } else { format!(" with {}", near(deposit)) }
}

fn status(status: &ExecutionStatus) -> String {
    match status {
        ExecutionStatus::SuccessValue(value) if value.is_empty() => "✓".to_owned(),
        ExecutionStatus::SuccessValue(value) => format!("✓ {}", show_bytes(value)),
        ExecutionStatus::SuccessReceiptId(_) | ExecutionStatus::Unknown => "✓".to_owned(),
        ExecutionStatus::Failure(error) => format!("✗ {}", failure(error)),
    }
}

fn failure(error: &TxExecutionError) -> String {
    let text = match error {
        TxExecutionError::ActionError(error) => match &error.kind {
            ActionErrorKind::FunctionCallError(FunctionCallError::ExecutionError(text)) => {
                text.clone()
            }
            kind => kind.to_string(),
        },
        TxExecutionError::InvalidTxError(error) => error.to_string(),
    };
    harmless(&text, MOST_CHARACTERS)
}

/// Bytes as text where they are text, otherwise in hexadecimal.
fn show_bytes(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => harmless(text, MOST_CHARACTERS),
        Err(_) => harmless(&format!("0x{}", hex::encode(bytes)), MOST_CHARACTERS),
    }
}

fn mark(seen: &Observation, index: usize) -> Option<&'static str> {
    let event = &seen.events[index];
    if matches!(event.outcome.cause, Cause::Receipt { forced: true, .. }) {
        return Some("made to fail");
    }
    // A transaction comes in between when another operation has begun before and goes on after it.
    if event.outcome.cause != Cause::Transaction {
        return None;
    }
    let operation = event.outcome.name.operation;
    let interesting = |event: &&Event| {
        event.outcome.name.operation != operation
            && !event.outcome.receipt().is_some_and(is_gas_refund)
    };
    let earlier: Vec<_> = seen.events[..index].iter().filter(interesting).collect();
    let between = seen.events[index..].iter().filter(interesting).any(|later| {
        earlier.iter().any(|e| e.outcome.name.operation == later.outcome.name.operation)
    });
    between.then_some("comes in between")
}
