//! Runs variations of a case for the invariants.
//!
//! Never judges.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::ops::ControlFlow;

use serde_json::Value;

use super::Error;
use super::follow_up::follow_ups;
use super::plan::{Plan, Serial};
use super::recorded_blocks::{Clock, RecordedBlocks, SeenBlocks};
use super::run::{Execution, Simulation};
use crate::chain::{self, Viewed, World};
use crate::decision::Chooser;
use crate::invariant::{Aftermath, Counterfactuals, FollowUp, ViewNumber};
use crate::scenario::{Arguments, Operation, Scenario};
use crate::trace::{ConflictGraph, Observation, json_numbers};
use crate::types::{AccountId, Fingerprint, NearToken, OperationId, ReceiptName};

/// Most operations of which every serial order is tried: five have 120 orders.
const MAX_SERIAL_OPERATIONS: usize = 5;

/// Which kinds of cases a campaign has examined closely, and what came of it.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    kinds: BTreeMap<Fingerprint, Examined>,
}

#[derive(Clone, Copy, Debug)]
struct Examined {
    /// How many cases of this kind there were.
    met: u64,
    /// Whether the last one that was examined was harmful.
    harmful: bool,
}

/// Runs variations of one recorded case, and remembers them. Receipts see the blocks that they saw in the case.
#[derive(Debug)]
pub struct Replayer<'a> {
    simulation: Simulation<'a>,
    recorded: &'a Scenario,
    blocks: RecordedBlocks,
    /// How serial orders use the recorded blocks: each of them runs once for each.
    clocks: &'static [Clock],
    serializable: Option<bool>,
    without: Vec<Option<Observation>>,
    serial: BTreeMap<Vec<OperationId>, Vec<Observation>>,
    runs: Cell<u64>,
    /// How many transactions have followed the case: each has receipts of its own.
    followed: u32,
    memory: Option<&'a RefCell<Memory>>,
}

impl<'a> Replayer<'a> {
    /// Variations of a case that was run.
    #[must_use]
    pub fn new(simulation: Simulation<'a>, ran: &'a Execution) -> Self {
        // In a serial order the recorded blocks come in another order. Whatever only one of the two clocks shows,
        // such as a deadline that has passed or an interest for a negative time, the order has not decided.
        let clocks: &[Clock] = if ran.observation.parties.block_readers.is_empty() {
            &[Clock::Forward]
        } else {
            &[Clock::Forward, Clock::Exact]
        };
        Self {
            simulation,
            recorded: &ran.recorded,
            blocks: RecordedBlocks::of(&ran.observation.events),
            clocks,
            serializable: None,
            without: vec![None; ran.recorded.operations.len()],
            serial: BTreeMap::new(),
            runs: Cell::new(0),
            followed: 0,
            memory: None,
        }
    }

    /// The same with the memory of a campaign, so that kinds of cases that were examined often are not examined
    /// each time.
    #[must_use]
    pub fn with_memory(self, memory: &'a RefCell<Memory>) -> Self {
        Self { memory: Some(memory), ..self }
    }

    /// How many variations have run.
    #[must_use]
    pub fn runs(&self) -> u64 {
        self.runs.get()
    }

    /// The number of the next transaction that follows the case.
    fn next_transaction(&mut self) -> u32 {
        self.runs.set(self.runs.get() + 1);
        self.followed += 1;
        self.followed
    }

    /// The numbers that the contract's views return for this input.
    fn numbers(
        &self,
        world: &World,
        contract: &AccountId,
        input: &[u8],
    ) -> Result<BTreeMap<ViewNumber, u128>, chain::Error> {
        let mut numbers = BTreeMap::new();
        for method in self.simulation.stage.exports.get(contract).into_iter().flatten() {
            let answer = world.view(self.simulation.engine, contract, method, input)?;
            let Some(bytes) = answer.value() else { continue };
            for (member, number) in json_numbers(&bytes) {
                let (contract, method) = (contract.clone(), method.clone());
                numbers.insert(ViewNumber { contract, method, member }, number);
            }
        }
        Ok(numbers)
    }

    fn run(
        &self,
        scenario: &Scenario,
        blocks: &RecordedBlocks,
    ) -> Result<Observation, chain::Error> {
        self.run_seeing(scenario, blocks.seen_by(Clock::Forward), &mut Plan::new(scenario))
    }

    fn run_serial(
        &self,
        scenario: &Scenario,
        blocks: SeenBlocks,
        order: &[OperationId],
    ) -> Result<Observation, chain::Error> {
        self.run_seeing(scenario, blocks, &mut Serial::new(order))
    }

    fn run_seeing(
        &self,
        scenario: &Scenario,
        blocks: SeenBlocks,
        chooser: &mut dyn Chooser,
    ) -> Result<Observation, chain::Error> {
        self.runs.set(self.runs.get() + 1);
        let ran = self.simulation.run_seeing(scenario, blocks, chooser);
        ran.map(|ran| ran.observation).map_err(only_chain)
    }

    /// Shows every serial order of these operations, with each clock, until told to stop. Whether there are few
    /// enough to show them all. The first ones are known already, and those that run are added.
    fn show_serial(
        &self,
        scenario: &Scenario,
        blocks: &RecordedBlocks,
        known: &mut Vec<Observation>,
        show: &mut dyn FnMut(&Observation) -> ControlFlow<()>,
    ) -> Result<bool, chain::Error> {
        let count = scenario.operations.len();
        if count > MAX_SERIAL_OPERATIONS {
            return Ok(false);
        }
        let orders = orders(count);
        let variations =
            orders.iter().flat_map(|order| self.clocks.iter().map(move |clock| (order, clock)));
        for (number, (order, clock)) in variations.enumerate() {
            if number == known.len() {
                known.push(self.run_serial(scenario, blocks.seen_by(*clock), order)?);
            }
            if show(&known[number]).is_break() {
                break;
            }
        }
        Ok(true)
    }
}

impl Counterfactuals for Replayer<'_> {
    fn is_serializable(&mut self, seen: &Observation) -> bool {
        *self.serializable.get_or_insert_with(|| {
            let is_wanted = |account: &AccountId| seen.parties.under_test.contains(account);
            ConflictGraph::of(seen).cycle_through(&is_wanted).is_none()
        })
    }

    fn without(&mut self, operation: OperationId) -> Result<Observation, chain::Error> {
        let index = operation.index();
        if let Some(known) = &self.without[index] {
            return Ok(known.clone());
        }
        let shorter = self.recorded.without_operation(operation);
        let observation = self.run(&shorter, &self.blocks.without(&[operation]))?;
        self.without[index] = Some(observation.clone());
        Ok(observation)
    }

    fn without_faults(&mut self, operation: OperationId) -> Result<Observation, chain::Error> {
        let mut scenario = self.recorded.clone();
        scenario.faults.retain(|fault| fault.receipt.operation != operation);
        self.run(&scenario, &self.blocks)
    }

    fn follow_ups(&mut self, operation: OperationId) -> Vec<FollowUp> {
        let target = self.simulation.stage.target.as_deref();
        target.map_or_else(Vec::new, |target| {
            let case = self.recorded;
            follow_ups(target, (&case.history, &case.operations), operation)
        })
    }

    fn follow_up(&mut self, world: &World, call: &FollowUp) -> Result<Aftermath, chain::Error> {
        let number = self.next_transaction();
        self.simulation.follow_up(world, call, number)
    }

    fn transfer(
        &mut self,
        world: &World,
        from: &AccountId,
        to: &AccountId,
        amount: NearToken,
    ) -> Result<World, chain::Error> {
        let number = self.next_transaction();
        self.simulation.transfer(world, (from, to), amount, number)
    }

    fn view_numbers(&mut self, world: &World) -> Result<BTreeMap<ViewNumber, u128>, chain::Error> {
        let mut numbers = BTreeMap::new();
        for contract in &self.simulation.stage.parties.under_test {
            numbers.extend(self.numbers(world, contract, b"{}")?);
        }
        Ok(numbers)
    }

    fn account_numbers(
        &mut self,
        world: &World,
        contract: &AccountId,
        account: &AccountId,
    ) -> Result<BTreeMap<ViewNumber, u128>, chain::Error> {
        let input = serde_json::json!({ "account_id": account }).to_string();
        self.numbers(world, contract, input.as_bytes())
    }

    fn recall(&mut self, kind: Fingerprint) -> Option<bool> {
        let mut memory = self.memory?.borrow_mut();
        let known = memory.kinds.get_mut(&kind)?;
        known.met += 1;
        // 1, 2, 8, 32, 128 and so on.
        let is_due = known.met.is_power_of_two() && known.met.trailing_zeros() % 2 == 1;
        (!is_due).then_some(known.harmful)
    }

    fn remember(&mut self, kind: Fingerprint, harmful: bool) {
        let Some(memory) = self.memory else { return };
        let mut memory = memory.borrow_mut();
        let known = memory.kinds.entry(kind).or_insert(Examined { met: 1, harmful });
        known.harmful = harmful;
    }

    fn view(
        &mut self,
        world: &World,
        contract: &AccountId,
        method: &str,
        input: &[u8],
    ) -> Result<Viewed, chain::Error> {
        world.view(self.simulation.engine, contract, method, input)
    }

    fn without_fault(&mut self, receipt: &ReceiptName) -> Result<Observation, chain::Error> {
        let mut scenario = self.recorded.clone();
        scenario.faults.retain(|fault| fault.receipt != *receipt);
        self.run(&scenario, &self.blocks)
    }

    fn with_signer(
        &mut self,
        operation: OperationId,
        signer: &AccountId,
    ) -> Result<Observation, chain::Error> {
        let mut scenario = self.recorded.clone();
        scenario[operation].signer = signer.clone();
        let order: Vec<_> = scenario.ids().collect();
        self.run_serial(&scenario, self.blocks.seen_by(Clock::Forward), &order)
    }

    fn with_arguments(
        &mut self,
        operation: OperationId,
        arguments: &[Value],
    ) -> Result<Observation, chain::Error> {
        let mut scenario = self.recorded.clone();
        let mut arguments = arguments.iter().cloned().map(Arguments::Json);
        if let Some(first) = arguments.next() {
            scenario[operation].arguments = first;
        }
        let operation = scenario[operation].clone();
        let more = arguments.map(|arguments| Operation { arguments, ..operation.clone() });
        scenario.operations.extend(more);
        self.run(&scenario, &self.blocks)
    }

    fn repeated(
        &mut self,
        show: &mut dyn FnMut(&Observation) -> ControlFlow<()>,
    ) -> Result<Observation, chain::Error> {
        let mut longer = self.recorded.clone();
        let count = longer.operations.len();
        let free = self.recorded.operations.iter().filter(|operation| operation.deposit.is_zero());
        longer.operations.extend(free.cloned());
        for order in orders(count.min(MAX_SERIAL_OPERATIONS)) {
            let order: Vec<OperationId> =
                order.into_iter().chain(longer.ids().skip(count)).collect();
            let blocks = self.blocks.seen_by(Clock::Forward);
            if show(&self.run_serial(&longer, blocks, &order)?).is_break() {
                break;
            }
        }
        self.run(&longer, &self.blocks)
    }

    fn serial(
        &mut self,
        left_out: &[OperationId],
        show: &mut dyn FnMut(&Observation) -> ControlFlow<()>,
    ) -> Result<bool, chain::Error> {
        let mut scenario = self.recorded.clone();
        for operation in left_out.iter().rev() {
            scenario = scenario.without_operation(*operation);
        }
        let blocks = self.blocks.without(left_out);
        let mut known = self.serial.remove(left_out).unwrap_or_default();
        let all = self.show_serial(&scenario, &blocks, &mut known, show)?;
        self.serial.insert(left_out.to_vec(), known);
        Ok(all)
    }

    fn serial_with_arguments(
        &mut self,
        operation: OperationId,
        arguments: &Value,
        show: &mut dyn FnMut(&Observation) -> ControlFlow<()>,
    ) -> Result<bool, chain::Error> {
        let mut scenario = self.recorded.clone();
        scenario[operation].arguments = Arguments::Json(arguments.clone());
        self.show_serial(&scenario, &self.blocks, &mut Vec::new(), show)
    }
}

/// While a case runs nothing but the chain can fail: the set-up is over.
fn only_chain(error: Error) -> chain::Error {
    match error {
        Error::Chain(error) => error,
        other => unreachable!("{other}"),
    }
}

/// All orders of `count` operations, the natural one first.
fn orders(count: usize) -> Vec<Vec<OperationId>> {
    let mut all = vec![Vec::new()];
    for _ in 0..count {
        let longer = |order: &Vec<OperationId>| {
            let left = OperationId::all(count).filter(|next| !order.contains(next));
            let longer = left.map(|next| order.iter().copied().chain([next]).collect());
            longer.collect::<Vec<Vec<OperationId>>>()
        };
        all = all.iter().flat_map(longer).collect();
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_order_comes_once_the_natural_one_first() {
        let orders = orders(4);
        assert_eq!(orders.len(), 24);
        assert_eq!(orders[0], [0, 1, 2, 3].map(OperationId));
        let distinct: std::collections::BTreeSet<_> = orders.iter().collect();
        assert_eq!(distinct.len(), 24);
    }
}
