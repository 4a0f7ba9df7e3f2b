//! Accepts a transaction: charges the signer and sends the receipt. See `verify` for what is checked.

use near_crypto::PublicKey;
use near_primitives::errors::TxExecutionError;
use near_primitives::receipt::Receipt;
use near_primitives::transaction::{Action, ExecutionStatus};
use near_primitives::utils::create_receipt_id_from_transaction;
use near_primitives_core::hash::CryptoHash;
use near_primitives_core::types::{Nonce, NonceIndex};

use super::outcome::{Cause, Outcome};
use super::receipt_queue::{Lane, Route};
use super::verify::{Refusal, TransactionCost};
use super::world::{World, key_of};
use crate::types::{AccountId, Gas, NearToken, ReceiptName};

/// A transaction that is sent to the chain. Its signature is taken to be good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transaction {
    /// Who signs and pays.
    pub signer: AccountId,
    /// Who gets the receipt.
    pub receiver: AccountId,
    /// The key that signs; `None` for the key that an account starts with.
    pub key: Option<PublicKey>,
    /// If a gas key signs: which of its nonces is used.
    pub nonce_index: Option<NonceIndex>,
    /// Its nonce; `None` for the next one after the last that was used.
    pub nonce: Option<Nonce>,
    /// What it does.
    pub actions: Vec<Action>,
}

impl Transaction {
    /// A transaction signed with the key that the signer's account starts with.
    #[must_use]
    pub fn new(signer: AccountId, receiver: AccountId, actions: Vec<Action>) -> Self {
        Self { signer, receiver, key: None, nonce_index: None, nonce: None, actions }
    }

    pub(super) fn public_key(&self) -> PublicKey {
        self.key.clone().unwrap_or_else(|| key_of(&self.signer))
    }
}

impl World {
    /// Accepts a transaction in the current block: charges the signer and sends the receipt, whose
    /// name will be `root`. A transaction that the chain refuses costs nothing, except that a gas key
    /// pays for one whose deposit the account lacks. If a receipt has come to the signer in this block
    /// already, the next one begins: transactions come first in a block.
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
                self.burn_cost(&cost, &mut outcome);
                outcome.receipts.push(id);
                outcome.status = ExecutionStatus::SuccessReceiptId(id);
            }
            Err(Refusal { error, cost }) => {
                if let Some(cost) = cost {
                    self.burn_cost(&cost, &mut outcome);
                }
                outcome.status = ExecutionStatus::Failure(TxExecutionError::InvalidTxError(error));
            }
        }
        outcome
    }

    fn burn_cost(&mut self, cost: &TransactionCost, outcome: &mut Outcome) {
        self.supply.burn(cost.burnt_amount);
        outcome.gas_burnt = cost.burnt;
        outcome.tokens_burnt = cost.burnt_amount;
    }

    fn send_root(
        &mut self,
        transaction: &Transaction,
        id: CryptoHash,
        root: ReceiptName,
        gas_price: NearToken,
    ) {
        let signer = transaction.signer.clone();
        let receipt = Receipt::from_tx(
            id,
            signer.clone(),
            transaction.receiver.clone(),
            transaction.public_key(),
            gas_price,
            transaction.actions.clone(),
        );
        let (lane, earliest) = if transaction.signer == transaction.receiver {
            (Lane::Local, self.height)
        } else {
            (Lane::Shards, self.height + 1)
        };
        self.receipts.send(receipt, root, Route::from(signer, lane, earliest));
    }
}
