//! A case that is being run: what may happen next, and letting it happen.
//!
//! Never chooses. A value: cloning it takes a snapshot, from which the case can go on in another way.

use std::collections::BTreeMap;
use std::sync::Arc;

use near_primitives::transaction::Action;

use super::Error;
use super::operation::{called, transaction};
use super::plan::label;
use super::recorded_blocks::SeenBlocks;
use super::run::{Execution, Simulation};
use super::start::Start;
use crate::adversary::{FaultKind, can_fail};
use crate::chain::{self, Network, PendingReceipt, World, action_receipt};
use crate::decision::{Chooser, Label};
use crate::scenario::{FallbackScheduler, Fault, Operation, Scenario, Step};
use crate::trace::{Event, Observation};
use crate::types::{AccountId, OperationId, ReceiptName};

/// What may happen next.
#[derive(Clone, Debug)]
pub(super) enum Choice {
    Start(OperationId),
    Deliver(u64, ReceiptName),
}

impl Choice {
    /// What happens, as a schedule says it.
    pub(super) fn step(&self) -> Step {
        match self {
            Self::Start(operation) => Step::Start(*operation),
            Self::Deliver(_, name) => Step::Deliver(name.clone()),
        }
    }
}

/// A case that is being run.
#[derive(Clone)]
pub(super) struct Progress<'a> {
    simulation: Simulation<'a>,
    scenario: &'a Scenario,
    start: Start,
    pub(super) world: World,
    started: Vec<bool>,
    pub(super) events: Vec<Event>,
    steps: Vec<Step>,
    faults: Vec<Fault>,
    /// What became of accounts for the rest of an operation.
    lasting: BTreeMap<(OperationId, AccountId), FaultKind>,
    deliveries: Vec<chain::Step>,
    /// The blocks that receipts see, if they are not those in which they run.
    blocks: Option<SeenBlocks>,
    /// Receipts with a lower number have been told of as somebody's effect.
    told: u64,
}

impl<'a> Progress<'a> {
    pub(super) fn new(simulation: Simulation<'a>, scenario: &'a Scenario) -> Result<Self, Error> {
        let start = simulation.start(&scenario.history)?;
        let world = start.world.clone();
        Ok(Self {
            simulation,
            scenario,
            start,
            told: world.next_sequence(),
            world,
            started: vec![false; scenario.operations.len()],
            events: Vec::new(),
            steps: Vec::new(),
            faults: Vec::new(),
            lasting: BTreeMap::new(),
            deliveries: Vec::new(),
            blocks: None,
        })
    }

    /// The same, but receipts see these blocks.
    pub(super) fn seeing(mut self, blocks: Option<SeenBlocks>) -> Self {
        self.blocks = blocks;
        self
    }

    /// Whether as much has run as a case may run.
    pub(super) fn is_cut_off(&self) -> bool {
        let operations = self.scenario.operations.len();
        self.events.len() >= self.simulation.stage.receipts as usize + operations
    }

    /// Brings about what needs no decision, then says what may happen next: receipts before
    /// transactions, each in the order of its age. Nothing where the case has ended.
    pub(super) fn choices(&mut self) -> Result<Vec<Choice>, Error> {
        loop {
            self.deliver_inert()?;
            let receipts = self.candidates();
            let receipts = receipts.iter();
            let mut choices: Vec<_> =
                receipts.map(|entry| Choice::Deliver(entry.sequence, entry.name.clone())).collect();
            choices.extend(self.scenario.ids().filter(|id| self.may_start(*id)).map(Choice::Start));
            if !choices.is_empty() || self.is_cut_off() {
                return Ok(choices);
            }
            // Only yields may be left: the next one runs out of time.
            let Some(height) = self.world.next_timeout() else { return Ok(choices) };
            self.world.advance_to(height + 1);
        }
    }

    fn may_start(&self, operation: OperationId) -> bool {
        if self.started[operation.index()] {
            return false;
        }
        let Operation { signer, wait, .. } = &self.scenario[operation];
        // Time passes only at rest: a long wait must not seem to hold receipts back.
        let at_rest = self.world.is_quiet() && self.world.next_timeout().is_none();
        if !wait.is_zero() && !at_rest {
            return false;
        }
        self.scenario.network != Network::Calm || self.world.has_time_for(signer)
    }

    /// The receipts that the network lets come next.
    fn candidates(&self) -> Vec<&PendingReceipt> {
        match self.scenario.network {
            Network::Calm => self.world.deliverable_calm(),
            Network::Congested => self.world.deliverable().collect(),
            Network::Relaxed => self.world.deliverable_relaxed().collect(),
        }
    }

    /// Whether the receipt comes by itself, without anybody deciding when.
    pub(super) fn is_inert(&self, entry: &PendingReceipt) -> bool {
        is_inert(&self.world, entry)
    }

    /// The receipt with this number, which is under way.
    pub(super) fn entry(&self, sequence: u64) -> Option<&PendingReceipt> {
        self.world.in_flight().find(|entry| entry.sequence == sequence)
    }

    /// Lets one of the choices happen; `fault` says what else.
    pub(super) fn take(&mut self, choice: &Choice, fault: Option<FaultKind>) -> Result<(), Error> {
        self.steps.push(choice.step());
        match choice {
            Choice::Start(operation) => {
                self.start(*operation);
                Ok(())
            }
            Choice::Deliver(sequence, name) => {
                if let Some(kind) = fault.clone() {
                    self.faults.push(Fault { receipt: name.clone(), kind });
                }
                if let Some(FaultKind::Delay(blocks)) = fault {
                    self.wait(blocks)?;
                }
                self.keep(*sequence, fault.as_ref());
                self.deliver(*sequence, fault.as_ref())
            }
        }
    }

    /// Remembers what happens to an account for the rest of the operation.
    fn keep(&mut self, sequence: u64, fault: Option<&FaultKind>) {
        let Some(kind) = fault.filter(|kind| kind.lasts()) else { return };
        let entry = self.entry(sequence);
        let place = entry.map(|entry| (entry.name.operation, entry.receipt.receiver_id().clone()));
        self.lasting.extend(place.map(|place| (place, kind.clone())));
    }

    /// What an earlier fault makes of this receipt.
    fn kept(&self, entry: &PendingReceipt) -> Option<&FaultKind> {
        let place = (entry.name.operation, entry.receipt.receiver_id().clone());
        let under_test = &self.simulation.stage.parties.under_test;
        self.lasting.get(&place).filter(|_| can_fail(entry, under_test))
    }

    /// Lets blocks pass. What time itself sends, a yield's time-out, comes meanwhile.
    fn wait(&mut self, blocks: u32) -> Result<(), Error> {
        let before = self.world.next_sequence();
        self.world.advance_to(self.world.height() + u64::from(blocks));
        loop {
            let mut next = self.world.deliverable().map(|entry| entry.sequence);
            let Some(sequence) = next.find(|sequence| *sequence >= before) else { return Ok(()) };
            drop(next);
            // What comes of it is for the chooser again.
            let made = self.world.next_sequence();
            self.deliver(sequence, None)?;
            if self.world.next_sequence() > made {
                return Ok(());
            }
        }
    }

    /// Tells which receipts the step has made. They are told once, also those that come by themselves.
    pub(super) fn tell(&mut self, cause: Label, chooser: &mut dyn Chooser) {
        let told = std::mem::replace(&mut self.told, self.world.next_sequence());
        let new = self.world.in_flight().filter(|entry| entry.sequence >= told);
        // What comes by itself is nobody's choice, so it is no event.
        for entry in new.filter(|entry| !is_inert(&self.world, entry)) {
            chooser.caused(cause, label(&Step::Deliver(entry.name.clone())));
        }
    }

    fn start(&mut self, operation: OperationId) {
        self.started[operation.index()] = true;
        let wait = self.scenario[operation].wait;
        if !wait.is_zero() {
            self.world.wait(wait);
        }
        let transaction = transaction(&self.scenario[operation]);
        let before = self.world.record(&transaction.signer);
        let outcome = self.world.submit(&transaction, ReceiptName::root(operation));
        let after = self.world.record(&transaction.signer);
        let world = self.watched();
        self.events.push(Event { outcome, before, after, world });
    }

    /// The world, where it is looked at after every receipt.
    fn watched(&self) -> Option<World> {
        self.simulation.stage.settings.watches().then(|| self.world.clone())
    }

    /// Receipts whose delivery commutes with everything: they bring data that does not complete
    /// anything, or money to an account without code.
    pub(super) fn deliver_inert(&mut self) -> Result<(), Error> {
        loop {
            let candidates = self.candidates();
            let inert = candidates.iter().find(|entry| is_inert(&self.world, entry));
            let Some(sequence) = inert.map(|entry| entry.sequence) else { return Ok(()) };
            self.deliver(sequence, None)?;
        }
    }

    fn deliver(&mut self, sequence: u64, fault: Option<&FaultKind>) -> Result<(), Error> {
        let forced = self.entry(sequence).and_then(|entry| {
            let stage = self.simulation.stage;
            let kept = self.kept(entry).and_then(|kind| stage.puppet.forced(kind, entry));
            let inflicted =
                kept.or_else(|| fault.and_then(|kind| stage.puppet.forced(kind, entry)));
            let played = stage.reach.puppets.contains(entry.receipt.receiver_id());
            inflicted.or_else(|| played.then(|| stage.puppet.usual(entry, &stage.reach)))
        });
        let start = self.world.clone();
        let name = self.entry(sequence).map(|entry| entry.name.clone());
        let shown = self.blocks.as_mut().zip(name).map(|(blocks, name)| blocks.of(&name));
        self.world.show_block(shown);
        let delivered = self.world.deliver(self.simulation.engine, sequence, forced)?;
        self.world.show_block(None);
        self.deliveries.push(delivered.step);
        for outcome in delivered.outcomes {
            let before = start.record(&outcome.executor);
            let after = self.world.record(&outcome.executor);
            let world = self.watched();
            self.events.push(Event { outcome, before, after, world });
        }
        Ok(())
    }

    pub(super) fn finish(self, complete: bool) -> Result<Execution, Error> {
        let Start { world, holdings } = &self.start;
        let Simulation { stage, engine } = self.simulation;
        let holdings = stage.holdings_since(world, holdings, &self.world, engine)?;
        let recorded = Scenario {
            history: self.scenario.history.clone(),
            operations: self.scenario.operations.clone(),
            schedule: self.steps,
            faults: self.faults,
            rest: FallbackScheduler::Fifo,
            network: self.scenario.network,
        };
        let stage = self.simulation.stage;
        let observation = Observation {
            parties: Arc::clone(&stage.parties),
            calls: self.scenario.operations.iter().map(called).collect(),
            events: self.events,
            start: self.start.world,
            end: self.world,
            held_at_start: self.start.holdings,
            holdings,
            complete,
        };
        Ok(Execution { observation, recorded, deliveries: self.deliveries })
    }
}

fn is_inert(world: &World, entry: &PendingReceipt) -> bool {
    world.is_silent(entry) || is_payment(world, entry)
}

/// Money for an account without code: nothing can look at it, and it cannot fail.
fn is_payment(world: &World, entry: &PendingReceipt) -> bool {
    let Some(action) = action_receipt(&entry.receipt) else { return false };
    let account = world.account(entry.receipt.receiver_id());
    account.is_some_and(|account| !account.has_contract())
        && action.actions().iter().all(|action| matches!(action, Action::Transfer(_)))
}
