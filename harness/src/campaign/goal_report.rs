//! What a campaign says at its end about the goals and allowances of its target.
//!
//! Writes the best case for a number to a file. Never runs a case.

use std::path::{Path, PathBuf};

use super::Statistics;
use super::goals::{Largest, Standing};
use crate::finding::{self, Error};
use crate::invariant::{Allowance, Goal};
use crate::targets::Target;

/// How many characters of a goal's name are in its file's name.
const MOST_NAME: usize = 64;

/// The goals and allowances of a target.
#[derive(Clone, Debug)]
pub struct GoalReport {
    target: String,
    goals: Vec<Goal>,
    allowances: Vec<Allowance>,
}

/// One thing to say about a campaign.
#[derive(Clone, Debug, PartialEq)]
pub enum GoalLine<'a> {
    /// An allowance was needed in so many cases.
    Allowed(&'a Allowance, u64),
    /// How often a goal was reached. No standing means that it was never measured.
    Reached(&'a Goal, Option<&'a Standing>),
    /// The largest number for a goal, and the file with its case.
    Largest(&'a Goal, &'a Largest, PathBuf),
}

impl GoalReport {
    /// For this target.
    #[must_use]
    pub fn of(target: &Target) -> Self {
        Self {
            target: target.name.clone(),
            goals: target.goals.clone(),
            allowances: target.allowances.clone(),
        }
    }

    /// What there is to say about a campaign. Writes the cases with the largest numbers to `goals` in `folder`.
    ///
    /// # Errors
    /// If a case cannot be written.
    pub fn lines<'a>(
        &'a self,
        statistics: &'a Statistics,
        folder: &Path,
    ) -> Result<Vec<GoalLine<'a>>, Error> {
        let allowed = self.allowances.iter().zip(&statistics.allowed);
        let needed = allowed.filter(|(_, cases)| **cases > 0);
        let mut lines: Vec<_> =
            needed.map(|(allowance, cases)| GoalLine::Allowed(allowance, *cases)).collect();
        for goal in &self.goals {
            let standing = statistics.goals.iter().find(|standing| standing.name == goal.name);
            let largest = standing.and_then(|standing| standing.largest.as_ref());
            lines.push(match largest {
                Some(largest) => {
                    GoalLine::Largest(goal, largest, self.keep(goal, largest, folder)?)
                }
                None => GoalLine::Reached(goal, standing),
            });
        }
        Ok(lines)
    }

    fn keep(&self, goal: &Goal, largest: &Largest, folder: &Path) -> Result<PathBuf, Error> {
        let folder = folder.join("goals");
        let file = folder.join(format!("{}-{}.json", self.target, file_name(&goal.name)));
        let error = |error| Error::File { what: "write", path: file.clone(), error };
        std::fs::create_dir_all(&folder).map_err(error)?;
        finding::place(&folder, &file, largest.case.as_bytes()).map_err(error)?;
        Ok(file)
    }
}

/// A goal's name as a part of a file's name.
fn file_name(goal: &str) -> String {
    let plain = |letter: char| if letter.is_ascii_alphanumeric() { letter } else { '-' };
    goal.chars().map(plain).take(MOST_NAME).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::invariant::{Aim, Quantity};

    #[test]
    fn the_best_case_is_a_file_and_only_needed_allowances_are_named() {
        let aim = Aim::Largest(Quantity::Balance("alice.near".parse().expect("an account id")));
        let goal = Goal { name: "Alice's profit".to_owned(), aim };
        let allowance = |reason: &str| Allowance {
            invariant: "profit".to_owned(),
            method: None,
            reason: reason.to_owned(),
        };
        let report = GoalReport {
            target: "vault".to_owned(),
            goals: vec![goal],
            allowances: vec![allowance("never needed"), allowance("a game of chance")],
        };
        let largest = Largest { number: "7".into(), start: "5".into(), case: "{}".into() };
        let standing = Standing {
            name: "Alice's profit".to_owned(),
            cases: 3,
            largest: Some(largest),
            problem: None,
        };
        let statistics =
            Statistics { allowed: vec![0, 4], goals: vec![standing], ..Statistics::default() };
        let folder = tempfile::tempdir().expect("a temporary folder");
        let lines = report.lines(&statistics, folder.path()).expect("the folder can be written");
        let file = folder.path().join("goals").join("vault-Alice-s-profit.json");
        assert!(
            matches!(&lines[0], GoalLine::Allowed(allowance, 4) if allowance.reason == "a game of chance")
        );
        assert!(matches!(&lines[1], GoalLine::Largest(_, _, kept) if *kept == file));
        assert_eq!(
            (lines.len(), std::fs::read_to_string(file).expect("it was written")),
            (2, "{}".to_owned())
        );
    }
}
