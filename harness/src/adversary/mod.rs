//! What an attacker may do beside choosing the order: make what they control fail.
//!
//! A [`Rule`] gives a [`Verdict`] on each receipt that is about to be delivered; the first that is not
//! [`Verdict::Pass`] counts. Rules never apply anything. Calls by third parties are operations like
//! all others: that they come in between is a matter of the schedule.

mod drawn;
mod listed;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::chain::{Forced, InFlight, is_external};
use crate::decision::Chooser;
use crate::types::AccountId;

pub use drawn::Drawn;
pub use listed::Listed;

/// What a rule says about a receipt that is about to be delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing.
    Pass,
    /// It fails like this.
    Fail(Forced),
}

/// A fault, as a small rule.
pub trait Rule {
    /// What happens to `entry`, which some rule may make fail.
    fn verdict(&mut self, entry: &InFlight, chooser: &mut dyn Chooser) -> Verdict;
}

/// Asks the rules in order.
pub fn verdict(
    rules: &mut [&mut dyn Rule],
    entry: &InFlight,
    chooser: &mut dyn Chooser,
) -> Verdict {
    for rule in rules {
        let verdict = rule.verdict(entry, chooser);
        if verdict != Verdict::Pass {
            return verdict;
        }
    }
    Verdict::Pass
}

/// Whether somebody outside can make this receipt fail: it calls a contract that is not under test.
/// Plain transfers are left out, since nobody can make one fail.
#[must_use]
pub fn can_fail(entry: &InFlight, under_test: &BTreeSet<AccountId>) -> bool {
    is_external(&entry.receipt, under_test)
}

/// What an attacker must be able to do for a finding to happen, from the least to the most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Power {
    /// Somebody calls in a window: between a call and its callback.
    CallInWindow,
    /// The called contract fails.
    CalleeFails,
}

impl Power {
    /// The power in words.
    #[must_use]
    pub fn describe(self) -> &'static str {
        match self {
            Self::CallInWindow => "somebody calls between a call and its callback",
            Self::CalleeFails => "the called contract fails",
        }
    }
}
