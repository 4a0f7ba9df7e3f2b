//! What an attacker must be able to do for a finding to happen.
//!
//! Data only: `finding` says which of them a case takes.

use serde::{Deserialize, Serialize};

/// A power, from the least to the most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Power {
    /// Somebody calls in a window: between a call and its callback.
    CallInWindow,
    /// Time passes before an operation of the case, while no receipt is pending.
    TimePasses,
    /// A call comes from a contract of the attacker's.
    OwnContract,
    /// A call comes as the callback of a promise of the attacker's, with a result of their choice.
    ForgedCallback,
    /// Blocks pass between two receipts.
    Delay,
    /// The caller chooses how much gas is attached.
    ChosenGas,
    /// Somebody signs a call of the attacker's contract.
    UserSigns,
    /// The called contract fails.
    CalleeFails,
    /// The called contract, which means well, gives another answer than usual.
    CalleeAnswers,
    /// The called contract does what the attacker wants.
    CalleeIsMalicious,
}

impl Power {
    /// The power in words.
    #[must_use]
    pub fn describe(self) -> &'static str {
        match self {
            Self::CallInWindow => "somebody calls between a call and its callback",
            Self::TimePasses => "time passes before a call",
            Self::OwnContract => "the attacker calls through a contract of their own",
            Self::ForgedCallback => {
                "the attacker's contract makes the call the callback of a promise of its own"
            }
            Self::Delay => "blocks pass before a receipt comes",
            Self::ChosenGas => "the caller chooses how much gas is attached",
            Self::UserSigns => "a user signs a call of the attacker's contract",
            Self::CalleeFails => "the called contract fails",
            Self::CalleeAnswers => "the called contract gives another of its answers",
            Self::CalleeIsMalicious => "the called contract does what the attacker wants",
        }
    }
}
