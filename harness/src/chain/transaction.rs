//! Turns a transaction into a receipt: what it costs, who pays, which keys may sign it.
//!
//! Never runs the receipt. Signatures and nonces are left out: whoever a case names has signed.

use near_crypto::{PublicKey, PublicKeyHandle};
use near_primitives::account::{AccessKeyPermission, FunctionCallPermission};
use near_primitives::errors::{InvalidAccessKeyError, InvalidTxError, TxExecutionError};
use near_primitives::receipt::Receipt;
use near_primitives::transaction::{Action, ExecutionStatus};
use near_primitives::utils::create_receipt_id_from_transaction;
use near_primitives_core::hash::CryptoHash;

use super::account::AccountRecord;
use super::apply::lacking_stake;
use super::flight::{Lane, Route};
use super::outcome::{Cause, Outcome};
use super::protocol::cost;
use super::world::{World, key_of};
use super::{fees, validate};
use crate::types::{AccountId, Gas, NearToken, ReceiptName};

/// A transaction that somebody sends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transaction {
    /// Who signs and pays.
    pub signer: AccountId,
    /// Who gets the receipt.
    pub receiver: AccountId,
    /// The key that signs; the signer's first key where `None`.
    pub key: Option<PublicKey>,
    /// What it does.
    pub actions: Vec<Action>,
}

/// What a transaction costs its signer.
struct Cost {
    /// Gas burnt at once, to send the receipt.
    burnt: Gas,
    /// What that gas costs.
    burnt_amount: NearToken,
    /// The price at which the rest of the gas is bought.
    purchase_price: NearToken,
    /// All of it: gas burnt, gas bought, deposits.
    total: NearToken,
}

impl World {
    /// Accepts a transaction in the current block: charges the signer and sends the receipt, whose
    /// name will be `root`. A transaction that the chain refuses costs nothing. Where something has
    /// come to the signer in this block already, the next one begins: transactions come first in a block.
    pub fn submit(&mut self, transaction: &Transaction, root: ReceiptName) -> Outcome {
        if self.turns.contains_key(&transaction.signer) {
            self.next_block();
        }
        let hash = CryptoHash::hash_bytes(format!("transaction {root}").as_bytes());
        let mut outcome = Outcome {
            name: root.clone(),
            id: hash,
            cause: Cause::Transaction,
            executor: transaction.signer.clone(),
            block: self.height,
            status: ExecutionStatus::Unknown,
            logs: Vec::new(),
            gas_burnt: Gas::ZERO,
            tokens_burnt: NearToken::from_yoctonear(0),
            receipts: Vec::new(),
            touched: Vec::new(),
        };
        match self.charge(transaction) {
            Ok(cost) => {
                let id = create_receipt_id_from_transaction(&hash, self.height);
                self.send_root(transaction, id, root, cost.purchase_price);
                self.money.burn(cost.burnt_amount);
                outcome.gas_burnt = cost.burnt;
                outcome.tokens_burnt = cost.burnt_amount;
                outcome.receipts.push(id);
                outcome.status = ExecutionStatus::SuccessReceiptId(id);
            }
            Err(error) => {
                outcome.status = ExecutionStatus::Failure(TxExecutionError::InvalidTxError(error));
            }
        }
        outcome
    }

    fn send_root(
        &mut self,
        transaction: &Transaction,
        id: CryptoHash,
        root: ReceiptName,
        gas_price: NearToken,
    ) {
        let signer = transaction.signer.clone();
        let key = transaction.key.clone().unwrap_or_else(|| key_of(&signer));
        let receipt = Receipt::from_tx(
            id,
            signer.clone(),
            transaction.receiver.clone(),
            key,
            gas_price,
            transaction.actions.clone(),
        );
        let (lane, earliest) = if transaction.signer == transaction.receiver {
            (Lane::Local, self.height)
        } else {
            (Lane::Shards, self.height + 1)
        };
        self.flight.send(receipt, root, Route { origin: signer, lane, earliest });
    }

    fn charge(&mut self, transaction: &Transaction) -> Result<Cost, InvalidTxError> {
        validate::actions(&self.protocol, &transaction.receiver, &transaction.actions)
            .map_err(InvalidTxError::ActionsValidation)?;
        let cost = self.cost(transaction)?;
        let signer = &transaction.signer;
        let Some(record) = self.accounts.get(signer) else {
            return Err(InvalidTxError::SignerDoesNotExist { signer_id: signer.clone() });
        };
        let mut record = AccountRecord::clone(record);
        let Some(left) = record.balance().checked_sub(cost.total) else {
            let (signer_id, balance) = (signer.clone(), record.balance());
            return Err(InvalidTxError::NotEnoughBalance { signer_id, balance, cost: cost.total });
        };
        record.account.set_amount(left);
        spend_allowance(&mut record, transaction, cost.total)?;
        if let Some(amount) = lacking_stake(&self.protocol, &record) {
            let signer_id = signer.clone();
            return Err(InvalidTxError::LackBalanceForState { signer_id, amount });
        }
        self.accounts.insert_mut(signer.clone(), record.into());
        Ok(cost)
    }

    fn cost(&self, transaction: &Transaction) -> Result<Cost, InvalidTxError> {
        let Transaction { signer, receiver, actions, .. } = transaction;
        let overflow = || InvalidTxError::CostOverflow;
        let burnt = fees::send_fee(&self.protocol, signer, receiver, actions);
        let execution = fees::execution_fee(&self.protocol, receiver, actions);
        let prepaid = fees::prepaid_gas(actions).ok_or_else(overflow)?;
        let bought = execution.checked_add(prepaid).ok_or_else(overflow)?;
        let deposit = fees::total_deposit(actions).ok_or_else(overflow)?;
        let purchase_price = self.protocol.purchase_price();
        let burnt_amount = cost(self.protocol.gas_price, burnt);
        let total = burnt_amount
            .checked_add(cost(purchase_price, bought))
            .and_then(|gas| gas.checked_add(deposit))
            .ok_or_else(overflow)?;
        Ok(Cost { burnt, burnt_amount, purchase_price, total })
    }
}

/// Checks that the key may sign this, and takes the cost out of its allowance.
fn spend_allowance(
    record: &mut AccountRecord,
    transaction: &Transaction,
    total: NearToken,
) -> Result<(), InvalidTxError> {
    let account_id = transaction.signer.clone();
    let public_key = transaction.key.clone().unwrap_or_else(|| key_of(&account_id));
    let Some(key) = record.keys_mut().get_mut(&PublicKeyHandle::from(&public_key)) else {
        let public_key = Box::new(public_key);
        let error = InvalidAccessKeyError::AccessKeyNotFound { account_id, public_key };
        return Err(error.into());
    };
    let AccessKeyPermission::FunctionCall(permission) = &mut key.permission else {
        return Ok(());
    };
    if let Some(allowance) = permission.allowance {
        let Some(left) = allowance.checked_sub(total) else {
            return Err(InvalidAccessKeyError::NotEnoughAllowance {
                account_id,
                public_key: Box::new(public_key),
                allowance,
                cost: total,
            }
            .into());
        };
        permission.allowance = Some(left);
    }
    may_call(permission, transaction).map_err(Into::into)
}

/// A function-call key signs one call of a named contract, without a deposit.
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
