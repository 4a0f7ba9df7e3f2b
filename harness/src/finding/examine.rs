//! Runs a case and asks every invariant about it.
//!
//! Never changes the case.

use std::cell::RefCell;
use std::collections::BTreeSet;

use crate::adversary::{FaultKind, Power};
use crate::chain::{Network, explain};
use crate::invariant::{Invariant, Violation};
use crate::scenario::{Fault, Scenario, Step, USUAL_GAS};
use crate::simulation::{Error, Execution, Memory, Replayer, Simulation};
use crate::trace::any_overlap;

/// Runs cases in one world and judges them.
#[derive(Clone, Copy)]
pub struct Checker<'a> {
    /// What runs them.
    pub simulation: Simulation<'a>,
    /// What judges them.
    pub invariants: &'a [Box<dyn Invariant>],
}

impl std::fmt::Debug for Checker<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Examiner").finish_non_exhaustive()
    }
}

/// A case that was run and judged.
#[derive(Clone, Debug)]
pub struct Checked {
    /// What happened.
    pub ran: Execution,
    /// The first invariant that broke.
    pub violation: Option<Violation>,
    /// What broke before it and is meant to: positions among what the target allows.
    pub allowed: Vec<usize>,
    /// What differs from what should be without any harm that could be shown.
    pub observations: Vec<Violation>,
}

/// What invariants say of a case.
#[derive(Default)]
struct Noted {
    violation: Option<Violation>,
    allowed: Vec<usize>,
    observations: Vec<Violation>,
}

impl Noted {
    /// With the case that it is about.
    fn of(self, ran: Execution) -> Checked {
        let Self { violation, allowed, observations } = self;
        Checked { ran, violation, allowed, observations }
    }
}

impl Checker<'_> {
    /// Runs and judges a case.
    ///
    /// # Errors
    /// When the machine fails, or a contract does something that is not simulated.
    pub fn examine(&self, scenario: &Scenario) -> Result<Checked, Error> {
        self.judge(self.simulation.run(scenario)?)
    }

    /// Judges a case that was run.
    ///
    /// # Errors
    /// When the machine fails while variations of the case run.
    pub fn judge(&self, ran: Execution) -> Result<Checked, Error> {
        let noted = self.judge_on(Replayer::new(self.simulation, &ran), &ran)?;
        Ok(noted.of(ran))
    }

    /// Judges a case of a campaign, which remembers what kinds of cases it has examined closely.
    ///
    /// # Errors
    /// As [`Self::judge`].
    pub fn judge_in(&self, memory: &RefCell<Memory>, ran: Execution) -> Result<Checked, Error> {
        let bench = Replayer::new(self.simulation, &ran).with_memory(memory);
        let noted = self.judge_on(bench, &ran)?;
        Ok(noted.of(ran))
    }

    fn judge_on(&self, mut bench: Replayer<'_>, ran: &Execution) -> Result<Noted, Error> {
        let mut noted = Noted::default();
        noted.violation = self.first(self.invariants, ran, &mut bench, &mut noted)?;
        Ok(noted)
    }

    /// Judges a case that was run, but says only whether `invariant` is the first that breaks, and asks
    /// no other one that cannot change the answer. Also how many variations of the case ran for it.
    ///
    /// # Errors
    /// As [`Self::judge`].
    pub(super) fn judge_by(
        &self,
        invariant: &str,
        ran: &Execution,
    ) -> Result<(Option<Violation>, u64), Error> {
        let mut bench = Replayer::new(self.simulation, ran);
        let position = self.invariants.iter().position(|own| own.name() == invariant);
        let (earlier, rest) = self.invariants.split_at(position.unwrap_or(0));
        // One that gives its violations another name than its own could be any of them.
        let asked = if position.is_some() { &rest[..1] } else { rest };
        let noted = &mut Noted::default();
        let mut violation = self.first(asked, ran, &mut bench, noted)?;
        // Most cases break nothing, so the one that matters was asked first.
        if violation.is_some() && self.first(earlier, ran, &mut bench, noted)?.is_some() {
            violation = None;
        }
        Ok((violation.filter(|violation| violation.invariant == invariant), bench.runs()))
    }

    /// Whether an invariant is asked before another one, by their names: the earlier explain more.
    pub(super) fn is_before(&self, one: &str, other: &str) -> bool {
        let position = |name| self.invariants.iter().position(|own| own.name() == name);
        matches!((position(one), position(other)), (Some(one), Some(other)) if one < other)
    }

    /// The first of these that breaks. What the target allows, and what does no harm, is only noted.
    fn first(
        &self,
        invariants: &[Box<dyn Invariant>],
        ran: &Execution,
        bench: &mut Replayer<'_>,
        noted: &mut Noted,
    ) -> Result<Option<Violation>, Error> {
        let settings = &self.simulation.stage.settings;
        for invariant in invariants {
            if invariant.needs_complete() && !ran.observation.complete {
                continue;
            }
            let violation = invariant.check(&ran.observation, settings, bench)?;
            let Some(violation) = violation else { continue };
            if violation.is_observation() {
                noted.observations.push(violation);
                continue;
            }
            let mut allowances = settings.allowances.iter();
            match allowances.position(|allowance| allowance.covers(&violation)) {
                Some(position) => noted.allowed.push(position),
                None => return Ok(Some(violation)),
            }
        }
        Ok(None)
    }

    /// The rule of the invariant of this name.
    #[must_use]
    pub fn rule(&self, name: &str) -> &'static str {
        let invariant = self.invariants.iter().find(|invariant| invariant.name() == name);
        invariant.map_or("", |invariant| invariant.rule())
    }
}

/// What an attacker must be able to do for this to happen, from the least to the most.
#[must_use]
pub fn powers(ran: &Execution) -> Vec<Power> {
    let mut powers = BTreeSet::new();
    if interleaves(&ran.recorded) {
        powers.insert(Power::CallInWindow);
    }
    powers.extend(ran.recorded.faults.iter().map(|fault| power(ran, fault)));
    for operation in &ran.recorded.operations {
        if !operation.wait.is_zero() {
            powers.insert(Power::TimePasses);
        }
        if operation.gas < USUAL_GAS {
            powers.insert(Power::ChosenGas);
        }
        let Some(through) = &operation.through else { continue };
        let forged = through.callback_of.is_some();
        powers.insert(if forged { Power::ForgedCallback } else { Power::OwnContract });
        if through.account != operation.signer {
            powers.insert(Power::UserSigns);
        }
    }
    powers.into_iter().collect()
}

/// What an attacker must be able to do for a fault to happen.
fn power(ran: &Execution, fault: &Fault) -> Power {
    match fault.kind {
        FaultKind::Delay(_) => Power::Delay,
        FaultKind::Panic
        | FaultKind::OutOfGas
        | FaultKind::MissingAccount
        | FaultKind::MissingMethod
        | FaultKind::Deleted
        | FaultKind::Redeployed => Power::CalleeFails,
        FaultKind::FailsLater
        | FaultKind::Answer(_)
        | FaultKind::Call(_)
        | FaultKind::Transfer(_) => {
            if is_trusted(ran, fault) {
                Power::CalleeAnswers
            } else {
                Power::CalleeIsMalicious
            }
        }
    }
}

/// Whether the fault is one of an account that means well.
fn is_trusted(ran: &Execution, fault: &Fault) -> bool {
    let seen = &ran.observation;
    let event = seen.events.iter().find(|event| event.outcome.name == fault.receipt);
    event.is_some_and(|event| seen.parties.trusted.contains(&event.outcome.executor))
}

/// The least network on which receipts come in this order.
#[must_use]
pub fn network(ran: &Execution) -> Network {
    let witness = explain(&ran.deliveries);
    witness.map_or(ran.recorded.network, |witness| witness.network)
}

/// Whether an operation starts while another one still has receipts to come.
pub(super) fn interleaves(recorded: &Scenario) -> bool {
    let operations: Vec<_> = recorded.schedule.iter().map(Step::operation).collect();
    any_overlap(&operations)
}
