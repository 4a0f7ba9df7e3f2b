//! Who gets the next slice of time in a campaign over many targets: those that still yield something.
//!
//! Never reads a clock and never runs anything.

use serde::{Deserialize, Serialize};

use crate::campaign::{MissingAccount, goals, missing_accounts, windows};

/// What a slice of time, or all slices of a target together, came to.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Tally {
    /// Cases run.
    pub executions: u64,
    /// Different kinds of behaviour that were seen, as far as that is counted.
    pub behaviours: u64,
    /// Windows seen, and entered.
    #[serde(default)]
    pub windows: windows::Coverage,
    /// Different findings, known ones left out.
    pub findings: u64,
    /// How far it came with the target's goals.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub goals: Vec<goals::Standing>,
    /// How many cases showed what the target allows, in the target's order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub allowed: Vec<u64>,
    /// Accounts that contracts call and that the target does not have.
    #[serde(default, alias = "strangers", skip_serializing_if = "Vec::is_empty")]
    pub missing_accounts: Vec<MissingAccount>,
    /// How long it took.
    pub seconds: f64,
}

impl Tally {
    /// Adds one that goes on at the same time. Both may have seen the same behaviours and
    /// windows: the most counts.
    pub fn add(&mut self, other: &Self) {
        self.executions += other.executions;
        self.behaviours = self.behaviours.max(other.behaviours);
        self.windows = self.windows.most(other.windows);
        self.findings += other.findings;
        goals::merge(&mut self.goals, &other.goals);
        let longest = self.allowed.len().max(other.allowed.len());
        self.allowed.resize(longest, 0);
        self.allowed.iter_mut().zip(&other.allowed).for_each(|(own, more)| *own += more);
        missing_accounts::merge(&mut self.missing_accounts, &other.missing_accounts);
        self.seconds += other.seconds;
    }
}

/// How one target has fared so far.
#[derive(Clone, Debug, Default)]
pub struct Share {
    /// Slices that it has had.
    pub slices: u64,
    /// Slices that are running.
    pub running: u32,
    /// Slices since one showed something new.
    pub barren: u64,
    /// Slices in a row that ended badly.
    pub failed: u32,
    /// How the last one did that ended badly.
    pub error: Option<String>,
    /// All slices together; behaviours and windows are the most that one has seen.
    pub total: Tally,
}

impl Share {
    /// Takes account of a slice that has ended.
    pub fn ended(&mut self, tally: &Tally) {
        self.running = self.running.saturating_sub(1);
        self.slices += 1;
        self.failed = 0;
        let news = tally.behaviours > self.total.behaviours || tally.findings > 0;
        self.barren = if news { 0 } else { self.barren + 1 };
        // Slices find the same again: different findings are counted where they are kept.
        self.total.add(&Tally { findings: 0, ..tally.clone() });
    }

    /// Takes account of a slice that ended badly.
    pub fn failed(&mut self, error: String) {
        self.running = self.running.saturating_sub(1);
        self.slices += 1;
        self.barren += 1;
        self.failed += 1;
        self.error = Some(error);
    }
}

/// A target is given up after so many slices in a row that ended badly.
const MOST_FAILURES: u32 = 3;

/// Which target gets the next slice: one that had none yet, else the one with the fewest slices for
/// what it yields. One that has shown nothing new for long gets little, and never nothing. None where
/// every target was given up.
#[must_use]
pub fn next(shares: &[Share]) -> Option<usize> {
    let able = shares.iter().enumerate().filter(|(_, share)| share.failed < MOST_FAILURES);
    let weight = |share: &Share| {
        let had = share.slices + u64::from(share.running);
        had * (1 + share.barren.min(7))
    };
    able.min_by_key(|(index, share)| (share.running, weight(share), *index)).map(|(index, _)| index)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(behaviours: u64) -> Tally {
        Tally { executions: 10, behaviours, seconds: 1.0, ..Tally::default() }
    }

    /// Runs `slices` slices one at a time; target 0 always shows something new, the others never.
    fn play(targets: usize, slices: u64) -> Vec<u64> {
        let mut shares = vec![Share::default(); targets];
        for slice in 0..slices {
            let index = next(&shares).expect("none has failed");
            shares[index].running += 1;
            shares[index].ended(&tally(if index == 0 { slice + 1 } else { 1 }));
        }
        shares.iter().map(|share| share.slices).collect()
    }

    #[test]
    fn what_is_allowed_is_counted_over_all_slices() {
        let mut share = Share::default();
        for allowed in [vec![0, 2], vec![1]] {
            share.ended(&Tally { executions: 5, allowed, findings: 1, ..Tally::default() });
        }
        assert_eq!(share.total.allowed, [1, 2]);
        assert_eq!((share.total.executions, share.total.findings), (10, 0));
    }

    #[test]
    fn everyone_comes_first_once_and_who_yields_comes_more_often() {
        assert_eq!(play(5, 5), [1; 5]);
        let slices = play(3, 100);
        assert!(slices[0] > 4 * slices[1], "{slices:?}");
        assert!(slices[1] >= 5 && slices[2] >= 5, "{slices:?}");
    }

    #[test]
    fn jobs_take_different_targets_as_long_as_there_are_any() {
        let mut shares = vec![Share::default(); 2];
        for expected in [0, 1, 0] {
            let index = next(&shares).expect("none has failed");
            assert_eq!(index, expected);
            shares[index].running += 1;
        }
    }

    #[test]
    fn who_cannot_run_is_not_asked_again() {
        let mut shares = vec![Share::default(); 2];
        let mut turns = Vec::new();
        while let Some(index) = next(&shares) {
            turns.push(index);
            shares[index].failed("no such contract".to_owned());
        }
        turns.sort_unstable();
        assert_eq!(turns, [0, 0, 0, 1, 1, 1]);
        shares[1].ended(&tally(1));
        assert_eq!(next(&shares), Some(1), "one that ran after all is not given up");
    }
}
