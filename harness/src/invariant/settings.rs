//! What a target says about invariants: what they ignore, what it allows, and conditions of its own.

use std::collections::BTreeMap;

use super::Violation;
use super::declared::Declaration;
use crate::types::AccountId;

/// What a target says about the invariants.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Prefixes of state keys that an invariant does not look at, by its name and the account.
    pub ignored_keys: BTreeMap<(String, AccountId), Vec<Vec<u8>>>,
    /// What the target declares holds.
    pub declarations: Vec<Declaration>,
    /// Views of contracts under test that must not fail.
    pub checks: Vec<(AccountId, String)>,
    /// What the target allows.
    pub allowances: Vec<Allowance>,
}

/// Something that breaks an invariant and is meant to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allowance {
    /// The invariant's name.
    pub invariant: String,
    /// Only where this method is at the root of it; any where not said.
    pub method: Option<String>,
    /// Why.
    pub reason: String,
}

impl Settings {
    /// Whether the invariant of this name does not look at this key of the account's state.
    #[must_use]
    pub fn ignores(&self, invariant: &str, account: &AccountId, key: &[u8]) -> bool {
        let prefixes = self.ignored_keys.get(&(invariant.to_owned(), account.clone()));
        prefixes.is_some_and(|prefixes| prefixes.iter().any(|prefix| key.starts_with(prefix)))
    }

    /// Whether the world is looked at after every receipt.
    #[must_use]
    pub fn watches(&self) -> bool {
        self.declarations.iter().any(|declaration| declaration.always)
    }
}

impl Allowance {
    /// Whether it allows this.
    #[must_use]
    pub fn covers(&self, violation: &Violation) -> bool {
        self.invariant == violation.invariant
            && self.method.as_ref().is_none_or(|method| *method == violation.method)
    }
}
