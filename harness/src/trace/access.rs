//! Which keys of an account's state a receipt read and wrote, and which of them it changed.
//!
//! The only place that compares two states of an account.

use std::collections::BTreeSet;

use near_primitives::transaction::Action;

use super::Event;
use crate::chain::{AccountRecord, Cause, World, action_receipt};
use crate::types::{AccountId, NearToken};

/// A key whose value differs between two states of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyChange<'a> {
    /// The key.
    pub key: &'a [u8],
    /// Its value before; none if there was no such key.
    pub before: Option<&'a [u8]>,
    /// Its value afterwards; none if there is no such key any more.
    pub after: Option<&'a [u8]>,
}

/// A key of its executor's state that a receipt touched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyAccess<'a> {
    /// The key.
    pub key: &'a [u8],
    /// Whether the receipt left another value than it found. A write of the same value changes nothing, and
    /// neither does anything that a receipt wrote before it failed.
    pub changed: bool,
}

/// The keys whose values differ between two states of an account, in the order of the keys. An account that
/// does not exist has no keys.
#[must_use]
pub fn key_changes<'a>(
    before: Option<&'a AccountRecord>,
    after: Option<&'a AccountRecord>,
) -> Vec<KeyChange<'a>> {
    let keys: BTreeSet<&[u8]> = keys(before).chain(keys(after)).collect();
    let change = |key| KeyChange { key, before: value(before, key), after: value(after, key) };
    keys.into_iter().map(change).filter(|change| change.before != change.after).collect()
}

/// Whether an account has the same state in both worlds, or exists in neither. Balance, code and access keys
/// do not count.
#[must_use]
pub fn same_state(one: &World, other: &World, account: &AccountId) -> bool {
    let state = |world| World::account(world, account).map(AccountRecord::storage);
    state(one) == state(other)
}

/// The value under a key of an account's state.
#[must_use]
pub fn state_value<'a>(world: &'a World, account: &AccountId, key: &[u8]) -> Option<&'a [u8]> {
    value(world.account(account), key)
}

impl Event {
    /// Whether it failed.
    #[must_use]
    pub fn failed(&self) -> bool {
        self.outcome.failed()
    }

    /// Whether a fault that was injected made it fail, or changed what it did.
    #[must_use]
    pub fn is_forced(&self) -> bool {
        matches!(self.outcome.cause, Cause::Receipt { forced: true, .. })
    }

    /// Whether the executor's state is different afterwards.
    #[must_use]
    pub fn changed_state(&self) -> bool {
        let state = |record: &Option<_>| {
            record.as_ref().map(|record: &std::sync::Arc<AccountRecord>| record.storage().clone())
        };
        state(&self.before) != state(&self.after)
    }

    /// The keys of the executor's state that have another value afterwards.
    pub fn changed_keys(&self) -> impl Iterator<Item = &[u8]> {
        let changes = key_changes(self.before.as_deref(), self.after.as_deref());
        changes.into_iter().map(|change| change.key)
    }

    /// The keys of the executor's state that its contract touched, in the order in which it did. A key that
    /// it touched twice comes twice.
    pub fn accesses(&self) -> impl Iterator<Item = KeyAccess<'_>> {
        self.outcome.touched.iter().map(|touch| {
            let key = &*touch.key;
            let (before, after) = (self.before.as_deref(), self.after.as_deref());
            let changed = touch.write && !self.failed() && value(before, key) != value(after, key);
            KeyAccess { key, changed }
        })
    }

    /// The deposit that its actions carry, in all.
    #[must_use]
    pub fn deposit(&self) -> NearToken {
        let action = self.outcome.receipt().and_then(action_receipt);
        let deposits = action.iter().flat_map(|action| action.actions());
        let deposits = deposits.map(Action::get_deposit_balance);
        deposits.fold(NearToken::from_yoctonear(0), NearToken::saturating_add)
    }
}

fn keys(record: Option<&AccountRecord>) -> impl Iterator<Item = &[u8]> {
    let entries = record.into_iter().flat_map(|record| record.storage().iter());
    entries.map(|(key, _)| key)
}

fn value<'a>(record: Option<&'a AccountRecord>, key: &[u8]) -> Option<&'a [u8]> {
    record?.storage().get(key).map(|value| &**value)
}
