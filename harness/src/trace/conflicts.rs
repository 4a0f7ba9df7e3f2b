//! The conflict graph of a case: which operation came before which, as their reads and writes say.
//!
//! Two operations *conflict* if both access the same key of the state, or the same balance, and the order of
//! the two accesses matters. The graph has an edge from the operation that came first to the other one. If it
//! has no cycle, some serial order of whole operations gives every one of them what it saw (conflict
//! serializability), so nothing has to be compared with serial runs. A cycle says where the operations met.
//!
//! A contract that reads and one that changes a key conflict, and so do two that change it. Deposits that come
//! in and payments that go out commute, so they conflict only with a read of the balance: a call of a contract
//! whose code imports `account_balance`, or a receipt that failed because the balance was too small. Time,
//! block heights, random seeds, gas rewards and storage prices are read by no one here, and neither is what a
//! view outside the case would show.

use std::collections::{BTreeMap, VecDeque};

use near_primitives::errors::{ActionErrorKind, FunctionCallError, TxExecutionError};
use near_primitives::transaction::ExecutionStatus;

use super::{Event, Observation};
use crate::types::{AccountId, OperationId};

/// Under this key near-sdk keeps the fields of the contract itself, which most methods access.
const ROOT: &[u8] = b"STATE";

/// How the runtime says that a contract wanted to pay more than it has.
const BALANCE_EXCEEDED: &str = "Exceeded the account balance";

/// What two operations can conflict about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Resource<'a> {
    /// A key of an account's state.
    Key {
        /// The account.
        account: &'a AccountId,
        /// The key.
        key: &'a [u8],
    },
    /// An account's balance in NEAR.
    Balance {
        /// The account.
        account: &'a AccountId,
    },
}

/// What a receipt did with a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AccessKind {
    /// It looked at it.
    Read,
    /// It added to it or took from it, whatever it was before. Two adjustments commute.
    Adjust,
    /// It changed it, and may have looked at it.
    Change,
}

/// What one receipt did with a resource.
#[derive(Clone, Copy, Debug)]
pub struct Access<'a> {
    /// The operation that the receipt belongs to.
    pub operation: OperationId,
    /// The receipt.
    pub event: &'a Event,
    /// What it did.
    pub kind: AccessKind,
}

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

impl<'a> Resource<'a> {
    /// Whose it is.
    #[must_use]
    pub fn account(&self) -> &'a AccountId {
        match self {
            Self::Key { account, .. } | Self::Balance { account } => account,
        }
    }
}

impl Access<'_> {
    /// Whether the order of these two says something about the order of their operations.
    fn conflicts_with(&self, other: &Self) -> bool {
        let commute = match (self.kind, other.kind) {
            (AccessKind::Read, AccessKind::Read) | (AccessKind::Adjust, AccessKind::Adjust) => true,
            (AccessKind::Read, _) | (AccessKind::Adjust, _) | (AccessKind::Change, _) => false,
        };
        self.operation != other.operation && !commute
    }
}

impl Conflict<'_> {
    /// How little it tells: of a key of its own it tells more than of a contract's fields, of these more than
    /// of a balance, and most if the first operation had not yet seen what the second one made of it.
    fn rank(&self) -> (u8, bool, bool) {
        let resource = match self.resource {
            Resource::Key { key: ROOT, .. } => 1,
            Resource::Key { .. } => 0,
            Resource::Balance { .. } => 2,
        };
        let changed = |access: &Access<'_>| access.kind != AccessKind::Read;
        (resource, changed(&self.first), !changed(&self.second))
    }
}

/// What the receipts of a case did with what, in the order in which they ran.
fn accesses(seen: &Observation) -> impl Iterator<Item = (Resource<'_>, Access<'_>)> {
    let deposits: BTreeMap<_, _> =
        seen.events.iter().map(|event| (event.outcome.id, event.deposit())).collect();
    let paid = move |event: &Event| {
        let receipts = event.outcome.receipts.iter();
        receipts.filter_map(|id| deposits.get(id)).any(|deposit| !deposit.is_zero())
    };
    seen.events.iter().flat_map(move |event| {
        let account = &event.outcome.executor;
        let access = move |kind| Access { operation: event.outcome.name.operation, event, kind };
        let keys = event.accesses().map(move |touch| {
            let kind = if touch.changed { AccessKind::Change } else { AccessKind::Read };
            (Resource::Key { account, key: touch.key }, access(kind))
        });
        let moves = !event.failed() && (!event.deposit().is_zero() || paid(event));
        let read = reads_balance(seen, event).then_some(AccessKind::Read);
        let adjust = moves.then_some(AccessKind::Adjust);
        let balance = [read, adjust].into_iter().flatten();
        keys.chain(balance.map(move |kind| (Resource::Balance { account }, access(kind))))
    })
}

/// Whether what a receipt does may depend on its executor's balance.
fn reads_balance(seen: &Observation, event: &Event) -> bool {
    let asks =
        event.method().is_some() && seen.parties.balance_readers.contains(&event.outcome.executor);
    asks || event.outcome.receipt().is_some() && lacks_balance(&event.outcome.status)
}

fn lacks_balance(status: &ExecutionStatus) -> bool {
    let ExecutionStatus::Failure(TxExecutionError::ActionError(error)) = status else {
        return false;
    };
    match &error.kind {
        ActionErrorKind::FunctionCallError(FunctionCallError::ExecutionError(text)) => {
            text.contains(BALANCE_EXCEEDED)
        }
        ActionErrorKind::LackBalanceForState { .. } => true,
        _ => false,
    }
}
