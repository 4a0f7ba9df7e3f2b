//! Makes a case shorter for as long as it still breaks the same invariant in the same place.
//!
//! What is left is minimal: without any operation, fault or step of the schedule the violation is gone.
//! Where that would take too many executions, the shortest case so far is left, and that is said. Never
//! looks at a clock: the same case shrinks to the same one everywhere.

mod history;
mod smaller;

use std::collections::BTreeSet;

use serde_json::Value;

use super::examine::{Checked, Checker};
use super::identity::{is_same, opens_no_other};
use crate::adversary::{DELAYS, FaultKind, ViaContract};
use crate::chain::Network;
use crate::invariant::Violation;
use crate::scenario::{Arguments, FallbackScheduler, Scenario, Step, USUAL_GAS};
use crate::simulation::Error;
use crate::trace::{Window, windows};
use crate::types::{AccountId, Fingerprint, NearToken, OperationId};
use smaller::{leading, numbers, simpler};

/// Most cases that shrinking runs, variations that invariants ask for included. The bugs of our targets
/// take 20 to 300; without a limit, one slow contract could use up a whole night.
pub const MAX_EXECUTIONS: u64 = 5_000;

/// How often a number is halved at most: enough to bring 2^128 to nothing.
const MAX_HALVINGS: u32 = 128;

/// With how few digits a number is tried.
const MOST_DIGITS: u32 = 4;

/// What shrinking leaves.
#[derive(Clone, Debug)]
pub struct Shrunk {
    /// The shortest case that still shows the same bug.
    pub scenario: Scenario,
    /// What happens in it.
    pub examined: Checked,
    /// Whether shrinking ended before the case was minimal.
    pub cut_short: bool,
}

/// The shortest case that still shows the same bug, found with no more than about `most` executions, of
/// variations that invariants ask for too.
///
/// # Errors
/// When the machine fails.
///
/// # Panics
/// When nothing broke: only violations are shrunk.
pub fn shrink(examiner: &Checker<'_>, examined: &Checked, most: u64) -> Result<Shrunk, Error> {
    let violation = examined.violation.clone().expect("only violations are shrunk");
    let windows = windows(&examined.ran.observation);
    let best = examined.ran.recorded.clone();
    let useless = BTreeSet::new();
    let left = most;
    let mut shrinker = Shrinker { examiner, violation, windows, left, useless, best };
    shrinker.best.rest = FallbackScheduler::Fifo;
    loop {
        let before = shrinker.best.clone();
        shrinker.calm_network()?;
        shrinker.drop_operations()?;
        shrinker.shorten_history()?;
        shrinker.drop_waits()?;
        shrinker.drop_through()?;
        shrinker.drop_faults()?;
        shrinker.usual_faults()?;
        shrinker.usual_gas()?;
        shrinker.drop_steps()?;
        shrinker.order_operations()?;
        shrinker.lower_numbers()?;
        shrinker.simplify_arguments()?;
        if shrinker.best == before || shrinker.left == 0 {
            break;
        }
    }
    let examined = examiner.examine(&shrinker.best)?;
    Ok(Shrunk { scenario: shrinker.best, examined, cut_short: shrinker.left == 0 })
}

struct Shrinker<'a> {
    examiner: &'a Checker<'a>,
    violation: Violation,
    windows: Vec<Window>,
    /// How many executions are left.
    left: u64,
    /// Cases that do not show it. Each of the rounds tries most of those of the one before.
    useless: BTreeSet<Fingerprint>,
    best: Scenario,
}

impl Shrinker<'_> {
    /// Takes `candidate` where it shows the same bug. Whether it does.
    fn attempt(&mut self, candidate: Scenario) -> Result<bool, Error> {
        if self.left == 0 || candidate == self.best {
            return Ok(false);
        }
        let print = Fingerprint::of(&candidate.to_bytes());
        let same = !self.useless.contains(&print) && self.shows_it(&candidate)?;
        if same {
            self.best = candidate;
        } else {
            self.useless.insert(print);
        }
        Ok(same)
    }

    /// Runs a case. Whether it shows the same bug.
    fn shows_it(&mut self, candidate: &Scenario) -> Result<bool, Error> {
        let ran = self.examiner.simulation.run(candidate)?;
        self.left = self.left.saturating_sub(1);
        let places = windows(&ran.observation);
        if !opens_no_other(&self.windows, &places) {
            return Ok(false);
        }
        let (violation, runs) = self.examiner.judge_by(&self.violation.invariant, &ran)?;
        self.left = self.left.saturating_sub(runs);
        let known = (&self.violation, &*self.windows);
        Ok(violation.is_some_and(|violation| is_same(known, (&violation, &places))))
    }

    /// Numbers the operations in the order in which they start.
    fn order_operations(&mut self) -> Result<(), Error> {
        let ran = self.examiner.simulation.run(&self.best)?;
        let starts = ran.recorded.schedule.iter().filter_map(|step| match step {
            Step::Start(operation) => Some(*operation),
            Step::Deliver(_) => None,
        });
        let order: Vec<_> = starts.collect();
        if let Some(ordered) = self.best.in_order(&order) {
            self.attempt(ordered)?;
        }
        Ok(())
    }

    fn drop_operations(&mut self) -> Result<(), Error> {
        for id in self.best.ids().rev() {
            self.attempt(self.best.without_operation(id))?;
        }
        Ok(())
    }

    fn drop_faults(&mut self) -> Result<(), Error> {
        for index in (0..self.best.faults.len()).rev() {
            let mut candidate = self.best.clone();
            candidate.faults.remove(index);
            self.attempt(candidate)?;
        }
        Ok(())
    }

    /// The weakest network that shows it.
    fn calm_network(&mut self) -> Result<(), Error> {
        for network in [Network::Calm, Network::Congested] {
            if network < self.best.network
                && self.attempt(Scenario { network, ..self.best.clone() })?
            {
                break;
            }
        }
        Ok(())
    }

    /// Calls by their signers wherever that does; where it does not, by who plays the puppet, so that no
    /// user has to sign anything; and plain calls of the puppet.
    fn drop_through(&mut self) -> Result<(), Error> {
        for id in self.best.ids() {
            let Some(through) = self.best[id].through.clone() else { continue };
            let own = self.best[id].signer.clone();
            let plain = ViaContract { callback_of: None, ..through.clone() };
            let before = self.root_of_call(&self.best.clone(), id)?;
            for way in [None, Some(plain), Some(through.clone())] {
                let way = way.as_ref();
                if self.call_otherwise(id, before.as_deref(), (way, &own))?
                    || self.call_otherwise(id, before.as_deref(), (way, &through.account))?
                {
                    break;
                }
            }
        }
        Ok(())
    }

    /// Lets an operation be called in this way and by this signer, with the faults and steps of what
    /// the call itself causes, which is `before` in the tree of receipts. Whether that does.
    fn call_otherwise(
        &mut self,
        id: OperationId,
        before: Option<&[u32]>,
        (way, signer): (Option<&ViaContract>, &AccountId),
    ) -> Result<bool, Error> {
        let mut candidate = self.best.clone();
        let operation = &mut candidate[id];
        (operation.through, operation.signer) = (way.cloned(), signer.clone());
        if candidate == self.best {
            return Ok(false);
        }
        let after = self.root_of_call(&candidate, id)?;
        if let (Some(before), Some(after)) = (before, after) {
            candidate.move_receipts(id, before, &after);
        }
        Ok(self.attempt(candidate.clone())? || (way.is_none() && self.attempt_better(candidate)?))
    }

    /// Takes a case without a puppet also where it breaks another invariant in the same place: what a
    /// detour through a puppet shows may be told better, and earlier in the list, of the call itself.
    fn attempt_better(&mut self, candidate: Scenario) -> Result<bool, Error> {
        if self.left == 0 {
            return Ok(false);
        }
        let examined = self.examiner.examine(&candidate)?;
        self.left = self.left.saturating_sub(1);
        let places = windows(&examined.ran.observation);
        let Some(violation) = examined.violation else { return Ok(false) };
        let renamed =
            Violation { invariant: self.violation.invariant.clone(), ..violation.clone() };
        let better = !places.is_empty()
            && self.examiner.is_before(&violation.invariant, &self.violation.invariant)
            && is_same((&self.violation, &*self.windows), (&renamed, &places));
        if better {
            (self.violation, self.best) = (violation, candidate);
            self.useless.clear();
        }
        Ok(better)
    }

    /// Where in an operation's tree of receipts its call is, which a puppet may make.
    fn root_of_call(
        &mut self,
        case: &Scenario,
        id: OperationId,
    ) -> Result<Option<Vec<u32>>, Error> {
        let operation = &case[id];
        if operation.through.is_none() {
            return Ok(Some(Vec::new()));
        }
        self.left = self.left.saturating_sub(1);
        let seen = self.examiner.simulation.run(case)?.observation;
        let call = seen.of(id).find(|event| {
            event.outcome.executor == operation.receiver
                && event.method().is_some_and(|method| method == operation.method)
        });
        Ok(call.map(|event| event.outcome.name.path.clone()))
    }

    /// What takes the least power wherever that does.
    fn usual_faults(&mut self) -> Result<(), Error> {
        for index in 0..self.best.faults.len() {
            for kind in weaker(&self.best.faults[index].kind) {
                let mut candidate = self.best.clone();
                candidate.faults[index].kind = kind;
                if self.attempt(candidate)? {
                    break;
                }
            }
        }
        Ok(())
    }

    /// As much gas as usual wherever that does.
    fn usual_gas(&mut self) -> Result<(), Error> {
        for index in 0..self.best.operations.len() {
            let mut candidate = self.best.clone();
            candidate.operations[index].gas = USUAL_GAS;
            self.attempt(candidate)?;
        }
        Ok(())
    }

    /// First in first out wherever that does: without the schedule, without its end, without each step.
    fn drop_steps(&mut self) -> Result<(), Error> {
        let mut keep = 0;
        while keep < self.best.schedule.len() {
            let mut candidate = self.best.clone();
            candidate.schedule.truncate(keep);
            if self.attempt(candidate)? {
                break;
            }
            keep = keep * 2 + 1;
        }
        for index in (0..self.best.schedule.len()).rev() {
            let mut candidate = self.best.clone();
            candidate.schedule.remove(index);
            self.attempt(candidate)?;
        }
        Ok(())
    }

    fn lower_numbers(&mut self) -> Result<(), Error> {
        for index in 0..self.best.operations.len() {
            self.lower_deposit(index)?;
            let Arguments::Json(value) = &self.best.operations[index].arguments else { continue };
            for path in numbers(value) {
                self.lower_argument(index, &path)?;
            }
        }
        Ok(())
    }

    fn lower_deposit(&mut self, index: usize) -> Result<(), Error> {
        self.lower(|case| Number::Deposit(&mut case.operations[index].deposit))
    }

    fn lower_argument(&mut self, index: usize, path: &str) -> Result<(), Error> {
        self.lower(|case| match &mut case.operations[index].arguments {
            Arguments::Json(value) => value.pointer_mut(path).map_or(Number::None, Number::Json),
            Arguments::Bytes(_) => Number::None,
        })
    }

    /// Nothing, where that does; else half as much as often as that does, then fewer digits.
    fn lower(&mut self, number: impl Fn(&mut Scenario) -> Number<'_>) -> Result<(), Error> {
        let with = |this: &mut Self, smaller: u128| {
            let mut candidate = this.best.clone();
            number(&mut candidate).set(smaller);
            this.attempt(candidate)
        };
        let current = |this: &mut Self| number(&mut this.best.clone()).get();
        if current(self).is_none_or(|value| value == 0) || with(self, 0)? {
            return Ok(());
        }
        for _ in 0..MAX_HALVINGS {
            let Some(value) = current(self) else { break };
            if value < 2 || !with(self, value / 2)? {
                break;
            }
        }
        for digits in 1..MOST_DIGITS {
            let Some(value) = current(self) else { break };
            if with(self, leading(value, digits))? {
                break;
            }
        }
        Ok(())
    }

    /// Leaves out members of objects and items of lists, and empties texts, as far as that does.
    fn simplify_arguments(&mut self) -> Result<(), Error> {
        for index in 0..self.best.operations.len() {
            let Arguments::Json(value) = &self.best.operations[index].arguments else { continue };
            for simpler in simpler(value) {
                let mut candidate = self.best.clone();
                candidate.operations[index].arguments = Arguments::Json(simpler);
                if self.attempt(candidate)? {
                    break;
                }
            }
        }
        Ok(())
    }
}

/// Kinds of faults that take less, the least first: shorter delays, and a plain panic for all else.
fn weaker(kind: &FaultKind) -> Vec<FaultKind> {
    match kind {
        FaultKind::Delay(blocks) => {
            DELAYS.iter().filter(|less| *less < blocks).copied().map(FaultKind::Delay).collect()
        }
        FaultKind::Deleted => vec![FaultKind::Panic, FaultKind::MissingAccount],
        FaultKind::Redeployed => vec![FaultKind::Panic, FaultKind::MissingMethod],
        _ => vec![FaultKind::Panic],
    }
}

/// A number in a case that can be made smaller.
enum Number<'a> {
    Deposit(&'a mut NearToken),
    Json(&'a mut Value),
    None,
}

impl Number<'_> {
    fn get(&self) -> Option<u128> {
        match self {
            Self::Deposit(amount) => Some(amount.as_yoctonear()),
            Self::Json(Value::String(text)) => text.parse().ok(),
            Self::Json(value) => value.as_u64().map(u128::from),
            Self::None => None,
        }
    }

    /// Numbers only ever get smaller, so one that fitted still fits.
    fn set(self, number: u128) {
        match self {
            Self::Deposit(amount) => *amount = NearToken::from_yoctonear(number),
            Self::Json(Value::String(text)) => *text = number.to_string(),
            Self::Json(value) => *value = u64::try_from(number).map_or(Value::Null, Value::from),
            Self::None => {}
        }
    }
}
