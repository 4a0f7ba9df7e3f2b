//! Runs one case from its start to its end.
//!
//! Never decides anything itself: a chooser does, and the decisions are recorded.

use super::Error;
use super::plan::{Plan, label};
use super::progress::{Choice, Progress};
use super::recorded_blocks::SeenBlocks;
use super::stage::Fixture;
use crate::adversary::{FaultKind, RandomFaults, Rule, ScriptedFaults, Verdict, verdict};
use crate::chain::{self, Network};
use crate::decision::{Chooser, Site, ask};
use crate::scenario::{FallbackScheduler, Scenario};
use crate::trace::Observation;
use crate::vm::Engine;

/// Runs cases in one target's world.
#[derive(Clone, Copy)]
pub struct Simulation<'a> {
    /// Where every case starts.
    pub stage: &'a Fixture,
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
pub struct Execution {
    /// What happened.
    pub observation: Observation,
    /// The same case with every decision written into it: it replays without any randomness.
    pub recorded: Scenario,
    /// Every delivery, in order: what [`chain::explain`] needs.
    pub deliveries: Vec<chain::Step>,
}

/// The faults that a case names.
pub(super) fn listed(scenario: &Scenario) -> ScriptedFaults {
    let faults = scenario.faults.iter();
    ScriptedFaults::new(faults.map(|fault| (fault.receipt.clone(), fault.kind.clone())))
}

impl Simulation<'_> {
    /// Runs a case as it says.
    ///
    /// # Errors
    /// When the machine fails, or a contract does something that is not simulated.
    pub fn run(&self, scenario: &Scenario) -> Result<Execution, Error> {
        let delays = scenario.network != Network::Calm;
        let (mut listed, mut drawn) = (listed(scenario), RandomFaults::new(delays));
        let mut rules: Vec<&mut dyn Rule> = vec![&mut listed];
        if scenario.rest != FallbackScheduler::Fifo {
            rules.push(&mut drawn);
        }
        self.run_with(scenario, &mut Plan::new(scenario), &mut rules)
    }

    /// Runs a case of which every decision is recorded. Its receipts see these blocks.
    pub(super) fn run_seeing(
        &self,
        scenario: &Scenario,
        blocks: SeenBlocks,
        chooser: &mut dyn Chooser,
    ) -> Result<Execution, Error> {
        let mut listed = listed(scenario);
        let progress = Progress::new(*self, scenario)?.seeing(Some(blocks));
        self.run_to_end(progress, chooser, &mut [&mut listed])
    }

    /// Runs a case with another chooser than its own, and these rules for faults.
    ///
    /// # Errors
    /// As [`Self::run`].
    pub fn run_with(
        &self,
        scenario: &Scenario,
        chooser: &mut dyn Chooser,
        rules: &mut [&mut dyn Rule],
    ) -> Result<Execution, Error> {
        self.run_to_end(Progress::new(*self, scenario)?, chooser, rules)
    }

    fn run_to_end(
        &self,
        mut progress: Progress<'_>,
        chooser: &mut dyn Chooser,
        rules: &mut [&mut dyn Rule],
    ) -> Result<Execution, Error> {
        while !progress.is_cut_off() {
            let choices = progress.choices()?;
            if choices.is_empty() {
                let complete = !progress.is_cut_off();
                return progress.finish(complete);
            }
            let labels: Vec<_> = choices.iter().map(|choice| label(&choice.step())).collect();
            let chosen = ask(chooser, Site::Schedule, &labels);
            let fault = self.fault(&progress, &choices[chosen], chooser, rules);
            progress.take(&choices[chosen], fault)?;
            progress.tell(labels[chosen], chooser);
        }
        progress.finish(false)
    }

    /// What the rules make of the receipt that is about to be delivered.
    fn fault(
        &self,
        progress: &Progress<'_>,
        choice: &Choice,
        chooser: &mut dyn Chooser,
        rules: &mut [&mut dyn Rule],
    ) -> Option<FaultKind> {
        let Choice::Deliver(sequence, _) = choice else { return None };
        let (reach, under_test) = (&self.stage.reach, &self.stage.parties.under_test);
        let entry = progress.entry(*sequence)?;
        let menu = reach.menu(entry, under_test);
        match verdict(rules, entry, &menu, chooser) {
            Verdict::Inflict(kind) if reach.allows(&kind, entry, under_test) => Some(kind),
            Verdict::Inflict(_) | Verdict::Pass => None,
        }
    }
}
