//! The text of what a campaign says about the goals and allowances of its target.
//!
//! Pure functions.

use super::near;
use crate::campaign::goal_report::GoalLine;
use crate::campaign::goals::{Largest, Standing};
use crate::invariant::{Aim, Allowance, Goal, Quantity};
use crate::types::NearToken;

/// One line of text.
#[must_use]
pub fn goal_line(line: &GoalLine<'_>) -> String {
    match line {
        GoalLine::Allowed(Allowance { invariant, reason, .. }, cases) => {
            let plural = if *cases == 1 { "" } else { "s" };
            format!("allowed `{invariant}` in {cases} case{plural}: {reason}")
        }
        GoalLine::Reached(goal, standing) => {
            format!("goal `{}`: {}", goal.name, reached(*standing))
        }
        GoalLine::Largest(goal, Largest { number, start, .. }, file) => format!(
            "goal `{}`: {} at most, {} at the start; the case: {}",
            goal.name,
            amount(goal, number),
            amount(goal, start),
            file.display()
        ),
    }
}

fn reached(standing: Option<&Standing>) -> String {
    match standing {
        Some(Standing { cases: 1, .. }) => "reached in 1 case".to_owned(),
        Some(Standing { cases, .. }) if *cases > 0 => format!("reached in {cases} cases"),
        Some(Standing { problem: Some(problem), .. }) => format!("never reached: {problem}"),
        _ => "never reached: the target does not try what it is meant to".to_owned(),
    }
}

/// Balances in NEAR, other numbers as they are.
fn amount(goal: &Goal, digits: &str) -> String {
    match (&goal.aim, digits.parse()) {
        (Aim::Largest(Quantity::Balance(_)), Ok(yocto)) => near(NearToken::from_yoctonear(yocto)),
        _ => digits.to_owned(),
    }
}
