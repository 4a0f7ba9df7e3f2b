//! Every order of one case, and everything that may happen to its receipts, each once.
//!
//! Depth first over snapshots: what two orders have in common at the start runs once. Orders that come
//! to the same are told apart by nothing but which of two steps came first that have nothing to do with
//! each other; with the reduction only one of them is run to its end (sleep sets, P. Godefroid,
//! *Partial-Order Methods for the Verification of Concurrent Systems*, 1996). Never judges.
//!
//! Two steps have to do with each other when one touches a key of the state that the other changes, when
//! both queue on one way, or when the contract may look at more than keys (see [`Exploration::whole`]).
//! Time counts as no key, and neither does the balance that a transaction is paid from.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use super::Error;
use super::footprint::Footprint;
use super::progress::{Choice, Progress};
use super::run::{Execution, Simulation};
use crate::adversary::FaultKind;
use crate::scenario::{Scenario, Step};
use crate::types::AccountId;

/// How a case is explored.
#[derive(Clone, Debug, Default)]
pub struct Exploration {
    /// Whether orders that come to the same are left out.
    pub reduced: bool,
    /// To how many receipts something happens, at most.
    pub faults: u32,
    /// What may happen to them. Only what the target allows is tried.
    pub kinds: Vec<FaultKind>,
    /// Accounts whose contracts may look at their balance or the storage that they use: all that
    /// happens to them keeps its order.
    pub whole: BTreeSet<AccountId>,
}

/// What exploring a case took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Explored {
    /// Orders that were run to their end.
    pub orders: u64,
    /// Steps that were run.
    pub steps: u64,
    /// Beginnings of orders that were given up, since all that could follow had been seen.
    pub given_up: u64,
    /// Whether nothing was left out but what comes to the same.
    pub complete: bool,
}

/// Something that may happen next: a step, and what happens to its receipt.
type Move = (Step, Option<FaultKind>);

/// What has been explored from here or before, and would come to the same if it was done now.
type Asleep = Vec<(Move, Footprint)>;

impl Simulation<'_> {
    /// Shows every order of a case until told to stop. The case's own schedule, faults and rest play no
    /// part.
    ///
    /// # Errors
    /// When the machine fails, or a contract does something that is not simulated.
    pub fn explore(
        &self,
        scenario: &Scenario,
        how: &Exploration,
        visit: &mut dyn FnMut(Execution) -> Result<ControlFlow<()>, Error>,
    ) -> Result<Explored, Error> {
        let mut explorer =
            Explorer { simulation: *self, scenario, how, visit, explored: Explored::default() };
        let start = Progress::new(*self, scenario)?;
        let flow = explorer.descend(start, Vec::new(), how.faults)?;
        explorer.explored.complete = flow.is_continue();
        Ok(explorer.explored)
    }
}

struct Explorer<'a, 'v> {
    simulation: Simulation<'a>,
    scenario: &'a Scenario,
    how: &'a Exploration,
    visit: &'v mut dyn FnMut(Execution) -> Result<ControlFlow<()>, Error>,
    explored: Explored,
}

impl<'a> Explorer<'a, '_> {
    fn descend(
        &mut self,
        mut here: Progress<'a>,
        mut asleep: Asleep,
        faults: u32,
    ) -> Result<ControlFlow<()>, Error> {
        let choices = if here.is_cut_off() { Vec::new() } else { here.choices()? };
        if choices.is_empty() {
            self.explored.orders += 1;
            let complete = !here.is_cut_off();
            return (self.visit)(here.finish(complete)?);
        }
        let mut woken = false;
        for (choice, fault) in self.moves(&here, &choices, faults) {
            let made = (choice.step(), fault.clone());
            if asleep.iter().any(|(known, _)| *known == made) {
                continue;
            }
            woken = true;
            let left = faults - u32::from(fault.is_some());
            let (next, footprint) = self.take(&here, &choice, fault)?;
            let still = asleep.iter().filter(|(_, known)| known.commutes(&footprint));
            let still = if self.how.reduced { still.cloned().collect() } else { Vec::new() };
            if self.descend(next, still, left)?.is_break() {
                return Ok(ControlFlow::Break(()));
            }
            if self.how.reduced {
                asleep.push((made, footprint));
            }
        }
        self.explored.given_up += u64::from(!woken);
        Ok(ControlFlow::Continue(()))
    }

    fn take(
        &mut self,
        here: &Progress<'a>,
        choice: &Choice,
        fault: Option<FaultKind>,
    ) -> Result<(Progress<'a>, Footprint), Error> {
        let before = (here.events.len(), here.world.next_sequence());
        let mut next = here.clone();
        next.take(choice, fault)?;
        // What comes by itself belongs to the step: money that arrives may send a result on a way on
        // which others queue.
        next.deliver_inert()?;
        self.explored.steps += 1;
        let footprint = Footprint::of(choice.step(), &next, before, &self.how.whole);
        Ok((next, footprint))
    }

    /// Everything that may happen next. Of equal operations the first one starts first.
    fn moves(
        &self,
        here: &Progress<'_>,
        choices: &[Choice],
        faults: u32,
    ) -> Vec<(Choice, Option<FaultKind>)> {
        let mut moves = Vec::new();
        for choice in choices {
            if self.has_open_twin(choice, choices) {
                continue;
            }
            moves.push((choice.clone(), None));
            let Choice::Deliver(sequence, _) = choice else { continue };
            let Some(entry) = here.entry(*sequence).filter(|_| faults > 0) else { continue };
            let stage = self.simulation.stage;
            let allowed =
                |kind: &&FaultKind| stage.reach.allows(kind, entry, &stage.parties.under_test);
            let kinds = self.how.kinds.iter().filter(allowed).cloned();
            moves.extend(kinds.map(|kind| (choice.clone(), Some(kind))));
        }
        moves
    }

    fn has_open_twin(&self, choice: &Choice, choices: &[Choice]) -> bool {
        let Choice::Start(operation) = choice else { return false };
        choices.iter().any(|other| {
            matches!(other, Choice::Start(earlier) if earlier < operation
                && self.scenario[*earlier] == self.scenario[*operation])
        })
    }
}
