//! Actions about access keys: add, delete, fund and withdraw from a gas key.

use near_crypto::{PublicKey, PublicKeyHandle};
use near_primitives::account::AccessKey;
use near_primitives::action::{AddKeyAction, TransferToGasKeyAction, WithdrawFromGasKeyAction};
use near_primitives::errors::ActionErrorKind;
use near_primitives_core::account::GasKeyInfo;

use super::action_result::{ActionResult, ApplyState};
use super::world::World;
use crate::types::AccountId;

impl World {
    pub(super) fn add_key(
        &self,
        receiver: &AccountId,
        action: &AddKeyAction,
        state: &mut ApplyState,
        result: &mut ActionResult,
    ) {
        let record = state.existing();
        let handle = PublicKeyHandle::from(&action.public_key);
        if record.keys.get(&handle).is_some() {
            let (account_id, public_key) = (receiver.clone(), action.public_key.clone().into());
            return result.fail(ActionErrorKind::AddKeyAlreadyExists { account_id, public_key });
        }
        let key = action.access_key.clone();
        record.add_key(&self.protocol, handle, key, self.first_nonce());
    }

    pub(super) fn delete_key(
        &self,
        receiver: &AccountId,
        public_key: &PublicKey,
        state: &mut ApplyState,
        result: &mut ActionResult,
    ) {
        let record = state.existing();
        let account_id = receiver.clone();
        let handle = PublicKeyHandle::from(public_key);
        let Some(key) = record.keys.get(&handle) else {
            let public_key = Box::new(public_key.clone());
            return result.fail(ActionErrorKind::DeleteKeyDoesNotExist { account_id, public_key });
        };
        if let Some(info) = key.gas_key_info() {
            let balance = info.balance;
            if balance > GasKeyInfo::MAX_BALANCE_TO_BURN {
                let public_key = Some(Box::new(public_key.clone()));
                let error =
                    ActionErrorKind::GasKeyBalanceTooHigh { account_id, public_key, balance };
                return result.fail(error);
            }
            result.tokens_burnt = balance;
        }
        record.remove_key(&self.protocol, &handle);
    }
}

pub(super) fn transfer_to_gas_key(
    receiver: &AccountId,
    action: &TransferToGasKeyAction,
    state: &mut ApplyState,
    result: &mut ActionResult,
) {
    let Some(info) = gas_key(&action.public_key, state) else {
        return result.fail(no_gas_key(receiver, &action.public_key));
    };
    info.balance = info.balance.saturating_add(action.deposit);
}

pub(super) fn withdraw_from_gas_key(
    receiver: &AccountId,
    action: &WithdrawFromGasKeyAction,
    state: &mut ApplyState,
    result: &mut ActionResult,
) {
    let Some(info) = gas_key(&action.public_key, state) else {
        return result.fail(no_gas_key(receiver, &action.public_key));
    };
    let Some(left) = info.balance.checked_sub(action.amount) else {
        return result.fail(ActionErrorKind::InsufficientGasKeyBalance {
            account_id: receiver.clone(),
            public_key: Box::new(action.public_key.clone()),
            balance: info.balance,
            required: action.amount,
        });
    };
    info.balance = left;
    state.existing().credit(action.amount);
}

fn gas_key<'a>(public_key: &PublicKey, state: &'a mut ApplyState) -> Option<&'a mut GasKeyInfo> {
    let key = state.existing().keys.get_mut(&PublicKeyHandle::from(public_key))?;
    AccessKey::gas_key_info_mut(key)
}

fn no_gas_key(receiver: &AccountId, public_key: &PublicKey) -> ActionErrorKind {
    let (account_id, public_key) = (receiver.clone(), Box::new(public_key.clone()));
    ActionErrorKind::GasKeyDoesNotExist { account_id, public_key }
}
