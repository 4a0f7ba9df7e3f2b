//! One case in many orders, drawn by priorities: how often something broke, and what that says about the
//! orders that were not drawn.
//!
//! Never prints, and says nothing about other arguments, calls or faults than the case's.

use crate::adversary::ScriptedFaults;
use crate::decision::{Chooser, Fifo, Pct, PctShape, Random};
use crate::finding::{Checked, Checker, Error};
use crate::scenario::Scenario;
use crate::types::Seed;

/// How many orders are looked at to learn how long a case is.
const PROBES: u64 = 64;

/// How a case is sampled.
#[derive(Clone, Copy, Debug)]
pub struct Sampling {
    /// How many orders are drawn, each independently of the others.
    pub runs: u64,
    /// *d*: of how many events the order has to be right.
    pub depth: u32,
    /// The first seed.
    pub seed: Seed,
}

/// What came of it.
#[derive(Clone, Debug)]
pub struct Sampled {
    /// Orders drawn.
    pub runs: u64,
    /// Orders that broke an invariant.
    pub broken: u64,
    /// The first of them.
    pub first: Option<Checked>,
    /// *n*: how many steps were allowed for.
    pub events: usize,
    /// *c*: most chains that a run had.
    pub chains: usize,
    /// *d*.
    pub depth: u32,
    /// The probability with which each run meets an order of depth *d* that it takes, at least. `None`
    /// where the runs were longer than was allowed for, so that nothing is promised.
    pub hit: Option<f64>,
}

impl Sampled {
    /// The probability that an order of this depth was missed in all runs, at most.
    #[must_use]
    pub fn missed(&self) -> Option<f64> {
        let runs = i32::try_from(self.runs).unwrap_or(i32::MAX);
        self.hit.map(|hit| (1.0 - hit).powi(runs))
    }
}

/// Runs a case in many orders. Its faults happen in each; its schedule and its rest play no part.
///
/// # Errors
/// When the machine fails, or a contract does something that is not simulated.
pub fn sample(
    examiner: &Checker<'_>,
    scenario: &Scenario,
    sampling: Sampling,
) -> Result<Sampled, Error> {
    let case = Scenario { schedule: Vec::new(), ..scenario.clone() };
    let events = longest(examiner, &case, sampling.seed)?;
    let mut sampled = Sampled {
        runs: sampling.runs,
        broken: 0,
        first: None,
        events: 0,
        chains: 0,
        depth: sampling.depth,
        hit: None,
    };
    let shape = PctShape { events, depth: sampling.depth as usize };
    for number in 0..sampling.runs {
        let mut pct = Pct::new(Seed(sampling.seed.0.wrapping_add(number)), shape);
        let mut listed = listed(&case);
        let ran = examiner.simulation.run_with(&case, &mut pct, &mut [&mut listed])?;
        sampled.events = sampled.events.max(pct.events());
        sampled.chains = sampled.chains.max(pct.chains());
        let examined = examiner.judge(ran)?;
        if examined.violation.is_some() {
            sampled.broken += 1;
            sampled.first.get_or_insert(examined);
        }
    }
    // The bound is for as many steps as were allowed for.
    let longest = std::mem::replace(&mut sampled.events, events);
    sampled.hit = bound(shape, sampled.chains).filter(|_| longest <= events);
    Ok(sampled)
}

/// 1 / (*c* *n*^(*d* - 1)).
fn bound(shape: PctShape, chains: usize) -> Option<f64> {
    let exponent = i32::try_from(shape.depth.checked_sub(1)?).ok()?;
    #[expect(clippy::cast_precision_loss, reason = "a few hundred events")]
    let (events, chains) = (shape.events.max(1) as f64, chains.max(1) as f64);
    Some(1.0 / (chains * events.powi(exponent)))
}

/// How many steps the case has at most, undisturbed and in some random orders. Where another order takes
/// more, nothing is promised.
fn longest(examiner: &Checker<'_>, case: &Scenario, seed: Seed) -> Result<usize, Error> {
    let mut longest = 0;
    for number in 0..PROBES {
        let mut chooser: Box<dyn Chooser> = match number {
            0 => Box::new(Fifo),
            number => Box::new(Random::new(Seed(seed.0.wrapping_add(number)))),
        };
        let mut listed = listed(case);
        let ran = examiner.simulation.run_with(case, &mut chooser, &mut [&mut listed])?;
        longest = longest.max(ran.recorded.schedule.len());
    }
    Ok(longest)
}

fn listed(case: &Scenario) -> ScriptedFaults {
    let faults = case.faults.iter();
    ScriptedFaults::new(faults.map(|fault| (fault.receipt.clone(), fault.kind.clone())))
}
