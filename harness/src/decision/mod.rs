//! Who decides: "which of these options, at this site?"
//!
//! A simulation asks one [`Chooser`] for everything that could go one way or another. Choosers differ only in
//! where the answers come from: one file each. The simulation writes down the steps and faults that were
//! chosen, and those replay the case.
//!
//! A chooser does not know what an option stands for, and reads neither a clock nor the machine's randomness.

mod bytes;
mod fifo;
mod label;
mod pct;
mod random;
mod replay;
mod surw;
#[cfg(test)]
mod test_util;

pub use bytes::Bytes;
pub use fifo::Fifo;
pub use label::{InvalidLabel, Label};
pub use pct::{Pct, PctShape};
pub use random::Random;
pub use replay::Replay;
pub use surw::Surw;

use borsh::{BorshDeserialize, BorshSerialize};
use serde::{Deserialize, Serialize};

/// What kind of question a decision answers.
///
/// Choosers may treat kinds apart: [`Pct`] gives priorities to what is scheduled, and nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[derive(BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Site {
    /// Which of the things that may happen next happens next.
    Schedule,
    /// What goes wrong with the thing that is about to happen, or that nothing does.
    Fault,
    /// Which call of another account comes in between, or that none does.
    Interloper,
    /// Which value is used.
    Value,
}

/// Answers "which of these?".
///
/// # What a caller promises
/// `options` is never empty. Its order is the order in which the options came up, so that option 0
/// is what happens if nothing interferes. No label occurs in it twice.
///
/// # What a chooser promises
/// The answer is an index into `options`. It depends on nothing but how the chooser was made and
/// what it was asked and told before: the same questions get the same answers on every machine.
pub trait Chooser {
    /// Chooses one of `options` and gives its index.
    fn choose(&mut self, site: Site, options: &[Label]) -> usize;

    /// Is told that `effect` could not have come up unless `cause` had been chosen before.
    ///
    /// This is when `effect` is made: after `cause` was chosen, before `effect` is first offered, and for
    /// several effects of one cause in the order in which it made them. Most choosers ignore it;
    /// [`Pct`] needs it for the bound that it promises.
    fn caused(&mut self, cause: Label, effect: Label) {
        let _ = (cause, effect);
    }
}

/// Asks a chooser, and holds both sides to the contract of [`Chooser`].
///
/// # Panics
/// If there are no options, or the answer is not one of them: that is a bug of the harness, whatever the contract
/// under test does.
pub fn ask(chooser: &mut dyn Chooser, site: Site, options: &[Label]) -> usize {
    assert!(!options.is_empty(), "a chooser was asked to choose among nothing");
    let index = chooser.choose(site, options);
    assert!(index < options.len(), "a chooser chose option {index} of {}", options.len());
    index
}

impl<C: Chooser + ?Sized> Chooser for &mut C {
    fn choose(&mut self, site: Site, options: &[Label]) -> usize {
        (**self).choose(site, options)
    }

    fn caused(&mut self, cause: Label, effect: Label) {
        (**self).caused(cause, effect);
    }
}

impl<C: Chooser + ?Sized> Chooser for Box<C> {
    fn choose(&mut self, site: Site, options: &[Label]) -> usize {
        (**self).choose(site, options)
    }

    fn caused(&mut self, cause: Label, effect: Label) {
        (**self).caused(cause, effect);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Always(usize);

    impl Chooser for Always {
        fn choose(&mut self, _: Site, _: &[Label]) -> usize {
            self.0
        }
    }

    #[test]
    #[should_panic(expected = "chose option 2 of 2")]
    fn an_answer_out_of_range_is_a_bug_of_the_harness() {
        ask(&mut Always(2), Site::Schedule, &[Label(0), Label(1)]);
    }

    #[test]
    #[should_panic(expected = "among nothing")]
    fn a_question_without_options_is_a_bug_of_the_harness() {
        ask(&mut Fifo, Site::Schedule, &[]);
    }
}
