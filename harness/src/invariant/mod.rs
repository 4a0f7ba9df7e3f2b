//! What must hold, one file each, and how it broke.
//!
//! An invariant sees what happened and may ask a [`Laboratory`] what would have happened otherwise.
//! It never changes the world that it judges.

mod authority;
mod conservation;
mod observation;
mod profit;
mod refund;
mod rollback;

use serde::{Deserialize, Serialize};

use crate::types::AccountId;

pub use authority::Authority;
pub use conservation::Conservation;
pub use observation::{Called, Event, Laboratory, Observation, Settings};
pub use profit::Profit;
pub use refund::Refund;
pub use rollback::Rollback;

/// How an invariant broke.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Violation {
    /// The invariant's name.
    pub invariant: String,
    /// The account that gained or lost, or the contract that misbehaved.
    pub account: AccountId,
    /// The method at the root of it: with the account and the invariant it identifies the finding.
    pub method: String,
    /// What happened, in a sentence.
    pub summary: String,
    /// The numbers behind it, a line each.
    pub details: Vec<String>,
}

/// Something that must hold.
pub trait Invariant: Send + Sync {
    /// Its name, as `target.toml` and findings say it.
    fn name(&self) -> &'static str;

    /// The rule in a sentence.
    fn rule(&self) -> &'static str;

    /// Judges a case that has ended.
    ///
    /// # Errors
    /// When the laboratory could not run a case; the harness cannot work then.
    fn check(
        &self,
        seen: &Observation,
        laboratory: &mut dyn Laboratory,
    ) -> Result<Option<Violation>, crate::chain::Error>;
}

/// All built-in invariants, in the order in which they are checked: the harness's own honesty first,
/// then the most telling.
#[must_use]
pub fn built_in() -> Vec<Box<dyn Invariant>> {
    vec![
        Box::new(Conservation),
        Box::new(Profit),
        Box::new(Authority),
        Box::new(Refund),
        Box::new(Rollback),
    ]
}
