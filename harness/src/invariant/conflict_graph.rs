//! Explains a serializability violation as a cycle of read/write conflicts.
//!
//! Decides nothing: it puts into words what the conflict graph of the case says.

use crate::trace::{Access, AccessKind, Conflict, ConflictGraph, Observation, Resource, text};
use crate::types::AccountId;

/// A shortest cycle of operations of which each accessed something before the next one did, a line for each. Among
/// the conflicts is one about an account under test. Nothing if there is no such cycle.
pub(super) fn explain(seen: &Observation) -> Vec<String> {
    let under_test = |account: &AccountId| seen.parties.under_test.contains(account);
    let Some(cycle) = ConflictGraph::of(seen).cycle_through(&under_test) else { return Vec::new() };
    let mut lines: Vec<_> = cycle.iter().map(line).collect();
    lines.push("no serial order of these operations agrees with that".to_owned());
    lines
}

fn line(conflict: &Conflict<'_>) -> String {
    let (first, second) = (&conflict.first, &conflict.second);
    let resource = match conflict.resource {
        Resource::Key { account, key } => format!("{account} state {}", text::bytes(key)),
        Resource::Balance { account } => format!("the balance of {account}"),
        Resource::Account { account } => format!("the account {account}"),
        Resource::Yields { account } => format!("the yielded promises of {account}"),
    };
    format!(
        "operation {} {} {resource} in {} before operation {} {} it in {}",
        first.operation,
        verb(first.kind),
        method(first),
        second.operation,
        verb(second.kind),
        method(second)
    )
}

fn verb(kind: AccessKind) -> &'static str {
    match kind {
        AccessKind::Read => "read",
        AccessKind::Adjust | AccessKind::Change => "changed",
    }
}

fn method(access: &Access<'_>) -> String {
    access.event.method().unwrap_or_else(|| "a receipt that calls no method".to_owned())
}
