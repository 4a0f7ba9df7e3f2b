//! What a campaign says at its end of what its target's author wished to know: how far it came with each
//! goal, and how often it met what is allowed.
//!
//! Never runs a case.

use std::path::{Path, PathBuf};

use super::Result;
use crate::campaign::goals::{Largest, Standing};
use crate::finding;
use crate::invariant::{Aim, Allowance, Goal, Quantity};
use crate::report;
use crate::targets::Target;
use crate::types::NearToken;

/// What a target's author wishes to know.
pub(super) struct Wishes {
    target: String,
    goals: Vec<Goal>,
    allowances: Vec<Allowance>,
}

impl Wishes {
    pub(super) fn of(target: &Target) -> Self {
        Self {
            target: target.name.clone(),
            goals: target.goals.clone(),
            allowances: target.allowances.clone(),
        }
    }

    /// A line for each. Leaves the case with the largest number in `goals` in this folder.
    pub(super) fn lines(
        &self,
        standings: &[Standing],
        allowed: &[u64],
        folder: &Path,
    ) -> Result<Vec<String>> {
        let met = self.allowances.iter().zip(allowed).filter(|(_, cases)| **cases > 0);
        let mut lines: Vec<_> = met.map(|(allowance, cases)| tell(allowance, *cases)).collect();
        for goal in &self.goals {
            let standing = standings.iter().find(|standing| standing.name == goal.name);
            let line = match standing.and_then(|standing| standing.largest.as_ref()) {
                Some(largest) => {
                    let file = self.keep(goal, largest, folder)?;
                    let (number, start) = (show(goal, &largest.number), show(goal, &largest.start));
                    format!("{number} at most, {start} at the start; the case: {}", file.display())
                }
                None => reached(standing),
            };
            lines.push(format!("goal `{}`: {line}", goal.name));
        }
        Ok(lines)
    }

    fn keep(&self, goal: &Goal, largest: &Largest, folder: &Path) -> Result<PathBuf> {
        let plain = |letter: char| if letter.is_ascii_alphanumeric() { letter } else { '-' };
        let name: String = goal.name.chars().map(plain).take(64).collect();
        let folder = folder.join("goals");
        let file = folder.join(format!("{}-{name}.json", self.target));
        std::fs::create_dir_all(&folder)
            .and_then(|()| finding::place(&folder, &file, largest.case.as_bytes()))
            .map_err(|error| format!("cannot write {}: {error}", file.display()))?;
        Ok(file)
    }
}

fn tell(allowance: &Allowance, cases: u64) -> String {
    let Allowance { invariant, reason, .. } = allowance;
    let plural = if cases == 1 { "" } else { "s" };
    format!("allowed `{invariant}` in {cases} case{plural}: {reason}")
}

fn reached(standing: Option<&Standing>) -> String {
    match standing {
        Some(Standing { cases: 1, .. }) => "reached in 1 case".to_owned(),
        Some(Standing { cases, .. }) if *cases > 0 => format!("reached in {cases} cases"),
        Some(Standing { problem: Some(problem), .. }) => format!("never reached: {problem}"),
        _ => "never reached: the target does not try what it is meant to".to_owned(),
    }
}

/// Balances as people write them, other numbers as they are.
fn show(goal: &Goal, digits: &str) -> String {
    match (&goal.aim, digits.parse()) {
        (Aim::Largest(Quantity::Balance(_)), Ok(yocto)) => {
            report::near(NearToken::from_yoctonear(yocto))
        }
        _ => digits.to_owned(),
    }
}
