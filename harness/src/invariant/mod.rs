//! What must hold, one file each, and how it broke.
//!
//! An invariant sees what happened and may ask a [`Counterfactuals`] what would have happened otherwise.
//! It never changes the world that it judges.

mod aliasing;
mod assets;
mod authority;
mod balances;
mod callback;
mod conflict_graph;
mod conservation;
mod counterfactuals;
mod declared;
mod goal;
mod harm;
mod ignored_result;
mod isolation;
mod liveness;
mod locked;
mod no_effect;
mod profit;
mod quantity;
mod refund;
mod rollback;
mod serial;
mod settings;
mod signer;
mod storage;
mod token;
mod worth;
mod yields;

use serde::{Deserialize, Serialize};

use crate::trace::Observation;
use crate::types::AccountId;

pub use aliasing::Aliasing;
pub use authority::Authority;
pub use callback::Callback;
pub use conservation::Conservation;
pub use counterfactuals::{Aftermath, Counterfactuals, FollowUp, ViewNumber};
pub use declared::{Declaration, Declared, Relation};
pub use goal::{Aim, Goal, Happening, Measure};
pub use ignored_result::IgnoredResult;
pub use isolation::Isolation;
pub use liveness::Liveness;
pub use profit::Profit;
pub use quantity::Quantity;
pub use refund::Refund;
pub use rollback::Rollback;
pub use serial::Serial;
pub use settings::{Allowance, Settings};
pub use signer::Signer;
pub use storage::Storage;
pub use token::Token;
pub use yields::Yield;

/// How bad it is when an invariant breaks, from the least to the worst.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Harmless as far as could be shown: an observation, which is counted and is not a finding.
    Info,
    /// Something to look at: no funds are at stake by themselves.
    Low,
    /// The contract does not do what it promises.
    #[default]
    Medium,
    /// An account loses funds or cannot get at them.
    High,
    /// An account takes funds that are not its own.
    Critical,
}

impl Severity {
    /// Its name, as `target.toml` and findings say it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

/// How an invariant broke.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Violation {
    /// The invariant's name.
    pub invariant: String,
    /// How bad it is.
    #[serde(default)]
    pub severity: Severity,
    /// The account that gained or lost, or the contract that misbehaved.
    pub account: AccountId,
    /// The method at the root of it: with the account and the invariant it identifies the finding.
    pub method: String,
    /// What happened, in a sentence.
    pub summary: String,
    /// The numbers behind it, a line each.
    pub details: Vec<String>,
}

impl Violation {
    /// A violation of [`Severity::High`] without details. `method` is the one at the root of it.
    #[must_use]
    pub fn new(
        invariant: &dyn Invariant,
        account: &AccountId,
        method: &str,
        summary: impl Into<String>,
    ) -> Self {
        Self {
            invariant: invariant.name().to_owned(),
            severity: Severity::High,
            account: account.clone(),
            method: method.to_owned(),
            summary: summary.into(),
            details: Vec::new(),
        }
    }

    /// The same with this severity.
    #[must_use]
    pub fn severity(self, severity: Severity) -> Self {
        Self { severity, ..self }
    }

    /// The same with one more line of details.
    #[must_use]
    pub fn detail(mut self, line: impl Into<String>) -> Self {
        self.details.push(line.into());
        self
    }

    /// The same with more lines of details.
    #[must_use]
    pub fn details(mut self, lines: impl IntoIterator<Item = String>) -> Self {
        self.details.extend(lines);
        self
    }

    /// Whether this differs from what should be without any harm that could be shown.
    #[must_use]
    pub fn is_observation(&self) -> bool {
        self.severity == Severity::Info
    }
}

/// Something that must hold.
///
/// Whoever writes an entry point of their own can add theirs to the [`built_in`] ones:
///
/// ```
/// use interloper::chain::Error;
/// use interloper::invariant::{Invariant, Counterfactuals, Settings, Severity, Violation};
/// use interloper::trace::Observation;
///
/// /// A contract under test keeps at least what its storage locks.
/// struct Solvent;
///
/// impl Invariant for Solvent {
///     fn name(&self) -> &'static str {
///         "solvent"
///     }
///
///     fn rule(&self) -> &'static str {
///         "A contract under test keeps what its storage locks."
///     }
///
///     fn check(
///         &self,
///         seen: &Observation,
///         _: &Settings,
///         _: &mut dyn Counterfactuals,
///     ) -> Result<Option<Violation>, Error> {
///         let mut accounts = seen.end.accounts();
///         let poor = accounts.find(|(id, record)| {
///             let locked = record.storage_stake(seen.end.protocol());
///             seen.parties.under_test.contains(*id) && record.balance() < locked
///         });
///         Ok(poor.map(|(id, record)| Violation {
///             invariant: self.name().to_owned(),
///             severity: Severity::High,
///             account: id.clone(),
///             method: String::new(),
///             summary: format!("{id} has only {}", record.balance()),
///             details: Vec::new(),
///         }))
///     }
/// }
/// # let all: Vec<Box<dyn Invariant>> = vec![Box::new(Solvent)];
/// # assert_eq!(all[0].name(), "solvent");
/// ```
pub trait Invariant: Send + Sync {
    /// Its name, as `target.toml` and findings say it.
    fn name(&self) -> &'static str;

    /// The rule in a sentence.
    fn rule(&self) -> &'static str;

    /// Whether it only judges cases that ran to their end. Cases that were cut off at the target's limit are not
    /// shown to it then: their receipts are still under way.
    fn needs_complete(&self) -> bool {
        true
    }

    /// Judges a case that has ended.
    ///
    /// # Errors
    /// When a variation of the case could not run: the harness cannot work then.
    fn check(
        &self,
        seen: &Observation,
        settings: &Settings,
        counterfactuals: &mut dyn Counterfactuals,
    ) -> Result<Option<Violation>, crate::chain::Error>;
}

/// All built-in invariants, in the order in which they are checked: the harness's own honesty first,
/// then the most telling. The first that breaks is the one that is reported.
#[must_use]
pub fn built_in() -> Vec<Box<dyn Invariant>> {
    vec![
        Box::new(Conservation),
        Box::new(Declared),
        Box::new(Profit),
        Box::new(Authority),
        Box::new(Signer),
        Box::new(Aliasing),
        Box::new(Token),
        Box::new(Yield),
        Box::new(Callback),
        Box::new(Refund),
        Box::new(Rollback),
        Box::new(IgnoredResult),
        Box::new(Liveness),
        Box::new(Serial),
        Box::new(Isolation),
        Box::new(Storage),
    ]
}
