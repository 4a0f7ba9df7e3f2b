//! Every execution there is, one after another.
//!
//! Never knows that two executions come to the same: it tries both.

use super::{Chooser, Label, Site};

/// Walks depth-first through all sequences of choices.
///
/// ```
/// use interloper::decision::{Chooser as _, Exhaustive, Label, Site};
///
/// let mut all = Exhaustive::new();
/// let mut answers = Vec::new();
/// while all.next_execution() {
///     answers.push(all.choose(Site::Schedule, &[Label(1), Label(2), Label(3)]));
/// }
/// assert_eq!(answers, [0, 1, 2]);
/// ```
///
/// The first execution takes option 0 everywhere. What is run must be deterministic: the same
/// choices must lead to the same questions.
#[derive(Clone, Debug, Default)]
pub struct Exhaustive {
    /// The choices of the current execution, as far as they are known.
    path: Vec<Branch>,
    /// How many choices the current execution has made.
    depth: usize,
    executions: u64,
    deepest: usize,
    finished: bool,
}

#[derive(Clone, Copy, Debug)]
struct Branch {
    chosen: usize,
    of: usize,
}

impl Exhaustive {
    /// Nothing tried yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Goes on to the next execution; false when all have been tried.
    ///
    /// # Panics
    /// Where the execution that has just ended made fewer choices than the one before it forces:
    /// then it is not deterministic.
    pub fn next_execution(&mut self) -> bool {
        if self.executions > 0 && !self.finished {
            assert!(
                self.depth == self.path.len(),
                "the same choices led to {} questions, then to {}: what runs is not deterministic",
                self.path.len(),
                self.depth,
            );
            self.finished = !self.advance();
        }
        self.depth = 0;
        if !self.finished {
            self.executions += 1;
        }
        !self.finished
    }

    /// How many executions were begun.
    #[must_use]
    pub fn executions(&self) -> u64 {
        self.executions
    }

    /// The most choices that any execution has made so far.
    #[must_use]
    pub fn deepest(&self) -> usize {
        self.deepest
    }

    /// Whether nothing is left to try.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.finished
    }

    /// Turns the last choice that has options left to its next one; false where there is none.
    fn advance(&mut self) -> bool {
        while let Some(last) = self.path.last_mut() {
            last.chosen += 1;
            if last.chosen < last.of {
                return true;
            }
            self.path.pop();
        }
        false
    }
}

impl Chooser for Exhaustive {
    /// # Panics
    /// Where the same choices lead to another number of options than last time.
    fn choose(&mut self, _: Site, options: &[Label]) -> usize {
        if self.depth == self.path.len() {
            self.path.push(Branch { chosen: 0, of: options.len() });
        }
        let branch = self.path[self.depth];
        assert!(
            branch.of == options.len(),
            "the same choices led to {} options, then to {}: what runs is not deterministic",
            branch.of,
            options.len(),
        );
        self.depth += 1;
        self.deepest = self.deepest.max(self.depth);
        branch.chosen
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::decision::sketch::{letters, run};

    /// All orders, and how many executions it took to see them.
    fn all(chains: &[&str]) -> (BTreeSet<String>, u64) {
        let mut exhaustive = Exhaustive::new();
        let mut orders = BTreeSet::new();
        while exhaustive.next_execution() {
            orders.insert(letters(&run(&mut exhaustive, chains)));
        }
        (orders, exhaustive.executions())
    }

    #[test]
    fn every_interleaving_comes_up_once() {
        // The counts are multinomial coefficients: (2+2)!/(2!2!) and (3+2+2)!/(3!2!2!).
        for (chains, count) in [(&["ab", "cd"][..], 6), (&["abc", "de", "fg"], 210)] {
            let (orders, executions) = all(chains);
            assert_eq!((orders.len(), executions), (count, count as u64));
        }
    }

    #[test]
    fn orders_come_in_order_of_their_choices() {
        let mut exhaustive = Exhaustive::new();
        let mut first = Vec::new();
        while exhaustive.next_execution() && first.len() < 3 {
            first.push(letters(&run(&mut exhaustive, &["a", "b", "c"])));
        }
        assert_eq!(first, ["abc", "acb", "bac"]);
    }

    #[test]
    fn what_chooses_nothing_has_one_execution() {
        assert_eq!(all(&[]).1, 1);
        let mut exhaustive = Exhaustive::new();
        assert!(exhaustive.next_execution());
        assert!(!exhaustive.next_execution());
        assert!(!exhaustive.next_execution());
        assert_eq!((exhaustive.executions(), exhaustive.is_finished()), (1, true));
    }

    #[test]
    fn executions_may_differ_in_length() {
        // Option 0 ends it, option 1 asks again, at most three times.
        let mut exhaustive = Exhaustive::new();
        while exhaustive.next_execution() {
            let options = [Label(0), Label(1)];
            let _ = (0..3).find(|_| exhaustive.choose(Site::Fault, &options) == 0);
        }
        assert_eq!((exhaustive.executions(), exhaustive.deepest()), (4, 3));
    }

    #[test]
    #[should_panic(expected = "not deterministic")]
    fn a_changed_question_is_our_own_defect() {
        let mut exhaustive = Exhaustive::new();
        exhaustive.next_execution();
        exhaustive.choose(Site::Fault, &[Label(0), Label(1)]);
        exhaustive.next_execution();
        exhaustive.choose(Site::Fault, &[Label(0)]);
    }
}
