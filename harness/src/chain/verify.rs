//! Verifies a transaction against the signer's account and key, and charges them.

use near_crypto::PublicKeyHandle;
use near_primitives::account::{AccessKey, FunctionCallPermission};
use near_primitives::errors::{DepositCostFailureReason, InvalidAccessKeyError, InvalidTxError};
use near_primitives::transaction::Action;
use near_primitives::version::ProtocolFeature;
use near_primitives_core::types::{Nonce, NonceIndex};

use super::account::AccountRecord;
use super::keys::NONCE_RANGE;
use super::protocol::cost;
use super::transaction::Transaction;
use super::world::World;
use super::{fees, validate};
use crate::types::{Gas, NearToken};

/// What a transaction costs its signer.
pub(super) struct TransactionCost {
    /// Gas burnt at once, to send the receipt.
    pub(super) burnt: Gas,
    /// What that gas costs.
    pub(super) burnt_amount: NearToken,
    /// The price at which the rest of the gas is bought.
    pub(super) purchase_price: NearToken,
    /// All gas, burnt and bought.
    gas: NearToken,
    /// All deposits.
    deposit: NearToken,
}

/// Why a transaction is refused.
pub(super) struct Refusal {
    pub(super) error: InvalidTxError,
    /// What is burnt all the same: a gas key pays to send a receipt whose deposit the account lacks.
    pub(super) cost: Option<Box<TransactionCost>>,
}

impl From<InvalidTxError> for Refusal {
    fn from(error: InvalidTxError) -> Self {
        Self { error, cost: None }
    }
}

impl From<InvalidAccessKeyError> for Refusal {
    fn from(error: InvalidAccessKeyError) -> Self {
        InvalidTxError::InvalidAccessKeyError(error).into()
    }
}

impl World {
    /// Charges the signer, whose account stays as it is if the transaction is refused.
    pub(super) fn charge(&mut self, transaction: &Transaction) -> Result<TransactionCost, Refusal> {
        validate::actions(&self.protocol, &transaction.receiver, &transaction.actions)
            .map_err(InvalidTxError::ActionsValidation)?;
        if transaction.nonce_index.is_some() && !self.protocol.has(ProtocolFeature::GasKeys) {
            return Err(InvalidTxError::InvalidTransactionVersion.into());
        }
        let cost = self.cost(transaction).ok_or(InvalidTxError::CostOverflow)?;
        let signer_id = &transaction.signer;
        let Some(record) = self.accounts.get(signer_id) else {
            let signer_id = signer_id.to_string();
            return Err(InvalidTxError::InvalidSignerId { signer_id }.into());
        };
        let mut record = AccountRecord::clone(record);
        let public_key = transaction.public_key();
        let handle = PublicKeyHandle::from(&public_key);
        let Some(key) = record.keys.get(&handle) else {
            let (account_id, public_key) = (signer_id.clone(), Box::new(public_key));
            return Err(InvalidAccessKeyError::AccessKeyNotFound { account_id, public_key }.into());
        };
        let nonce = self.nonce(transaction, &record, &handle, key)?;
        record.keys.use_nonce(&handle, transaction.nonce_index, nonce);
        let paid = match transaction.nonce_index {
            Some(_) => self.pay_with_gas_key(transaction, &mut record, &handle, cost),
            None => self.pay(transaction, &mut record, &handle, cost),
        };
        if paid.as_ref().map_or_else(|refusal| refusal.cost.is_some(), |_| true) {
            self.accounts.insert_mut(signer_id.clone(), record.into());
        }
        paid
    }

    fn cost(&self, transaction: &Transaction) -> Option<TransactionCost> {
        let Transaction { signer, receiver, actions, .. } = transaction;
        let send = fees::send_fee(&self.protocol, signer, receiver, actions);
        let signatures = fees::signature_fee(&self.protocol, &transaction.public_key(), actions);
        let burnt = send.checked_add(signatures)?;
        let bought = fees::bought_gas(&self.protocol, receiver, actions)?;
        let deposit = fees::total_deposit(actions)?;
        let purchase_price = self.protocol.purchase_price();
        let burnt_amount = cost(self.protocol.gas_price, burnt);
        let gas = burnt_amount.checked_add(cost(purchase_price, bought))?;
        gas.checked_add(deposit)?;
        Some(TransactionCost { burnt, burnt_amount, purchase_price, gas, deposit })
    }

    /// The transaction's nonce, if it is a valid one.
    fn nonce(
        &self,
        transaction: &Transaction,
        record: &AccountRecord,
        handle: &PublicKeyHandle,
        key: &AccessKey,
    ) -> Result<Nonce, InvalidTxError> {
        let ak_nonce = current_nonce(record, handle, key, transaction.nonce_index)?;
        let Some(tx_nonce) = transaction.nonce else { return Ok(ak_nonce + 1) };
        if tx_nonce <= ak_nonce {
            return Err(InvalidTxError::InvalidNonce { tx_nonce, ak_nonce });
        }
        let upper_bound = self.height.saturating_mul(NONCE_RANGE);
        if tx_nonce >= upper_bound {
            return Err(InvalidTxError::NonceTooLarge { tx_nonce, upper_bound });
        }
        Ok(tx_nonce)
    }

    /// The account pays for everything, and a key with an allowance out of that as well.
    fn pay(
        &self,
        transaction: &Transaction,
        record: &mut AccountRecord,
        handle: &PublicKeyHandle,
        cost: TransactionCost,
    ) -> Result<TransactionCost, Refusal> {
        let signer_id = transaction.signer.clone();
        let total = cost.gas.saturating_add(cost.deposit);
        let balance = record.balance();
        let Some(left) = balance.checked_sub(total) else {
            let error = InvalidTxError::NotEnoughBalance { signer_id, balance, cost: total };
            return Err(error.into());
        };
        record.account.set_amount(left);
        let key = record.keys.get_mut(handle).expect("it was found when its nonce was");
        let permission = key.permission.function_call_permission_mut();
        let permission = match permission {
            Some(permission) => {
                spend_allowance(permission, transaction, total)?;
                Some(permission.clone())
            }
            None => None,
        };
        if let Some(amount) = record.storage_shortfall(&self.protocol) {
            return Err(InvalidTxError::LackBalanceForState { signer_id, amount }.into());
        }
        if let Some(permission) = permission {
            may_call(&permission, transaction)?;
        }
        Ok(cost)
    }

    /// The gas key pays for gas, the account for deposits.
    fn pay_with_gas_key(
        &self,
        transaction: &Transaction,
        record: &mut AccountRecord,
        handle: &PublicKeyHandle,
        cost: TransactionCost,
    ) -> Result<TransactionCost, Refusal> {
        let signer_id = transaction.signer.clone();
        let key = record.keys.get_mut(handle).expect("it was found when its nonce was");
        let info = key.gas_key_info_mut().expect("only gas keys have nonces with an index");
        let before = info.balance;
        let Some(left) = before.checked_sub(cost.gas) else {
            let (balance, cost) = (before, cost.gas);
            return Err(InvalidTxError::NotEnoughGasKeyBalance { signer_id, balance, cost }.into());
        };
        info.balance = left;
        if let Some(permission) = key.permission.function_call_permission() {
            may_call(permission, transaction)?;
        }
        let whole = record.balance();
        let Some(reduced) = whole.checked_sub(cost.deposit) else {
            let reason = DepositCostFailureReason::NotEnoughBalance;
            let lacking = (whole, cost.deposit, reason);
            return Err(lacks_deposit(transaction, record, handle, (before, cost), lacking));
        };
        record.account.set_amount(reduced);
        if let Some(amount) = record.storage_shortfall(&self.protocol) {
            record.account.set_amount(whole);
            let lacking = (reduced, amount, DepositCostFailureReason::LackBalanceForState);
            return Err(lacks_deposit(transaction, record, handle, (before, cost), lacking));
        }
        Ok(cost)
    }
}

/// The nonce that was last used, of the key or of one of a gas key's.
fn current_nonce(
    record: &AccountRecord,
    handle: &PublicKeyHandle,
    key: &AccessKey,
    index: Option<NonceIndex>,
) -> Result<Nonce, InvalidTxError> {
    let info = key.gas_key_info();
    let num_nonces = info.map_or(0, |info| info.num_nonces);
    let nonce = match index {
        None if info.is_some() => None,
        None => Some(key.nonce),
        Some(index) => record.keys.gas_key_nonce(handle, index),
    };
    nonce.ok_or(InvalidTxError::InvalidNonceIndex { tx_nonce_index: index, num_nonces })
}

/// Takes the cost out of the key's allowance, if it has one.
fn spend_allowance(
    permission: &mut FunctionCallPermission,
    transaction: &Transaction,
    cost: NearToken,
) -> Result<(), InvalidAccessKeyError> {
    let Some(allowance) = permission.allowance else { return Ok(()) };
    let Some(left) = allowance.checked_sub(cost) else {
        let account_id = transaction.signer.clone();
        let public_key = Box::new(transaction.public_key());
        return Err(InvalidAccessKeyError::NotEnoughAllowance {
            account_id,
            public_key,
            allowance,
            cost,
        });
    };
    permission.allowance = Some(left);
    Ok(())
}

/// A key for function calls signs one call of a named contract, without a deposit.
fn may_call(
    permission: &FunctionCallPermission,
    transaction: &Transaction,
) -> Result<(), InvalidAccessKeyError> {
    let [Action::FunctionCall(call)] = &transaction.actions[..] else {
        return Err(InvalidAccessKeyError::RequiresFullAccess);
    };
    if !call.deposit.is_zero() {
        return Err(InvalidAccessKeyError::DepositWithFunctionCall);
    }
    if transaction.receiver.as_str() != permission.receiver_id {
        return Err(InvalidAccessKeyError::ReceiverMismatch {
            tx_receiver: transaction.receiver.clone(),
            ak_receiver: permission.receiver_id.clone(),
        });
    }
    let names = &permission.method_names;
    if !names.is_empty() && !names.contains(&call.method_name) {
        let method_name = call.method_name.clone();
        return Err(InvalidAccessKeyError::MethodNameMismatch { method_name });
    }
    Ok(())
}

/// Refuses a transaction whose deposit the account lacks. The gas key pays what is burnt to send it.
fn lacks_deposit(
    transaction: &Transaction,
    record: &mut AccountRecord,
    handle: &PublicKeyHandle,
    (before, cost): (NearToken, TransactionCost),
    (balance, lacking, reason): (NearToken, NearToken, DepositCostFailureReason),
) -> Refusal {
    let key = record.keys.get_mut(handle).expect("it has just paid");
    let info = key.gas_key_info_mut().expect("it has just paid");
    info.balance = before.saturating_sub(cost.burnt_amount);
    let error = InvalidTxError::NotEnoughBalanceForDeposit {
        signer_id: transaction.signer.clone(),
        balance,
        cost: lacking,
        reason,
    };
    Refusal { error, cost: Some(Box::new(cost)) }
}
