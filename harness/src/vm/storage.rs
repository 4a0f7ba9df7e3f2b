//! An account's key-value state and its pending yields, as values that are cheap to clone.

use std::sync::Arc;

use near_primitives_core::hash::{CryptoHash, YieldId};
use rpds::RedBlackTreeMapSync;

/// Key-value state of one account: ordered, persistent, cloned in constant time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Storage(RedBlackTreeMapSync<Arc<[u8]>, Arc<[u8]>>);

impl Storage {
    /// The value under `key`.
    #[must_use]
    pub fn get(&self, key: &[u8]) -> Option<&Arc<[u8]>> {
        self.0.get(key)
    }

    /// Whether there is a value under `key`.
    #[must_use]
    pub fn contains(&self, key: &[u8]) -> bool {
        self.0.contains_key(key)
    }

    /// Writes `value` under `key`. Returns the previous value.
    pub fn insert(&mut self, key: &[u8], value: &[u8]) -> Option<Arc<[u8]>> {
        let previous = self.0.get(key).cloned();
        self.0.insert_mut(key.into(), value.into());
        previous
    }

    /// Removes the value under `key` and returns it.
    pub fn remove(&mut self, key: &[u8]) -> Option<Arc<[u8]>> {
        let previous = self.0.get(key).cloned()?;
        self.0.remove_mut(key);
        Some(previous)
    }

    /// All keys with their values, in the order of the keys.
    pub fn iter(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        self.0.iter().map(|(key, value)| (&**key, &**value))
    }

    /// How many keys there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.size()
    }

    /// Whether it is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The state of a yield.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum YieldStatus {
    /// Created and waiting.
    Yielded,
    /// A resume has been sent: a time-out no longer counts.
    ResumeInitiated,
}

/// The pending yields of one account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Yields {
    status: RedBlackTreeMapSync<CryptoHash, YieldStatus>,
    by_user_id: RedBlackTreeMapSync<CryptoHash, CryptoHash>,
}

impl Yields {
    /// The status of the yield that waits for `data_id`.
    #[must_use]
    pub fn status(&self, data_id: &CryptoHash) -> Option<YieldStatus> {
        self.status.get(data_id).copied()
    }

    /// The data id of the pending yield that the contract named `id`.
    #[must_use]
    pub fn data_id(&self, id: &YieldId) -> Option<CryptoHash> {
        self.by_user_id.get(&id.0).copied()
    }

    pub(super) fn create(&mut self, data_id: CryptoHash, id: Option<YieldId>) {
        self.status.insert_mut(data_id, YieldStatus::Yielded);
        if let Some(id) = id {
            self.by_user_id.insert_mut(id.0, data_id);
        }
    }

    pub(super) fn resume(&mut self, data_id: CryptoHash) {
        self.status.insert_mut(data_id, YieldStatus::ResumeInitiated);
    }

    /// Removes a yield whose callback is about to run.
    pub fn remove(&mut self, data_id: &CryptoHash) {
        self.status.remove_mut(data_id);
        let name = self.by_user_id.iter().find(|(_, id)| *id == data_id).map(|(name, _)| *name);
        if let Some(name) = name {
            self.by_user_id.remove_mut(&name);
        }
    }
}
