//! What happened in a finding's case, as values: all that a report shows, so that a report needs no
//! contract and runs nothing.
//!
//! Never longer than a report can use: long texts are cut, and say how long they were.

mod tell;

use serde::{Deserialize, Serialize};

use crate::trace::{Window, starts_amid};
use crate::types::{AccountId, BlockHeight, Gas, NearToken, OperationId, ReceiptName};

/// A finding's case, and beside it a course of the same operations that breaks nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Story {
    /// The case itself.
    pub course: Course,
    /// What to hold it against.
    pub beside: Option<Beside>,
}

/// A course to hold a finding against.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Beside {
    /// What is different there.
    pub difference: Difference,
    /// What happens then.
    pub course: Course,
}

/// What is different in the course that a finding is held against.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Difference {
    /// Each operation runs to its end before the next one starts.
    Serial,
    /// Nothing is made to fail.
    NoFaults,
}

/// What happened in one run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Course {
    /// In the order of time; refunds of gas are left out.
    pub moments: Vec<Moment>,
    /// Gaps between calls and callbacks on contracts under test.
    pub windows: Vec<Window>,
    /// Every account whose balance changed.
    pub balances: Vec<Balance>,
    /// State of contracts under test that changed.
    pub state: Vec<StateChange>,
    /// Whether it ran to its end, or was cut off at a limit.
    pub complete: bool,
}

/// A transaction or a receipt that ran.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Moment {
    /// The receipt's name, or that of the receipt which the transaction became.
    pub name: ReceiptName,
    /// Whether it is the transaction, not the receipt.
    #[serde(default, skip_serializing_if = "is_false")]
    pub transaction: bool,
    /// The block in which it ran, counted from the one in which the case starts.
    pub block: BlockHeight,
    /// Who sent it.
    pub from: AccountId,
    /// Who ran it.
    pub account: AccountId,
    /// What it was to do.
    pub acts: Vec<Act>,
    /// Receipts whose results it waited for, where they ran in this course.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub waits_for: Vec<ReceiptName>,
    /// The results that it saw, as text; none for a failed one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hears: Vec<Option<String>>,
    /// How it ended.
    pub end: End,
    /// Whether it was made to fail.
    #[serde(default, skip_serializing_if = "is_false")]
    pub forced: bool,
    /// What the contract logged.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub logs: Vec<String>,
    /// Gas burnt.
    pub gas_burnt: Gas,
}

/// One action of a receipt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", tag = "act")]
pub enum Act {
    /// A function call.
    Call {
        /// The method.
        method: String,
        /// Its input, as text where it is text.
        arguments: String,
        /// Attached money, in yoctoNEAR.
        deposit: NearToken,
    },
    /// A transfer.
    Transfer {
        /// In yoctoNEAR.
        amount: NearToken,
    },
    /// Anything else.
    Other {
        /// The chain's name of it.
        name: String,
    },
}

/// How a receipt ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", tag = "end")]
pub enum End {
    /// With a value, which may be empty.
    Value {
        /// As text where it is text.
        value: String,
    },
    /// With the result of another receipt, still to come.
    Promise,
    /// It failed.
    Failure {
        /// In the chain's words, or the contract's.
        reason: String,
    },
}

/// An account's money before and after, locked balance included.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Balance {
    /// Whose.
    pub account: AccountId,
    /// In yoctoNEAR; none where there was no account.
    pub before: Option<NearToken>,
    /// In yoctoNEAR; none where there is none any more.
    pub after: Option<NearToken>,
}

/// A state key whose value changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct StateChange {
    /// Whose.
    pub account: AccountId,
    /// As text with escapes where most of it is text, otherwise in hexadecimal.
    pub key: String,
    /// As text where it is text, otherwise in hexadecimal; none where there was no such key.
    pub before: Option<String>,
    /// Likewise; none where there is none any more.
    pub after: Option<String>,
}

impl Course {
    /// Whether an operation is an interloper: its first receipt runs when another one's has run, and that
    /// one goes on afterwards. Who signs first says nothing: receipts overtake each other.
    #[must_use]
    pub fn comes_between(&self, operation: OperationId) -> bool {
        let receipts = self.moments.iter().filter(|moment| !moment.transaction);
        let operations: Vec<_> = receipts.map(|moment| moment.name.operation).collect();
        starts_amid(&operations, operation)
    }

    /// With which moment an interloper comes in between: its first receipt in somebody else's window;
    /// where it comes into none, its first receipt.
    #[must_use]
    pub fn entrance(&self, operation: OperationId) -> Option<usize> {
        if !self.comes_between(operation) {
            return None;
        }
        let receipts = || self.moments.iter().enumerate().filter(|(_, moment)| !moment.transaction);
        let ran: Vec<_> = receipts().map(|(_, moment)| (&moment.name, &moment.account)).collect();
        let visits = |at: usize| self.windows.iter().any(|window| window.is_visited_at(&ran, at));
        let own = receipts().enumerate();
        let mut own = own.filter(|(_, (_, moment))| moment.name.operation == operation);
        let first = own.clone().next().map(|(_, (index, _))| index);
        own.find(|(at, _)| visits(*at)).map(|(_, (index, _))| index).or(first)
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_false(value: &bool) -> bool {
    !value
}
