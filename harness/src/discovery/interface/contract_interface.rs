//! What is known of a contract's interface.
//!
//! Data only: `interface_discovery` fills it in.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::abi::Metadata;
use crate::discovery::argument_inference::InputType;
use crate::types::{AccountId, NearToken};

/// What a method is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum MethodKind {
    /// Changes state or calls others, and any account may call it.
    Call,
    /// Changes nothing.
    View,
    /// Only the contract itself may call it.
    Private,
    /// Creates the contract's first state.
    Initializer,
}

/// Where the knowledge of a method's input comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Evidence {
    /// Inferred from the contract's answers.
    Inferred,
    /// The ABI says so.
    Abi,
    /// A NEAR standard says so.
    Standard,
    /// The contract passed such arguments when it called itself.
    SelfCall,
    /// There is none.
    Missing,
}

/// Which deposits a method accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DepositRule {
    /// This deposit only.
    Exactly(NearToken),
    /// This deposit and larger ones.
    AtLeast(NearToken),
    /// This deposit, and twice, three times as much, and so on.
    MultipleOf(NearToken),
}

impl DepositRule {
    /// Whether a deposit follows the rule.
    #[must_use]
    pub fn accepts(self, deposit: NearToken) -> bool {
        match self {
            Self::Exactly(amount) => deposit == amount,
            Self::AtLeast(least) => deposit >= least,
            Self::MultipleOf(amount) => {
                let (deposit, amount) = (deposit.as_yoctonear(), amount.as_yoctonear());
                deposit > 0 && deposit.checked_rem(amount) == Some(0)
            }
        }
    }

    /// Deposits that follow the rule, the least first.
    #[must_use]
    pub fn examples(self) -> Vec<NearToken> {
        let times = |amount: NearToken, factors: &[u128]| {
            factors.iter().map(|factor| amount.saturating_mul(*factor)).collect()
        };
        match self {
            Self::Exactly(amount) => vec![amount],
            Self::AtLeast(amount) => times(amount, &[1, 2, 10]),
            Self::MultipleOf(amount) => times(amount, &[1, 2, 3, 5, 10]),
        }
    }
}

/// What is known of a method.
#[derive(Clone, Debug)]
pub struct MethodInterface {
    /// Its exported name.
    pub name: String,
    /// What it is for.
    pub kind: MethodKind,
    /// What it reads as its input.
    pub arguments: InputType,
    /// Where the knowledge of its input comes from.
    pub evidence: Evidence,
    /// Whether a call got past reading the arguments.
    pub past_arguments: bool,
    /// Why the call that got furthest failed, if it did.
    pub failure: Option<String>,
    /// Which of the deposits that were tried it accepts; empty if every call failed.
    pub deposits: Vec<NearToken>,
    /// The rule that its deposit has to follow, if one was found.
    pub deposit_rule: Option<DepositRule>,
    /// For a hook: the accounts as which it gets further than as a user, such as the contract's token.
    pub predecessors: Vec<AccountId>,
    /// Whether it says that it accepts no deposit.
    pub refuses_deposits: bool,
    /// Whether it requires exactly one yoctoNEAR.
    pub one_yocto: bool,
}

/// A call that creates a contract's first state.
#[derive(Clone, Debug, PartialEq)]
pub struct Initializer {
    /// The method.
    pub method: String,
    /// Its JSON arguments.
    pub arguments: Value,
}

/// What is known of a contract.
#[derive(Clone, Debug)]
pub struct ContractInterface {
    /// Its methods, in alphabetical order, without those that describe the contract.
    pub methods: Vec<MethodInterface>,
    /// The call that creates its first state, if it needs one and one succeeded.
    pub initializer: Option<Initializer>,
    /// Why every call of an initializer failed: the method and its failure. Empty if one succeeded, or if
    /// no method looks like one.
    pub failed_initializers: Vec<(String, String)>,
    /// Accounts that the initializer's arguments name.
    pub accounts: BTreeSet<AccountId>,
    /// Names that members may have: words in its data and in its ABI.
    pub names: BTreeSet<String>,
    /// Words in its code that texts in arguments may be.
    pub words: BTreeSet<String>,
    /// Its own description, after NEP-330.
    pub metadata: Option<Metadata>,
    /// Accounts that its methods call, with the methods that they call there.
    pub called: BTreeMap<AccountId, BTreeSet<String>>,
}
