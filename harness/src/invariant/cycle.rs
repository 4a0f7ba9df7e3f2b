//! Why operations came to what no serial order gives: who saw what of whom.
//!
//! Two operations that touch one key of the state, at least one of them changing it, can only have run
//! one after the other in the order in which they touched it. Where these orders form a cycle, no serial
//! order agrees with all of them, and the cycle says where the operations met. Reads of balances and
//! of views outside are not seen. Never decides whether anything is wrong.

use std::collections::{BTreeMap, VecDeque};

use crate::trace::{Event, Observation, text};
use crate::types::{AccountId, OperationId};

/// Under this key near-sdk keeps the fields of the contract itself, which most methods touch.
const ROOT: &[u8] = b"STATE";

/// A key as one receipt used it.
#[derive(Clone, Copy)]
struct Use<'a> {
    operation: OperationId,
    event: &'a Event,
    changed: bool,
}

/// Why one operation comes before another one: what the first did with the key, then the second.
#[derive(Clone)]
struct Edge<'a> {
    account: &'a AccountId,
    key: &'a [u8],
    first: Use<'a>,
    second: Use<'a>,
}

/// Between each two operations the edge that tells most.
type Edges<'a> = BTreeMap<(OperationId, OperationId), Edge<'a>>;

/// A shortest cycle of operations of which each touched something before the next did, a line for each;
/// nothing where there is none.
pub(super) fn cycle(seen: &Observation) -> Vec<String> {
    let edges = edges(seen);
    let cycles = seen.ids().filter_map(|start| shortest(&edges, start));
    // Among equally short ones the first, so that the same case always says the same.
    let Some(cycle) = cycles.min_by_key(Vec::len) else { return Vec::new() };
    let mut lines: Vec<_> = cycle.iter().map(|edge| line(edge)).collect();
    lines.push("so no order of whole operations agrees with what they saw".to_owned());
    lines
}

fn edges(seen: &Observation) -> Edges<'_> {
    let mut uses: BTreeMap<(&AccountId, &[u8]), Vec<Use<'_>>> = BTreeMap::new();
    let mut edges = Edges::new();
    for event in &seen.events {
        for touch in &event.outcome.touched {
            let key = (&event.outcome.executor, &*touch.key);
            let changed = touch.write && !event.failed() && has_changed(event, &touch.key);
            let second = Use { operation: event.outcome.name.operation, event, changed };
            let earlier = uses.entry(key).or_default();
            for first in earlier.iter().filter(|first| orders(first, &second)) {
                let edge = Edge { account: key.0, key: key.1, first: *first, second };
                let place = edges.entry((first.operation, second.operation));
                place
                    .and_modify(|known: &mut Edge<'_>| {
                        if edge.rank() < known.rank() {
                            *known = edge.clone();
                        }
                    })
                    .or_insert(edge);
            }
            earlier.push(second);
        }
    }
    edges
}

/// Whether the order of these two says something about the order of their operations.
fn orders(first: &Use<'_>, second: &Use<'_>) -> bool {
    first.operation != second.operation && (first.changed || second.changed)
}

fn has_changed(event: &Event, key: &[u8]) -> bool {
    let value = |record: &Option<std::sync::Arc<crate::chain::AccountRecord>>| {
        record.as_ref().and_then(|record| record.storage().get(key).cloned())
    };
    value(&event.before) != value(&event.after)
}

impl Edge<'_> {
    /// How little it tells: of a key of its own it tells more than of the contract's fields, and most
    /// where the first had not yet seen what the second made of it.
    fn rank(&self) -> (bool, bool, bool) {
        (self.key == ROOT, self.first.changed, !self.second.changed)
    }
}

/// A shortest way from an operation back to itself.
fn shortest<'a, 'b>(edges: &'b Edges<'a>, start: OperationId) -> Option<Vec<&'b Edge<'a>>> {
    let mut reached: BTreeMap<OperationId, &Edge<'a>> = BTreeMap::new();
    let mut queue = VecDeque::from([start]);
    while let Some(operation) = queue.pop_front() {
        let after = edges.range((operation, OperationId(0))..=(operation, OperationId(u32::MAX)));
        for ((_, next), edge) in after {
            if reached.contains_key(next) {
                continue;
            }
            reached.insert(*next, edge);
            if *next == start {
                return Some(way_back(&reached, start));
            }
            queue.push_back(*next);
        }
    }
    None
}

fn way_back<'a, 'b>(
    reached: &BTreeMap<OperationId, &'b Edge<'a>>,
    start: OperationId,
) -> Vec<&'b Edge<'a>> {
    let mut way = Vec::new();
    let mut operation = start;
    loop {
        let edge = reached[&operation];
        way.push(edge);
        operation = edge.first.operation;
        if operation == start {
            way.reverse();
            return way;
        }
    }
}

fn line(edge: &Edge<'_>) -> String {
    let (first, second) = (&edge.first, &edge.second);
    let place = format!("{} state {}", edge.account, text::bytes(edge.key));
    let (one, other) = (first.operation, second.operation);
    let (earlier, later) = (method(first), method(second));
    match (first.changed, second.changed) {
        (false, _) => format!(
            "operation {one} read {place} in {earlier} before operation {other} changed it in {later}"
        ),
        (true, false) => format!(
            "operation {one} had changed {place} in {earlier} when operation {other} read it in {later}"
        ),
        (true, true) => format!(
            "operation {one} changed {place} in {earlier} before operation {other} did in {later}"
        ),
    }
}

fn method(used: &Use<'_>) -> String {
    used.event.method().unwrap_or_else(|| "a deployment".to_owned())
}
