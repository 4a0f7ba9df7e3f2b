//! Access keys: added and deleted by actions.
//!
//! Never checks a signature.

use near_crypto::{PublicKey, PublicKeyHandle};
use near_primitives::action::AddKeyAction;
use near_primitives::errors::ActionErrorKind;
use near_primitives_core::account::GasKeyInfo;

use super::account::key_usage;
use super::action::existing;
use super::apply::{Tally, Work};
use super::world::World;
use crate::types::AccountId;

impl World {
    pub(super) fn add_key(
        &self,
        receiver: &AccountId,
        action: &AddKeyAction,
        work: &mut Work,
        tally: &mut Tally,
    ) {
        let record = existing(work);
        let handle = PublicKeyHandle::from(&action.public_key);
        if record.keys.contains_key(&handle) {
            let (account_id, public_key) = (receiver.clone(), action.public_key.clone().into());
            return tally.fail(ActionErrorKind::AddKeyAlreadyExists { account_id, public_key });
        }
        let mut key = action.access_key.clone();
        // The chain chooses the nonce. A gas key keeps its nonces apart.
        let is_gas_key = key.gas_key_info().is_some();
        key.nonce = if is_gas_key { 0 } else { self.first_nonce() };
        record.add_usage(key_usage(&self.protocol, &handle, &key));
        record.keys_mut().insert(handle, key);
    }

    pub(super) fn delete_key(
        &self,
        receiver: &AccountId,
        public_key: &PublicKey,
        work: &mut Work,
        tally: &mut Tally,
    ) {
        let record = existing(work);
        let account_id = receiver.clone();
        let handle = PublicKeyHandle::from(public_key);
        let Some(key) = record.keys.get(&handle).cloned() else {
            let public_key = Box::new(public_key.clone());
            return tally.fail(ActionErrorKind::DeleteKeyDoesNotExist { account_id, public_key });
        };
        if let Some(info) = key.gas_key_info() {
            let balance = info.balance;
            if balance > GasKeyInfo::MAX_BALANCE_TO_BURN {
                let public_key = Some(Box::new(public_key.clone()));
                let error =
                    ActionErrorKind::GasKeyBalanceTooHigh { account_id, public_key, balance };
                return tally.fail(error);
            }
            tally.tokens_burnt = balance;
        }
        record.keys_mut().remove(&handle);
        record.remove_usage(key_usage(&self.protocol, &handle, &key));
    }
}
