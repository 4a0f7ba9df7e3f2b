//! The keys of one account, with their nonces.

use std::collections::BTreeMap;
use std::sync::Arc;

use near_crypto::PublicKeyHandle;
use near_primitives::account::AccessKey;
use near_primitives_core::types::{Nonce, NonceIndex};

/// The nonces that are valid in a block are below its height times this. A key that is added in a block
/// begins where that range does, so that transactions of a deleted key cannot be replayed.
pub(super) const NONCE_RANGE: u64 = AccessKey::ACCESS_KEY_NONCE_RANGE_MULTIPLIER;

/// Access keys, and the nonces of those that are gas keys. Cloning is cheap.
#[derive(Clone, Debug, Default)]
pub(super) struct Keys(Arc<Entries>);

#[derive(Clone, Debug, Default)]
struct Entries {
    keys: BTreeMap<PublicKeyHandle, AccessKey>,
    gas_key_nonces: BTreeMap<PublicKeyHandle, Vec<Nonce>>,
}

impl Keys {
    pub(super) fn all(&self) -> &BTreeMap<PublicKeyHandle, AccessKey> {
        &self.0.keys
    }

    pub(super) fn get(&self, handle: &PublicKeyHandle) -> Option<&AccessKey> {
        self.0.keys.get(handle)
    }

    pub(super) fn get_mut(&mut self, handle: &PublicKeyHandle) -> Option<&mut AccessKey> {
        Arc::make_mut(&mut self.0).keys.get_mut(handle)
    }

    /// Adds a key whose nonces begin at `nonce`. A gas key has several, apart from its own, which is 0.
    pub(super) fn add(&mut self, handle: PublicKeyHandle, mut key: AccessKey, nonce: Nonce) {
        let entries = Arc::make_mut(&mut self.0);
        key.nonce = nonce;
        if let Some(info) = key.gas_key_info() {
            let nonces = vec![nonce; usize::from(info.num_nonces)];
            entries.gas_key_nonces.insert(handle.clone(), nonces);
            key.nonce = 0;
        }
        entries.keys.insert(handle, key);
    }

    pub(super) fn remove(&mut self, handle: &PublicKeyHandle) {
        let entries = Arc::make_mut(&mut self.0);
        entries.keys.remove(handle);
        entries.gas_key_nonces.remove(handle);
    }

    /// One nonce of a gas key.
    pub(super) fn gas_key_nonce(
        &self,
        handle: &PublicKeyHandle,
        index: NonceIndex,
    ) -> Option<Nonce> {
        self.0.gas_key_nonces.get(handle)?.get(usize::from(index)).copied()
    }

    /// Takes `nonce` as used, of the key itself or of one of a gas key's.
    pub(super) fn use_nonce(
        &mut self,
        handle: &PublicKeyHandle,
        index: Option<NonceIndex>,
        nonce: Nonce,
    ) {
        let entries = Arc::make_mut(&mut self.0);
        let used = match index {
            None => entries.keys.get_mut(handle).map(|key| &mut key.nonce),
            Some(index) => entries
                .gas_key_nonces
                .get_mut(handle)
                .and_then(|nonces| nonces.get_mut(usize::from(index))),
        };
        *used.expect("the key was found when it was verified") = nonce;
    }
}
