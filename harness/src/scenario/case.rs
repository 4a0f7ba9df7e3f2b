//! The typed case: operations, a schedule, faults, and who decides the rest.
//!
//! Never knows a target, and never makes a choice: it only keeps the names in a case consistent.

use std::io::{Error as IoError, ErrorKind, Read, Result as IoResult, Write};
use std::ops::{Index, IndexMut};

use borsh::{BorshDeserialize, BorshSerialize};
use serde_json::Value;

use super::History;
use crate::adversary::{FaultKind, ViaContract};
use crate::chain::Network;
use crate::types::duration::LONGEST;
use crate::types::{AccountId, Duration, Gas, NearToken, OperationId, ReceiptName, Seed};

/// One case: what is done, in which order, and what is made to fail.
///
/// The indices in `schedule` and `faults` point into `operations`.
#[derive(
    Clone,
    Debug,
    Default,
    PartialEq,
    BorshSerialize,
    BorshDeserialize,
    serde::Serialize,
    serde::Deserialize
)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// What ran before, from the world after the set-up: each operation alone and to its end, without a fault.
    /// Everything that is compared starts from the world that this leaves.
    #[serde(default, skip_serializing_if = "is_empty")]
    pub history: History,
    /// The transactions, in the order in which they start where nothing else says so.
    pub operations: Vec<Operation>,
    /// What happens first, step by step. Where it ends, `rest` decides.
    #[serde(default)]
    pub schedule: Vec<Step>,
    /// Receipts to which something happens.
    #[serde(default)]
    pub faults: Vec<Fault>,
    /// Who decides where the schedule is silent. All but [`FallbackScheduler::Fifo`] draw faults too.
    #[serde(default)]
    pub rest: FallbackScheduler,
    /// What the network between the accounts may do.
    #[serde(default, skip_serializing_if = "is_usual")]
    pub network: Network,
}

fn is_empty(history: &History) -> bool {
    history.is_empty()
}

fn is_usual(network: &Network) -> bool {
    *network == Network::default()
}

/// One transaction, a single function call, with all that it causes.
#[derive(Clone, Debug, PartialEq, BorshSerialize, BorshDeserialize)]
pub struct Operation {
    /// Who signs, pays the gas and attaches the deposit.
    pub signer: AccountId,
    /// The contract that is called.
    pub receiver: AccountId,
    /// The exported function.
    pub method: String,
    /// Its input.
    pub arguments: Arguments,
    /// Attached money.
    pub deposit: NearToken,
    /// Attached gas.
    pub gas: Gas,
    /// The contract of the attacker's that makes the call; the signer calls where this is `None`.
    pub through: Option<ViaContract>,
    /// How much time passes before it, in whole seconds. If this is not zero, the operation starts when no
    /// receipt is pending.
    #[borsh(serialize_with = "write_seconds", deserialize_with = "read_seconds")]
    pub wait: Duration,
}

/// A function call's input.
#[derive(Clone, Debug, PartialEq, BorshSerialize, BorshDeserialize)]
pub enum Arguments {
    /// A JSON value; the contract gets its compact text, the keys of objects in alphabetical order.
    Json(#[borsh(serialize_with = "write_json", deserialize_with = "read_json")] Value),
    /// The bytes themselves.
    Bytes(Vec<u8>),
}

/// What happens next.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub enum Step {
    /// The transaction of the operation with this index enters the chain.
    Start(OperationId),
    /// This receipt is delivered.
    Deliver(ReceiptName),
}

/// A receipt to which something happens.
#[derive(
    Clone,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    BorshSerialize,
    BorshDeserialize,
    serde::Serialize,
    serde::Deserialize
)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// Which receipt.
    pub receipt: ReceiptName,
    /// What happens to it.
    pub kind: FaultKind,
}

/// Who decides where the schedule is silent.
#[derive(
    Clone,
    Debug,
    Default,
    PartialEq,
    Eq,
    BorshSerialize,
    BorshDeserialize,
    serde::Serialize,
    serde::Deserialize
)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum FallbackScheduler {
    /// First come, first served; nothing more fails.
    #[default]
    Fifo,
    /// A stream of random numbers: each thing that may come next is as likely as the others.
    Random(Seed),
    /// A stream of random numbers that makes each order as likely as the others.
    Surw {
        /// The stream's start.
        seed: Seed,
        /// How many steps each operation takes, about.
        lengths: Vec<u32>,
    },
    /// Random priorities that change a few times.
    Pct {
        /// The start of the stream that draws them.
        seed: Seed,
        /// How many steps must come in one order for what is looked for.
        depth: u32,
        /// How many steps there are, at most.
        events: u32,
    },
    /// A fuzzer's bytes; after the last one as first come, first served.
    Bytes(#[serde(with = "crate::types::text")] Vec<u8>),
}

impl Arguments {
    /// The bytes that the contract reads as its input.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Json(value) => {
                let mut value = value.clone();
                value.sort_all_objects();
                value.to_string().into_bytes()
            }
            Self::Bytes(bytes) => bytes.clone(),
        }
    }
}

impl Step {
    /// The operation that this step belongs to.
    #[must_use]
    pub fn operation(&self) -> OperationId {
        match self {
            Self::Start(operation) => *operation,
            Self::Deliver(receipt) => receipt.operation,
        }
    }

    fn operation_mut(&mut self) -> &mut OperationId {
        match self {
            Self::Start(operation) => operation,
            Self::Deliver(receipt) => &mut receipt.operation,
        }
    }
}

impl Index<OperationId> for Scenario {
    type Output = Operation;

    fn index(&self, id: OperationId) -> &Operation {
        &self.operations[id.index()]
    }
}

impl IndexMut<OperationId> for Scenario {
    fn index_mut(&mut self, id: OperationId) -> &mut Operation {
        &mut self.operations[id.index()]
    }
}

impl Scenario {
    /// The ids of its operations, in order.
    pub fn ids(&self) -> impl DoubleEndedIterator<Item = OperationId> + ExactSizeIterator + use<> {
        OperationId::all(self.operations.len())
    }

    /// The id that the next operation would get.
    #[must_use]
    pub fn next_id(&self) -> OperationId {
        OperationId::at(self.operations.len())
    }

    /// This scenario without one operation: its steps and faults go too, and later operations move up by
    /// one. Without that operation it is equal to this one.
    #[must_use]
    pub fn without_operation(&self, id: OperationId) -> Self {
        let mut shorter = self.clone();
        shorter.remove_operation(id);
        shorter
    }

    /// This scenario with its operations in another order, each with its own steps and faults. `None` if
    /// `order` does not name each operation once.
    #[must_use]
    pub fn in_order(&self, order: &[OperationId]) -> Option<Self> {
        let mut sorted = order.to_vec();
        sorted.sort_unstable();
        if !sorted.into_iter().eq(self.ids()) {
            return None;
        }
        let mut ordered = self.clone();
        ordered.operations = order.iter().map(|old| self[*old].clone()).collect();
        let position = |old: OperationId| order.iter().position(|other| *other == old);
        ordered.renumber(|old| position(old).map_or(old, OperationId::at));
        Some(ordered)
    }

    /// Removes one operation, if it exists, and renumbers what refers to later ones.
    pub(crate) fn remove_operation(&mut self, id: OperationId) {
        if id.index() >= self.operations.len() {
            return;
        }
        self.operations.remove(id.index());
        self.schedule.retain(|step| step.operation() != id);
        self.faults.retain(|fault| fault.receipt.operation != id);
        self.renumber(|other| other.after_removing(id));
    }

    /// Renames the receipts of an operation below `before` to be below `after`, in steps and faults.
    /// Those about other receipts of the operation go.
    pub(crate) fn move_receipts(&mut self, id: OperationId, before: &[u32], after: &[u32]) {
        if before == after {
            return;
        }
        let moved = |receipt: &mut ReceiptName| {
            if receipt.operation != id {
                return true;
            }
            let below = receipt.path.strip_prefix(before).map(<[u32]>::to_vec);
            below.map(|below| receipt.path = [after, &below].concat()).is_some()
        };
        self.faults.retain_mut(|fault| moved(&mut fault.receipt));
        self.schedule.retain_mut(|step| match step {
            Step::Start(_) => true,
            Step::Deliver(receipt) => moved(receipt),
        });
    }

    /// Inserts an operation, which gets this id, and renumbers what refers to it or to later ones.
    pub(crate) fn insert_operation(&mut self, id: OperationId, operation: Operation) {
        let id = id.min(self.next_id());
        self.operations.insert(id.index(), operation);
        self.renumber(|other| if other >= id { OperationId(other.0 + 1) } else { other });
    }

    /// Swaps two operations: each keeps its own steps and faults.
    pub(crate) fn swap_operations(&mut self, one: OperationId, other: OperationId) {
        self.operations.swap(one.index(), other.index());
        self.renumber(|id| match id {
            id if id == one => other,
            id if id == other => one,
            id => id,
        });
    }

    /// Appends the operations, steps and faults of another scenario.
    pub(crate) fn append(&mut self, mut other: Self) {
        let base = self.next_id();
        other.renumber(|id| OperationId(id.0 + base.0));
        self.operations.extend(other.operations);
        self.schedule.extend(other.schedule);
        self.faults.extend(other.faults);
    }

    fn renumber(&mut self, new: impl Fn(OperationId) -> OperationId) {
        let steps = self.schedule.iter_mut().map(Step::operation_mut);
        let faults = self.faults.iter_mut().map(|fault| &mut fault.receipt.operation);
        steps.chain(faults).for_each(|operation| *operation = new(*operation));
    }
}

fn write_json<W: Write>(value: &Value, writer: &mut W) -> IoResult<()> {
    value.to_string().serialize(writer)
}

fn read_json<R: Read>(reader: &mut R) -> IoResult<Value> {
    let text = String::deserialize_reader(reader)?;
    serde_json::from_str(&text).map_err(|reason| IoError::new(ErrorKind::InvalidData, reason))
}

fn write_seconds<W: Write>(duration: &Duration, writer: &mut W) -> IoResult<()> {
    duration.as_secs().serialize(writer)
}

fn read_seconds<R: Read>(reader: &mut R) -> IoResult<Duration> {
    let duration = Duration::from_secs(u64::deserialize_reader(reader)?);
    if duration > LONGEST {
        return Err(IoError::new(ErrorKind::InvalidData, "it waits for more than 100 years"));
    }
    Ok(duration)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::testing::{operation, scenario};

    #[test]
    fn what_follows_a_removed_operation_moves_up() {
        let case = scenario(3, &["start 0", "start 1", "1.0", "start 2", "2.0.1"], &["1.0", "2.0"]);
        let shorter = case.without_operation(OperationId(1));
        assert_eq!(
            shorter,
            scenario_with(&case, &[0, 2], &["start 0", "start 1", "1.0.1"], &["1.0"])
        );
        assert_eq!(case.without_operation(OperationId(3)), case);
    }

    #[test]
    fn an_inserted_operation_pushes_the_others_down_and_its_removal_undoes_it() {
        let case = scenario(2, &["start 1", "1.0", "start 0"], &["0.0"]);
        for id in OperationId::all(3) {
            let mut longer = case.clone();
            longer.insert_operation(id, operation("mallory.near", "other"));
            assert_eq!(longer.without_operation(id), case);
        }
    }

    #[test]
    fn reordered_operations_keep_their_steps() {
        let case = scenario(3, &["start 2", "2.1", "start 0", "start 1"], &["2.0"]);
        let steps = ["start 0", "0.1", "start 1", "start 2"];
        let expected = scenario_with(&case, &[2, 0, 1], &steps, &["0.0"]);
        assert_eq!(case.in_order(&[2, 0, 1].map(OperationId)), Some(expected));
        assert_eq!(case.in_order(&[2, 0].map(OperationId)), None);
        assert_eq!(case.in_order(&[2, 0, 2].map(OperationId)), None);
    }

    #[test]
    fn swapped_operations_keep_their_steps() {
        let case = scenario(3, &["start 0", "2.1", "start 1"], &["2.0"]);
        let mut swapped = case.clone();
        swapped.swap_operations(OperationId(0), OperationId(2));
        assert_eq!(
            swapped,
            scenario_with(&case, &[2, 1, 0], &["start 2", "0.1", "start 1"], &["0.0"])
        );
    }

    fn scenario_with(
        from: &Scenario,
        operations: &[usize],
        steps: &[&str],
        faults: &[&str],
    ) -> Scenario {
        let operations: Vec<_> =
            operations.iter().map(|index| from.operations[*index].clone()).collect();
        Scenario { operations, ..scenario(0, steps, faults) }
    }
}
