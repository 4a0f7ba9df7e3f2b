//! Runs one case from its start to its end.
//!
//! Never decides anything itself: a chooser does, and the decisions are recorded.

use std::sync::Arc;

use near_primitives::transaction::Action;

use super::Error;
use super::plan::{Plan, label};
use super::stage::{Stage, called, transaction};
use crate::adversary::{Drawn, Listed, Rule, Verdict, can_fail, verdict};
use crate::chain::{Forced, InFlight, World, action_receipt};
use crate::decision::{Chooser, Label, Site};
use crate::invariant::{Event, Observation};
use crate::scenario::{Fault, FaultKind, Rest, Scenario, Step};
use crate::types::ReceiptName;
use crate::vm::Engine;

/// Runs cases in one target's world.
#[derive(Clone, Copy)]
pub struct Simulation<'a> {
    /// Where every case starts.
    pub stage: &'a Stage,
    /// What runs the contracts.
    pub engine: &'a dyn Engine,
}

impl std::fmt::Debug for Simulation<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Simulation").finish_non_exhaustive()
    }
}

/// What running a case gave.
#[derive(Clone, Debug)]
pub struct Ran {
    /// What happened.
    pub observation: Observation,
    /// The same case with every decision written into it: it replays without any randomness.
    pub recorded: Scenario,
}

/// What may happen next.
enum Choice {
    Start(u32),
    Deliver(u64, ReceiptName),
}

/// A case that is being run.
struct Progress<'a> {
    simulation: Simulation<'a>,
    scenario: &'a Scenario,
    world: World,
    started: Vec<bool>,
    events: Vec<Event>,
    steps: Vec<Step>,
    faults: Vec<Fault>,
}

impl<'a> Simulation<'a> {
    /// Runs a case as it says.
    ///
    /// # Errors
    /// When the machine fails, or a contract does something that is not simulated.
    pub fn run(&self, scenario: &Scenario) -> Result<Ran, Error> {
        let listed = scenario.faults.iter().map(|fault| {
            let FaultKind::Panic = fault.kind;
            (fault.receipt.clone(), Forced::Panic)
        });
        let (mut listed, mut drawn) = (Listed::new(listed), Drawn::default());
        let mut rules: Vec<&mut dyn Rule> = vec![&mut listed];
        if scenario.rest != Rest::Fifo {
            rules.push(&mut drawn);
        }
        self.run_with(scenario, &mut Plan::new(scenario), &mut rules)
    }

    /// Runs a case with another chooser than its own, and these rules for faults.
    pub(super) fn run_with(
        &self,
        scenario: &Scenario,
        chooser: &mut dyn Chooser,
        rules: &mut [&mut dyn Rule],
    ) -> Result<Ran, Error> {
        let mut progress = Progress {
            simulation: *self,
            scenario,
            world: self.stage.world.clone(),
            started: vec![false; scenario.operations.len()],
            events: Vec::new(),
            steps: Vec::new(),
            faults: Vec::new(),
        };
        let complete = progress.run(chooser, rules)?;
        Ok(progress.finish(complete))
    }
}

impl Progress<'_> {
    /// Runs until nothing is left. Whether it got there before the limit.
    fn run(
        &mut self,
        chooser: &mut dyn Chooser,
        rules: &mut [&mut dyn Rule],
    ) -> Result<bool, Error> {
        let limit = self.simulation.stage.receipts as usize + self.scenario.operations.len();
        while self.events.len() < limit {
            self.deliver_inert()?;
            let (choices, labels) = self.choices();
            if choices.is_empty() {
                // Only yields may be left: the next one runs out of time.
                let Some(height) = self.world.next_timeout() else { return Ok(true) };
                self.world.advance_to(height + 1);
                continue;
            }
            match &choices[chooser.choose(Site::Schedule, &labels)] {
                Choice::Start(operation) => self.start(*operation),
                Choice::Deliver(sequence, name) => {
                    self.steps.push(Step::Deliver(name.clone()));
                    let forced = self.forced(*sequence, chooser, rules);
                    self.deliver(*sequence, forced)?;
                }
            }
        }
        Ok(false)
    }

    /// What may happen next, receipts before transactions, each in the order of its age.
    fn choices(&self) -> (Vec<Choice>, Vec<Label>) {
        let receipts = self.world.deliverable();
        let mut choices: Vec<_> =
            receipts.map(|entry| Choice::Deliver(entry.sequence, entry.name.clone())).collect();
        let starts = (0u32..).zip(&self.started).filter(|(_, started)| !**started);
        choices.extend(starts.map(|(operation, _)| Choice::Start(operation)));
        let labels = choices.iter().map(|choice| match choice {
            Choice::Start(operation) => label(&Step::Start(*operation)),
            Choice::Deliver(_, name) => label(&Step::Deliver(name.clone())),
        });
        let labels = labels.collect();
        (choices, labels)
    }

    fn start(&mut self, operation: u32) {
        self.steps.push(Step::Start(operation));
        self.started[operation as usize] = true;
        let transaction = transaction(&self.scenario.operations[operation as usize]);
        let before = self.world.record(&transaction.signer);
        let outcome = self.world.submit(&transaction, ReceiptName::root(operation));
        let after = self.world.record(&transaction.signer);
        self.events.push(Event { outcome, before, after });
    }

    /// Receipts whose delivery commutes with everything: they bring data that does not complete
    /// anything, or money to an account without code.
    fn deliver_inert(&mut self) -> Result<(), Error> {
        loop {
            let world = &self.world;
            let inert = world.deliverable().find(|entry| is_inert(world, entry));
            let Some(sequence) = inert.map(|entry| entry.sequence) else { return Ok(()) };
            self.deliver(sequence, None)?;
        }
    }

    fn forced(
        &mut self,
        sequence: u64,
        chooser: &mut dyn Chooser,
        rules: &mut [&mut dyn Rule],
    ) -> Option<Forced> {
        let under_test = &self.simulation.stage.settings.under_test;
        let entry = self.world.deliverable().find(|entry| entry.sequence == sequence)?;
        if !can_fail(entry, under_test) {
            return None;
        }
        match verdict(rules, entry, chooser) {
            Verdict::Pass => None,
            Verdict::Fail(forced) => {
                let Forced::Panic = forced;
                self.faults.push(Fault { receipt: entry.name.clone(), kind: FaultKind::Panic });
                Some(forced)
            }
        }
    }

    fn deliver(&mut self, sequence: u64, forced: Option<Forced>) -> Result<(), Error> {
        let start = self.world.clone();
        let delivered = self.world.deliver(self.simulation.engine, sequence, forced)?;
        for outcome in delivered.outcomes {
            let before = start.record(&outcome.executor);
            let after = self.world.record(&outcome.executor);
            self.events.push(Event { outcome, before, after });
        }
        Ok(())
    }

    fn finish(self, complete: bool) -> Ran {
        let recorded = Scenario {
            operations: self.scenario.operations.clone(),
            schedule: self.steps,
            faults: self.faults,
            rest: Rest::Fifo,
        };
        let stage = self.simulation.stage;
        let observation = Observation {
            settings: Arc::clone(&stage.settings),
            calls: self.scenario.operations.iter().map(called).collect(),
            events: self.events,
            start: stage.world.clone(),
            end: self.world,
            complete,
        };
        Ran { observation, recorded }
    }
}

fn is_inert(world: &World, entry: &InFlight) -> bool {
    world.is_silent(entry) || is_payment(world, entry)
}

/// Money for an account without code: nothing can look at it, and it cannot fail.
fn is_payment(world: &World, entry: &InFlight) -> bool {
    let Some(action) = action_receipt(&entry.receipt) else { return false };
    let account = world.account(entry.receipt.receiver_id());
    account.is_some_and(|account| !account.has_contract())
        && action.actions().iter().all(|action| matches!(action, Action::Transfer(_)))
}
