//! What a target wants its cases to reach: something that should happen now and then, or a number that
//! should grow as large as can be.
//!
//! Breaks nothing. A goal that is never reached says that a target does not try what its author thinks.

use super::quantity::evaluate;
use super::{Counterfactuals, Quantity, Relation};
use crate::chain::Error;
use crate::trace::{Event, Observation, under_way};
use crate::types::AccountId;

/// What one `[[goal]]` of a target says.
#[derive(Clone, Debug, PartialEq)]
pub struct Goal {
    /// Its name.
    pub name: String,
    /// What is wanted.
    pub aim: Aim,
}

/// What is wanted.
#[derive(Clone, Debug, PartialEq)]
pub enum Aim {
    /// A call of this kind runs, at least in one case.
    Happens(Happening),
    /// A number is so at the end of a case, at least of one.
    Holds(Quantity, Relation),
    /// A number is as large as can be at the end of a case.
    Largest(Quantity),
}

/// A call that runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Happening {
    /// Whose method.
    pub contract: AccountId,
    /// The method.
    pub method: String,
    /// How it ends, where that matters: whether it fails.
    pub fails: Option<bool>,
    /// What it hears as a callback, where that matters: whether something failed.
    pub hears_failure: Option<bool>,
    /// The method of another operation in whose midst it runs: that one has run and more of its
    /// operation is still to come.
    pub during: Option<String>,
}

/// What a case has of a goal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Measure {
    /// Whether it was reached.
    Reached(bool),
    /// How large the number is at the end, and how large it was at the start.
    Number(u128, u128),
    /// There is no telling: a view failed or returned no number.
    Unknown(String),
}

impl Goal {
    /// What a case has of it.
    ///
    /// # Errors
    /// When the machine fails.
    pub fn measure(
        &self,
        seen: &Observation,
        counterfactuals: &mut dyn Counterfactuals,
    ) -> Result<Measure, Error> {
        match &self.aim {
            Aim::Happens(happening) => Ok(Measure::Reached(happening.is_in(seen))),
            Aim::Holds(quantity, relation) => {
                let (other, world) = match relation {
                    Relation::AtMost(other)
                    | Relation::AtLeast(other)
                    | Relation::Equals(other) => (other, &seen.end),
                    Relation::NeverFalls | Relation::NeverRises => (quantity, &seen.start),
                };
                let numbers = (
                    evaluate(quantity, &seen.end, counterfactuals)?,
                    evaluate(other, world, counterfactuals)?,
                );
                Ok(with_both(numbers, |left, right| Measure::Reached(relation.holds(left, right))))
            }
            Aim::Largest(quantity) => {
                let numbers = (
                    evaluate(quantity, &seen.end, counterfactuals)?,
                    evaluate(quantity, &seen.start, counterfactuals)?,
                );
                Ok(with_both(numbers, Measure::Number))
            }
        }
    }
}

fn with_both(
    numbers: (Result<u128, String>, Result<u128, String>),
    measure: impl Fn(u128, u128) -> Measure,
) -> Measure {
    match numbers {
        (Ok(left), Ok(right)) => measure(left, right),
        (Err(problem), _) | (_, Err(problem)) => Measure::Unknown(problem),
    }
}

impl Happening {
    fn is_in(&self, seen: &Observation) -> bool {
        let mut events = seen.events.iter().enumerate();
        events.any(|(index, event)| self.is(event) && self.is_amidst(seen, index))
    }

    fn is(&self, event: &Event) -> bool {
        let heard = event.hears_failure();
        event.outcome.executor == self.contract
            && event.method().as_deref() == Some(&*self.method)
            && self.fails.is_none_or(|fails| event.failed() == fails)
            && self.hears_failure.is_none_or(|failure| heard == Some(failure))
    }

    /// Whether another operation is in the midst of what it has to be.
    fn is_amidst(&self, seen: &Observation, index: usize) -> bool {
        let Some(method) = &self.during else { return true };
        let operation = |event: &Event| event.outcome.name.operation;
        let operations: Vec<_> = seen.events.iter().map(operation).collect();
        let under_way = under_way(&operations, index);
        let mut before = seen.events[..index].iter();
        before.any(|event| {
            event.method().as_ref() == Some(method) && under_way.contains(&operation(event))
        })
    }
}
