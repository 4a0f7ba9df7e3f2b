//! Who gets the next slice of time in a campaign over many targets: those that still yield something.
//!
//! Never reads a clock and never runs anything.

use crate::campaign::Statistics;

/// How one target has fared so far.
#[derive(Clone, Debug, Default)]
pub struct TargetProgress {
    /// Slices that it has had.
    pub slices: u64,
    /// Slices that are running.
    pub running: u32,
    /// Slices since one showed something new.
    pub slices_without_progress: u64,
    /// Slices in a row that ended badly.
    pub failed: u32,
    /// How the last one did that ended badly.
    pub error: Option<String>,
    /// All slices together; behaviours and windows are the most that one has seen.
    pub total: Statistics,
}

impl TargetProgress {
    /// Takes account of a slice that has ended.
    pub fn ended(&mut self, statistics: &Statistics) {
        self.running = self.running.saturating_sub(1);
        self.slices += 1;
        self.failed = 0;
        let news = statistics.behaviours > self.total.behaviours || statistics.findings > 0;
        self.slices_without_progress = if news { 0 } else { self.slices_without_progress + 1 };
        // Slices find the same again: different findings are counted where they are kept.
        self.total.merge(&Statistics { findings: 0, ..statistics.clone() });
    }

    /// Takes account of a slice that ended badly.
    pub fn failed(&mut self, error: String) {
        self.running = self.running.saturating_sub(1);
        self.slices += 1;
        self.slices_without_progress += 1;
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
pub fn next(targets: &[TargetProgress]) -> Option<usize> {
    let able = targets.iter().enumerate().filter(|(_, target)| target.failed < MOST_FAILURES);
    let weight = |target: &TargetProgress| {
        let had = target.slices + u64::from(target.running);
        had * (1 + target.slices_without_progress.min(7))
    };
    able.min_by_key(|(index, target)| (target.running, weight(target), *index))
        .map(|(index, _)| index)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn ended(behaviours: u64) -> Statistics {
        Statistics {
            executions: 10,
            behaviours,
            elapsed: Duration::from_secs(1),
            ..Statistics::default()
        }
    }

    /// Runs `slices` slices one at a time; target 0 always shows something new, the others never.
    fn play(targets: usize, slices: u64) -> Vec<u64> {
        let mut targets = vec![TargetProgress::default(); targets];
        for slice in 0..slices {
            let index = next(&targets).expect("none has failed");
            targets[index].running += 1;
            targets[index].ended(&ended(if index == 0 { slice + 1 } else { 1 }));
        }
        targets.iter().map(|target| target.slices).collect()
    }

    #[test]
    fn what_is_allowed_is_counted_over_all_slices() {
        let mut target = TargetProgress::default();
        for allowed in [vec![0, 2], vec![1]] {
            target.ended(&Statistics {
                executions: 5,
                allowed,
                findings: 1,
                ..Statistics::default()
            });
        }
        assert_eq!(target.total.allowed, [1, 2]);
        assert_eq!((target.total.executions, target.total.findings), (10, 0));
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
        let mut targets = vec![TargetProgress::default(); 2];
        for expected in [0, 1, 0] {
            let index = next(&targets).expect("none has failed");
            assert_eq!(index, expected);
            targets[index].running += 1;
        }
    }

    #[test]
    fn who_cannot_run_is_not_asked_again() {
        let mut targets = vec![TargetProgress::default(); 2];
        let mut turns = Vec::new();
        while let Some(index) = next(&targets) {
            turns.push(index);
            targets[index].failed("no such contract".to_owned());
        }
        turns.sort_unstable();
        assert_eq!(turns, [0, 0, 0, 1, 1, 1]);
        targets[1].ended(&ended(1));
        assert_eq!(next(&targets), Some(1), "one that ran after all is not given up");
    }
}
