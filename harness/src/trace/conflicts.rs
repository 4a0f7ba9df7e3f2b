//! The conflict graph of a case: which operation came before which, as their reads and writes say.
//!
//! Two operations *conflict* if both access the same [`Resource`] and the order of the two accesses matters.
//! The graph has an edge from the operation that came first to the other one. If it has no cycle, some serial
//! order of whole operations gives every one of them what it saw, and ends in the same world (conflict
//! serializability). Then there is nothing to compare with serial runs. A cycle says where the operations met.

use std::collections::{BTreeMap, VecDeque};

use super::Observation;
use super::resource::{Access, AccessKind, Resource, accesses};
use crate::types::{AccountId, OperationId};

/// Under this key near-sdk keeps the fields of the contract itself, which most methods access.
const ROOT: &[u8] = b"STATE";

/// Two accesses whose order matters: the first operation comes before the second one.
#[derive(Clone, Copy, Debug)]
pub struct Conflict<'a> {
    /// What both accessed.
    pub resource: Resource<'a>,
    /// The access that came first.
    pub first: Access<'a>,
    /// The access that came later.
    pub second: Access<'a>,
}

/// Which operations came before which, and why.
#[derive(Clone, Debug, Default)]
pub struct ConflictGraph<'a> {
    /// For each two operations, at most one conflict for each resource, the most telling one first.
    edges: BTreeMap<(OperationId, OperationId), Vec<Conflict<'a>>>,
}

impl<'a> ConflictGraph<'a> {
    /// The conflicts between the operations of a case.
    #[must_use]
    pub fn of(seen: &'a Observation) -> Self {
        let mut earlier: BTreeMap<Resource<'a>, Vec<Access<'a>>> = BTreeMap::new();
        let mut edges: BTreeMap<(OperationId, OperationId), Vec<Conflict<'a>>> = BTreeMap::new();
        for (resource, second) in accesses(seen) {
            let known = earlier.entry(resource).or_default();
            for first in known.iter().filter(|first| first.conflicts_with(&second)) {
                let edge = edges.entry((first.operation, second.operation)).or_default();
                add(edge, Conflict { resource, first: *first, second });
            }
            known.push(second);
        }
        edges.values_mut().for_each(|conflicts| conflicts.sort_by_key(Conflict::rank));
        Self { edges }
    }

    /// Why the first operation came before the second one, the most telling conflict first; nothing if their
    /// accesses do not say so.
    #[must_use]
    pub fn conflicts(&self, first: OperationId, second: OperationId) -> &[Conflict<'a>] {
        self.edges.get(&(first, second)).map_or(&[], Vec::as_slice)
    }

    /// A shortest cycle: each operation came before the next one, and the last one before the first. None if
    /// the operations are equal to a serial order of them.
    #[must_use]
    pub fn cycle(&self) -> Option<Vec<Conflict<'a>>> {
        self.cycle_through(&|_| true)
    }

    /// A shortest cycle in which at least one conflict is about an account of which this is true, such as a
    /// contract under test. None if no order of operations on these accounts needs an explanation.
    #[must_use]
    pub fn cycle_through(
        &self,
        is_wanted: &dyn Fn(&AccountId) -> bool,
    ) -> Option<Vec<Conflict<'a>>> {
        let wanted = |conflict: &&Conflict<'a>| is_wanted(conflict.resource.account());
        let starts = self.edges.values().filter_map(|conflicts| conflicts.iter().find(wanted));
        let cycles = starts.filter_map(|start| {
            let back = self.path(start.second.operation, start.first.operation)?;
            Some([vec![*start], back].concat())
        });
        // Among equally short ones the first, so that the same case always gives the same cycle.
        cycles.min_by_key(Vec::len)
    }

    /// A shortest way along the edges.
    fn path(&self, from: OperationId, to: OperationId) -> Option<Vec<Conflict<'a>>> {
        let mut reached: BTreeMap<OperationId, Conflict<'a>> = BTreeMap::new();
        let mut queue = VecDeque::from([from]);
        while let Some(operation) = queue.pop_front() {
            if operation == to {
                return Some(way(&reached, from, to));
            }
            for ((_, next), conflicts) in
                self.edges.range((operation, OperationId(0))..=(operation, OperationId(u32::MAX)))
            {
                if *next != from && !reached.contains_key(next) {
                    reached.insert(*next, conflicts[0]);
                    queue.push_back(*next);
                }
            }
        }
        None
    }
}

/// Adds a conflict to those between two operations, unless one about the same resource tells as much.
fn add<'a>(edge: &mut Vec<Conflict<'a>>, conflict: Conflict<'a>) {
    match edge.iter().position(|known| known.resource == conflict.resource) {
        Some(known) if edge[known].rank() <= conflict.rank() => return,
        Some(known) => drop(edge.remove(known)),
        None => {}
    }
    edge.push(conflict);
}

/// The conflicts that lead from one operation to another, in their order.
fn way<'a>(
    reached: &BTreeMap<OperationId, Conflict<'a>>,
    from: OperationId,
    to: OperationId,
) -> Vec<Conflict<'a>> {
    let mut way = Vec::new();
    let mut operation = to;
    while operation != from {
        let conflict = reached[&operation];
        way.push(conflict);
        operation = conflict.first.operation;
    }
    way.reverse();
    way
}

impl Conflict<'_> {
    /// How little it tells. A conflict about a key of its own tells most, then one about a contract's fields,
    /// then one about a balance. Among these it tells more if the first operation had not yet seen what the second one made of it.
    fn rank(&self) -> (u8, bool, bool) {
        let resource = match self.resource {
            Resource::Key { key: ROOT, .. } => 1,
            Resource::Key { .. } => 0,
            Resource::Account { .. } | Resource::Yields { .. } => 2,
            Resource::Balance { .. } => 3,
        };
        let changed = |access: &Access<'_>| access.kind != AccessKind::Read;
        (resource, changed(&self.first), !changed(&self.second))
    }
}
