//! The typed case: operations, a schedule, faults, and who decides the rest.
//!
//! Never knows a target, and never makes a choice: it only keeps the names in a case consistent.

use std::io::{Error as IoError, ErrorKind, Read, Result as IoResult, Write};

use borsh::{BorshDeserialize, BorshSerialize};
use serde_json::Value;

use crate::adversary::{FaultKind, ViaContract};
use crate::chain::Network;
use crate::types::{AccountId, Gas, NearToken, ReceiptName, Seed};

/// One case: what is done, in which order, and what is made to fail.
///
/// The indices in `schedule` and `faults` point into `operations`.
#[derive(Clone, Debug, Default, PartialEq, BorshSerialize, BorshDeserialize)]
pub struct Scenario {
    /// The transactions, in the order in which they start where nothing else says so.
    pub operations: Vec<Operation>,
    /// What happens first, step by step. Where it ends, `rest` decides.
    pub schedule: Vec<Step>,
    /// Receipts to which something happens.
    pub faults: Vec<Fault>,
    /// Who decides where the schedule is silent. All but [`FallbackScheduler::Fifo`] draw faults too.
    pub rest: FallbackScheduler,
    /// What the network between the accounts may do.
    pub network: Network,
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
    Start(u32),
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
    pub fn operation(&self) -> u32 {
        match self {
            Self::Start(operation) => *operation,
            Self::Deliver(receipt) => receipt.operation,
        }
    }

    fn operation_mut(&mut self) -> &mut u32 {
        match self {
            Self::Start(operation) => operation,
            Self::Deliver(receipt) => &mut receipt.operation,
        }
    }
}

impl Scenario {
    /// This scenario without one operation: its steps and faults go too, later operations move up by one.
    ///
    /// An `index` that there is not gives an equal scenario.
    #[must_use]
    pub fn without_operation(&self, index: usize) -> Self {
        let mut shorter = self.clone();
        shorter.remove_operation(index);
        shorter
    }

    /// This scenario with its operations in another order, each with its own steps and faults. None
    /// where `order` does not name each operation once.
    #[must_use]
    pub fn in_order(&self, order: &[usize]) -> Option<Self> {
        let mut sorted = order.to_vec();
        sorted.sort_unstable();
        if !sorted.into_iter().eq(0..self.operations.len()) {
            return None;
        }
        let mut ordered = self.clone();
        ordered.operations = order.iter().map(|old| self.operations[*old].clone()).collect();
        let position = |old: u32| order.iter().position(|other| number(*other) == old);
        ordered.renumber(|old| position(old).map_or(old, number));
        Some(ordered)
    }

    /// Removes one operation, renumbering what refers to later ones. Does nothing where there is none.
    pub(crate) fn remove_operation(&mut self, index: usize) {
        if index >= self.operations.len() {
            return;
        }
        self.operations.remove(index);
        let index = number(index);
        self.schedule.retain(|step| step.operation() != index);
        self.faults.retain(|fault| fault.receipt.operation != index);
        self.renumber(|operation| if operation > index { operation - 1 } else { operation });
    }

    /// Renames the receipts of an operation below `before` to be below `after`, in steps and faults.
    /// Those about other receipts of the operation go.
    pub(crate) fn move_receipts(&mut self, index: usize, before: &[u32], after: &[u32]) {
        if before == after {
            return;
        }
        let index = number(index);
        let moved = |receipt: &mut ReceiptName| {
            if receipt.operation != index {
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

    /// Inserts an operation before the one that now has this index, renumbering what refers to later ones.
    pub(crate) fn insert_operation(&mut self, index: usize, operation: Operation) {
        let index = index.min(self.operations.len());
        self.operations.insert(index, operation);
        let index = number(index);
        self.renumber(|operation| if operation >= index { operation + 1 } else { operation });
    }

    /// Swaps two operations: each keeps its own steps and faults.
    pub(crate) fn swap_operations(&mut self, one: usize, other: usize) {
        self.operations.swap(one, other);
        let (one, other) = (number(one), number(other));
        self.renumber(|operation| match operation {
            operation if operation == one => other,
            operation if operation == other => one,
            operation => operation,
        });
    }

    /// Adds all that another scenario has, except its rest, behind what this one has.
    pub(crate) fn append(&mut self, mut other: Self) {
        let base = number(self.operations.len());
        other.renumber(|operation| operation + base);
        self.operations.extend(other.operations);
        self.schedule.extend(other.schedule);
        self.faults.extend(other.faults);
    }

    fn renumber(&mut self, new: impl Fn(u32) -> u32) {
        let steps = self.schedule.iter_mut().map(Step::operation_mut);
        let faults = self.faults.iter_mut().map(|fault| &mut fault.receipt.operation);
        steps.chain(faults).for_each(|operation| *operation = new(*operation));
    }
}

/// An operation's index as receipts name it.
pub(crate) fn number(index: usize) -> u32 {
    u32::try_from(index).expect("a scenario holds a handful of operations")
}

fn write_json<W: Write>(value: &Value, writer: &mut W) -> IoResult<()> {
    value.to_string().serialize(writer)
}

fn read_json<R: Read>(reader: &mut R) -> IoResult<Value> {
    let text = String::deserialize_reader(reader)?;
    serde_json::from_str(&text).map_err(|reason| IoError::new(ErrorKind::InvalidData, reason))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::testing::{operation, scenario};

    #[test]
    fn what_follows_a_removed_operation_moves_up() {
        let case = scenario(3, &["start 0", "start 1", "1.0", "start 2", "2.0.1"], &["1.0", "2.0"]);
        let shorter = case.without_operation(1);
        assert_eq!(
            shorter,
            scenario_with(&case, &[0, 2], &["start 0", "start 1", "1.0.1"], &["1.0"])
        );
        assert_eq!(case.without_operation(3), case);
    }

    #[test]
    fn an_inserted_operation_pushes_the_others_down_and_its_removal_undoes_it() {
        let case = scenario(2, &["start 1", "1.0", "start 0"], &["0.0"]);
        for index in 0..=2 {
            let mut longer = case.clone();
            longer.insert_operation(index, operation("mallory.near", "other"));
            assert_eq!(longer.without_operation(index), case);
        }
    }

    #[test]
    fn reordered_operations_keep_their_steps() {
        let case = scenario(3, &["start 2", "2.1", "start 0", "start 1"], &["2.0"]);
        let steps = ["start 0", "0.1", "start 1", "start 2"];
        let expected = scenario_with(&case, &[2, 0, 1], &steps, &["0.0"]);
        assert_eq!(case.in_order(&[2, 0, 1]), Some(expected));
        assert_eq!(case.in_order(&[2, 0]), None);
        assert_eq!(case.in_order(&[2, 0, 2]), None);
    }

    #[test]
    fn swapped_operations_keep_their_steps() {
        let case = scenario(3, &["start 0", "2.1", "start 1"], &["2.0"]);
        let mut swapped = case.clone();
        swapped.swap_operations(0, 2);
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
