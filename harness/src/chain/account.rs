//! One account: its balance, code, keys and state.

use std::collections::BTreeMap;
use std::sync::Arc;

use near_crypto::PublicKeyHandle;
use near_primitives::account::{AccessKey, Account, AccountContract};
use near_primitives_core::hash::CryptoHash;
use near_primitives_core::types::Nonce;

use super::keys::Keys;
use super::protocol::Protocol;
use crate::types::NearToken;
use crate::vm::{ContractCode, Storage};

/// Accounts up to this size need no balance for their storage, in bytes.
const ZERO_BALANCE_BYTES: u64 = 770;

/// Everything that the chain stores under one account id.
#[derive(Clone, Debug)]
pub struct AccountRecord {
    pub(super) account: Account,
    pub(super) code: Option<Arc<ContractCode>>,
    pub(super) storage: Storage,
    pub(super) keys: Keys,
}

impl AccountRecord {
    /// An account with nothing in it yet.
    pub(super) fn empty(protocol: &Protocol) -> Self {
        let bytes = protocol.fees().storage_usage_config.num_bytes_account;
        let none = NearToken::from_yoctonear(0);
        Self {
            account: Account::new(none, none, AccountContract::None, bytes),
            code: None,
            storage: Storage::default(),
            keys: Keys::default(),
        }
    }

    /// Balance that is not locked, in yoctoNEAR.
    #[must_use]
    pub fn balance(&self) -> NearToken {
        self.account.amount()
    }

    /// Locked (staked) balance, in yoctoNEAR.
    #[must_use]
    pub fn locked(&self) -> NearToken {
        self.account.locked()
    }

    /// Bytes that the account takes up: its record, keys, code and state.
    #[must_use]
    pub fn storage_usage(&self) -> u64 {
        self.account.storage_usage()
    }

    /// Key-value state.
    #[must_use]
    pub fn storage(&self) -> &Storage {
        &self.storage
    }

    /// Access keys with their permissions. Long keys are kept as their hash, as the chain does.
    #[must_use]
    pub fn keys(&self) -> &BTreeMap<PublicKeyHandle, AccessKey> {
        self.keys.all()
    }

    /// Hash of the code that the account itself holds.
    #[must_use]
    pub fn code_hash(&self) -> Option<CryptoHash> {
        self.code.as_ref().map(|code| *code.hash())
    }

    /// Whether calls of this account run code.
    #[must_use]
    pub fn has_contract(&self) -> bool {
        self.account.contract().is_some()
    }

    /// The kind of contract that the account uses, if any, with its identifier.
    #[must_use]
    pub fn contract(&self) -> AccountContract {
        self.account.contract().into_owned()
    }

    /// What the balance lacks to pay for the storage; `None` if it is enough or the account is small.
    pub(super) fn storage_shortfall(&self, protocol: &Protocol) -> Option<NearToken> {
        let required = self.storage_stake(protocol);
        let available = self.balance().saturating_add(self.locked());
        if available >= required || self.storage_usage() <= ZERO_BALANCE_BYTES {
            return None;
        }
        Some(required.saturating_sub(available))
    }

    /// The least balance that this account must keep for the storage it uses.
    #[must_use]
    pub fn storage_stake(&self, protocol: &Protocol) -> NearToken {
        let price = protocol.config.storage_amount_per_byte();
        price.checked_mul(u128::from(self.storage_usage())).expect("storage costs less than 2^128")
    }

    pub(super) fn credit(&mut self, amount: NearToken) {
        let balance = self.balance().checked_add(amount);
        self.account.set_amount(balance.expect("there is less NEAR than 2^128 yoctoNEAR"));
    }

    pub(super) fn add_usage(&mut self, bytes: u64) {
        self.account.set_storage_usage(self.storage_usage() + bytes);
    }

    pub(super) fn remove_usage(&mut self, bytes: u64) {
        self.account.set_storage_usage(self.storage_usage().saturating_sub(bytes));
    }

    /// Bytes of `storage_usage` that are the contract's.
    pub(super) fn contract_usage(&self) -> u64 {
        match self.account.contract().as_ref() {
            AccountContract::None => 0,
            AccountContract::Local(_) => {
                self.code.as_ref().map_or(0, |code| code.code().len() as u64)
            }
            contract @ (AccountContract::Global(_) | AccountContract::GlobalByAccount(_)) => {
                contract.identifier_storage_usage()
            }
        }
    }

    pub(super) fn set_contract(&mut self, contract: AccountContract) {
        self.account
            .set_contract(contract)
            .expect("nothing is deployed before the account is initialised");
    }

    /// Whether it has its keys, code and state yet: a universal account may first have only a balance.
    #[must_use]
    pub fn is_initialized(&self) -> bool {
        self.account.is_initialized()
    }

    pub(super) fn deploy(&mut self, code: Arc<ContractCode>) {
        self.remove_usage(self.contract_usage());
        self.add_usage(code.code().len() as u64);
        self.set_contract(AccountContract::Local(*code.hash()));
        self.code = Some(code);
    }

    /// Adds a key whose nonces begin at `nonce`.
    pub(super) fn add_key(
        &mut self,
        protocol: &Protocol,
        handle: PublicKeyHandle,
        key: AccessKey,
        nonce: Nonce,
    ) {
        self.add_usage(key_usage(protocol, &handle, &key));
        self.keys.add(handle, key, nonce);
    }

    /// Removes a key that the account has.
    pub(super) fn remove_key(&mut self, protocol: &Protocol, handle: &PublicKeyHandle) {
        let Some(key) = self.keys.get(handle) else { return };
        let usage = key_usage(protocol, handle, key);
        self.remove_usage(usage);
        self.keys.remove(handle);
    }
}

/// Bytes that a key takes up in its account.
fn key_usage(protocol: &Protocol, handle: &PublicKeyHandle, key: &AccessKey) -> u64 {
    let extra = protocol.fees().storage_usage_config.num_extra_bytes_record;
    let id = handle.trie_id_len() as u64;
    let value = borsh::object_length(key).expect("a key can be serialised") as u64;
    let nonce = id + 2 + AccessKey::NONCE_VALUE_LEN as u64 + extra;
    let nonces = key.gas_key_info().map_or(0, |info| u64::from(info.num_nonces));
    id + value + extra + nonces * nonce
}
