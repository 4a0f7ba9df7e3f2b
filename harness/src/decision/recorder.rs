//! Writes down every decision that passes through it.
//!
//! Never chooses, and never changes an answer.

use borsh::{BorshDeserialize, BorshSerialize};
use serde::{Deserialize, Serialize};

use super::{Chooser, Label, Site};

/// One recorded choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[derive(BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
pub struct Decision {
    /// What was asked.
    pub site: Site,
    /// The option that was chosen.
    pub chosen: Label,
    /// How many options there were.
    pub of: u32,
}

/// A chooser that asks another one and records its answers.
///
/// It also holds both sides to the contract of [`Chooser`].
#[derive(Clone, Debug, Default)]
pub struct Recorder<C> {
    chooser: C,
    decisions: Vec<Decision>,
}

impl<C> Recorder<C> {
    /// Records what `chooser` answers.
    pub fn new(chooser: C) -> Self {
        Self { chooser, decisions: Vec::new() }
    }

    /// What was decided so far, first decision first.
    #[must_use]
    pub fn decisions(&self) -> &[Decision] {
        &self.decisions
    }

    /// The chooser and what it decided.
    #[must_use]
    pub fn into_parts(self) -> (C, Vec<Decision>) {
        (self.chooser, self.decisions)
    }
}

impl<C: Chooser> Chooser for Recorder<C> {
    /// # Panics
    /// Where the contract of [`Chooser`] is broken: that is a defect of ours, never of a contract
    /// under test.
    fn choose(&mut self, site: Site, options: &[Label]) -> usize {
        assert!(!options.is_empty(), "a chooser was asked to choose among nothing");
        let index = self.chooser.choose(site, options);
        assert!(index < options.len(), "a chooser chose option {index} of {}", options.len());
        let of = u32::try_from(options.len()).expect("options are few: each is a thing in memory");
        self.decisions.push(Decision { site, chosen: options[index], of });
        index
    }

    fn caused(&mut self, cause: Label, effect: Label) {
        self.chooser.caused(cause, effect);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decision::Fifo;

    #[derive(Debug)]
    struct Always(usize);

    impl Chooser for Always {
        fn choose(&mut self, _: Site, _: &[Label]) -> usize {
            self.0
        }
    }

    #[test]
    fn decisions_are_recorded_in_order() {
        let mut recorder = Recorder::new(Always(1));
        recorder.choose(Site::Fault, &[Label(7), Label(8)]);
        recorder.choose(Site::Schedule, &[Label(3), Label(4), Label(5)]);
        let (_, decisions) = recorder.into_parts();
        assert_eq!(
            decisions,
            [
                Decision { site: Site::Fault, chosen: Label(8), of: 2 },
                Decision { site: Site::Schedule, chosen: Label(4), of: 3 },
            ]
        );
    }

    #[test]
    #[should_panic(expected = "chose option 2 of 2")]
    fn an_answer_out_of_range_is_our_own_defect() {
        Recorder::new(Always(2)).choose(Site::Schedule, &[Label(0), Label(1)]);
    }

    #[test]
    #[should_panic(expected = "among nothing")]
    fn a_question_without_options_is_our_own_defect() {
        Recorder::new(Fifo).choose(Site::Schedule, &[]);
    }
}
