//! What the target declares: comparisons of what views return, and views that must not fail.

use super::quantity::{evaluate, show};
use super::{Counterfactuals, Invariant, Quantity, Settings, Severity, Violation};
use crate::chain::{Error, Viewed, World};
use crate::trace::{Event, Observation};
use crate::types::ReceiptName;

/// What one `[[invariant]]` of a target says.
#[derive(Clone, Debug, PartialEq)]
pub struct Declaration {
    /// Its name.
    pub name: String,
    /// How bad it is when it breaks.
    pub severity: Severity,
    /// What is looked at.
    pub quantity: Quantity,
    /// How it must be.
    pub relation: Relation,
    /// Whether it must hold after every receipt, and not only when nothing is under way.
    pub always: bool,
}

/// How a quantity must be.
#[derive(Clone, Debug, PartialEq)]
pub enum Relation {
    /// Not more than this.
    AtMost(Quantity),
    /// Not less than this.
    AtLeast(Quantity),
    /// The same as this.
    Equals(Quantity),
    /// Not less than at the start.
    NeverFalls,
    /// Not more than at the start.
    NeverRises,
}

impl Relation {
    /// Whether it is so between a number and the one that it is compared with.
    pub(super) fn holds(&self, left: u128, right: u128) -> bool {
        match self {
            Self::AtMost(_) | Self::NeverRises => left <= right,
            Self::AtLeast(_) | Self::NeverFalls => left >= right,
            Self::Equals(_) => left == right,
        }
    }
}

/// What the target declares: comparisons of what views return, and views that must not fail.
///
/// Asked when no receipt is pending: before that, sums may be off for good reasons. A declaration may want to hold after
/// every receipt all the same (`when = "always"`). A view that fails or returns no number breaks the declaration that
/// needs it, so that a check that does nothing is not taken for one that holds.
///
/// Example: the sum of `balance_of` over all accounts equals `total`.
#[derive(Clone, Copy, Debug)]
pub struct Declared;

impl Invariant for Declared {
    fn name(&self) -> &'static str {
        "declared"
    }

    fn rule(&self) -> &'static str {
        "What the target declares holds when nothing is under way."
    }

    fn check(
        &self,
        seen: &Observation,
        settings: &Settings,
        counterfactuals: &mut dyn Counterfactuals,
    ) -> Result<Option<Violation>, Error> {
        for declaration in &settings.declarations {
            for (receipt, world) in moments(declaration, seen) {
                let Some(problem) = broken(declaration, (&seen.start, world), counterfactuals)?
                else {
                    continue;
                };
                let name = declaration.name.clone();
                let mut violation = violation(seen, name, declaration.severity, problem);
                violation.details.extend(receipt.map(|name| format!("after receipt {name}")));
                return Ok(Some(violation));
            }
        }
        for (account, method) in &settings.checks {
            if let Viewed::Failed(reason) =
                counterfactuals.view(&seen.end, account, method, b"{}")?
            {
                let problem = format!("{account}.{method} fails: {reason}");
                return Ok(Some(violation(seen, method.clone(), Severity::High, problem)));
            }
        }
        Ok(None)
    }
}

fn violation(seen: &Observation, name: String, severity: Severity, problem: String) -> Violation {
    let account = seen.parties.under_test.first().expect("a target has one").clone();
    Violation {
        invariant: Declared.name().to_owned(),
        severity,
        account,
        summary: format!("`{name}` does not hold: {problem}"),
        method: name,
        details: Vec::new(),
    }
}

/// When a declaration must hold, and how the world is then: after which receipts, and at the end.
fn moments<'o>(
    declaration: &Declaration,
    seen: &'o Observation,
) -> Vec<(Option<&'o ReceiptName>, &'o World)> {
    let after = |event: &'o Event| Some((Some(&event.outcome.name), event.world.as_ref()?));
    let watched = seen.events.iter().filter(|_| declaration.always).filter_map(after);
    watched.chain([(None, &seen.end)]).collect()
}

/// How the declaration is broken, where it is.
fn broken(
    declaration: &Declaration,
    (start, world): (&World, &World),
    counterfactuals: &mut dyn Counterfactuals,
) -> Result<Option<String>, Error> {
    let Declaration { quantity, relation, .. } = declaration;
    let (other, of, word) = match relation {
        Relation::AtMost(other) => (other, world, "at most"),
        Relation::AtLeast(other) => (other, world, "at least"),
        Relation::Equals(other) => (other, world, "equal to"),
        Relation::NeverFalls => (quantity, start, "never less than at the start,"),
        Relation::NeverRises => (quantity, start, "never more than at the start,"),
    };
    let (left, right) = match (
        evaluate(quantity, world, counterfactuals)?,
        evaluate(other, of, counterfactuals)?,
    ) {
        (Ok(left), Ok(right)) => (left, right),
        (Err(problem), _) | (_, Err(problem)) => return Ok(Some(problem)),
    };
    let holds = relation.holds(left, right);
    let text =
        || format!("{} is {left} and should be {word} {}, {right}", show(quantity), show(other));
    Ok((!holds).then(text))
}
