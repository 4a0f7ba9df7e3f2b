//! Who decides: "which of these options, at this site?"
//!
//! A simulation asks one [`Chooser`] for everything that could go one way or another. Choosers differ only in
//! where the answers come from: one file each. The simulation writes down the steps and faults that were
//! chosen, and those replay the case; it does not use [`Recorder`] and [`Exhaustive`] yet.
//!
//! A chooser does not know what an option stands for, and reads neither a clock nor the machine's randomness.

mod bytes;
mod exhaustive;
mod fifo;
mod label;
mod pct;
mod random;
mod recorder;
mod replay;
#[cfg(test)]
mod sketch;
mod surw;

pub use bytes::Bytes;
pub use exhaustive::Exhaustive;
pub use fifo::Fifo;
pub use label::{InvalidLabel, Label};
pub use pct::{Pct, PctShape};
pub use random::Random;
pub use recorder::{Decision, Recorder};
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
    /// Who comes in between with which call, or that nobody does.
    Interloper,
    /// Which value is used.
    Value,
}

/// Answers "which of these?".
///
/// # What a caller promises
/// `options` is never empty. Its order is the order in which the options came up, so that option 0
/// is what happens when nobody interferes. No label occurs in it twice.
///
/// # What a chooser promises
/// The answer is an index into `options`. It depends on nothing but how the chooser was made and
/// what it was asked and told before: the same questions get the same answers on every machine.
pub trait Chooser {
    /// Chooses one of `options` and gives its index.
    fn choose(&mut self, site: Site, options: &[Label]) -> usize;

    /// Hears that `effect` could not have come up unless `cause` had been chosen before.
    ///
    /// Told when `effect` is made: after `cause` was chosen, before `effect` is first offered, and for
    /// several effects of one cause in the order in which it made them. Most choosers do not listen;
    /// [`Pct`] needs it for the bound that it promises.
    fn caused(&mut self, cause: Label, effect: Label) {
        let _ = (cause, effect);
    }
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
