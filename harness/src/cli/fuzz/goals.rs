//! What `interloper fuzz` says of a target's goals when it ends.
//!
//! Never runs a case.

use std::path::{Path, PathBuf};

use super::{Result, output};
use crate::campaign::goals::{Largest, Standing};
use crate::finding;
use crate::invariant::{Aim, Goal, Quantity};
use crate::report;
use crate::scenario::Target;
use crate::types::NearToken;

/// Says how far it has come with each goal, and leaves the case with the largest number beside the
/// findings.
pub(super) fn note(target: &Target, standings: &[Standing], findings: &Path) -> Result<()> {
    for goal in &target.goals {
        let standing = standings.iter().find(|standing| standing.name == goal.name);
        let line = match standing.and_then(|standing| standing.largest.as_ref()) {
            Some(largest) => {
                let file = keep(target, goal, largest, findings)?;
                let (number, start) = (show(goal, &largest.number), show(goal, &largest.start));
                format!("{number} at most, {start} at the start; the case: {}", file.display())
            }
            None => reached(standing),
        };
        output::note(&format!("goal `{}`: {line}", goal.name));
    }
    Ok(())
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

fn keep(target: &Target, goal: &Goal, largest: &Largest, findings: &Path) -> Result<PathBuf> {
    let plain = |letter: char| if letter.is_ascii_alphanumeric() { letter } else { '-' };
    let name: String = goal.name.chars().map(plain).take(64).collect();
    let folder = findings.join("goals");
    let file = folder.join(format!("{}-{name}.json", target.name));
    std::fs::create_dir_all(&folder)
        .and_then(|()| finding::place(&folder, &file, largest.case.as_bytes()))
        .map_err(|error| format!("cannot write {}: {error}", file.display()))?;
    Ok(file)
}
