//! How far a campaign has come with what its target wants to reach.
//!
//! Never judges a case: a goal that is not reached breaks nothing.

use serde::{Deserialize, Serialize};

use super::Error;
use crate::invariant::{Goal, Measure};
use crate::scenario::Scenario;
use crate::simulation::{Execution, Replayer, Simulation};

/// How far it has come with one goal.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Standing {
    /// The goal's name.
    pub name: String,
    /// In how many cases it was reached; for a number, how many showed one.
    pub cases: u64,
    /// The largest number, where that is the goal.
    pub largest: Option<Largest>,
    /// Why nothing could be told of a case, the first time.
    pub problem: Option<String>,
}

/// The largest number that a case ended with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Largest {
    /// The number, in digits: yoctoNEAR for a balance, else whatever the view counts.
    pub number: String,
    /// What it was before the case, in digits.
    pub start: String,
    /// The case, in JSON.
    pub case: String,
}

impl Largest {
    fn value(&self) -> u128 {
        self.number.parse().unwrap_or(0)
    }
}

/// How far a campaign has come with all goals of its target, in the target's order.
#[derive(Clone, Debug, Default)]
pub(super) struct Goals(pub(super) Vec<Standing>);

impl Goals {
    pub(super) fn new(goals: &[Goal]) -> Self {
        let standing = |goal: &Goal| Standing { name: goal.name.clone(), ..Standing::default() };
        Self(goals.iter().map(standing).collect())
    }

    /// Takes a case into account. Whether it has come further than all before it.
    pub(super) fn add(
        &mut self,
        goals: &[Goal],
        simulation: Simulation<'_>,
        ran: &Execution,
    ) -> Result<bool, Error> {
        let mut counterfactuals = Replayer::new(simulation, ran);
        let mut further = false;
        for (standing, goal) in self.0.iter_mut().zip(goals) {
            let measure = goal.measure(&ran.observation, &mut counterfactuals);
            let measure = measure.map_err(crate::simulation::Error::from)?;
            further |= standing.add(measure, &ran.recorded);
        }
        Ok(further)
    }
}

impl Standing {
    fn add(&mut self, measure: Measure, case: &Scenario) -> bool {
        match measure {
            Measure::Reached(false) => false,
            Measure::Reached(true) => {
                self.cases += 1;
                self.cases == 1
            }
            Measure::Number(number, start) => {
                self.cases += 1;
                let known = self.largest.as_ref().map_or(start, Largest::value);
                if self.largest.is_some() && number <= known {
                    return false;
                }
                let (digits, start) = (number.to_string(), start.to_string());
                self.largest = Some(Largest { number: digits, start, case: case.to_json() });
                number > known
            }
            Measure::Unknown(problem) => {
                self.problem.get_or_insert(problem);
                false
            }
        }
    }

    /// Adds how far another campaign of the same target has come.
    fn merge(&mut self, other: &Self) {
        self.cases += other.cases;
        let (own, theirs) = (self.largest.as_ref(), other.largest.as_ref());
        if theirs.map(Largest::value) > own.map(Largest::value) {
            self.largest.clone_from(&other.largest);
        }
        if self.problem.is_none() {
            self.problem.clone_from(&other.problem);
        }
    }
}

/// Adds how far another campaign of the same target has come.
pub fn merge(all: &mut Vec<Standing>, others: &[Standing]) {
    for other in others {
        match all.iter_mut().find(|known| known.name == other.name) {
            Some(known) => known.merge(other),
            None => all.push(other.clone()),
        }
    }
}
