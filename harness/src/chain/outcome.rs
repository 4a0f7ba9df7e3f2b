//! The outcome of a transaction or a receipt, in the chain's own terms.

use std::sync::Arc;

use near_primitives::receipt::Receipt;
use near_primitives::transaction::ExecutionStatus;
use near_primitives_core::hash::CryptoHash;

use crate::types::{AccountId, BlockHeight, Gas, NearToken, ReceiptName};
use crate::vm::Touch;

/// What an outcome is the outcome of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// A transaction that became (or failed to become) a receipt.
    Transaction,
    /// A receipt that ran, with the results that it saw: `None` for a failed one.
    Receipt {
        /// The receipt.
        receipt: Arc<Receipt>,
        /// The results of what it waited for, in order.
        results: Vec<Option<Arc<[u8]>>>,
        /// Whether the adversary made it fail.
        forced: bool,
    },
}

/// The outcome of a transaction or a receipt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The receipt's name, or that of the receipt which the transaction became.
    pub name: ReceiptName,
    /// Hash of the transaction, or id of the receipt.
    pub id: CryptoHash,
    /// What this is the outcome of.
    pub cause: Cause,
    /// The account that ran it.
    pub executor: AccountId,
    /// The block in which it ran.
    pub block: BlockHeight,
    /// Success with a value or another receipt's id, or the failure.
    pub status: ExecutionStatus,
    /// What contracts logged.
    pub logs: Vec<String>,
    /// Gas burnt. Refunds report it too, but pay nothing.
    pub gas_burnt: Gas,
    /// NEAR burnt, in yoctoNEAR, before any reward to the contract.
    pub tokens_burnt: NearToken,
    /// Receipts that it made, data receipts left out.
    pub receipts: Vec<CryptoHash>,
    /// Keys of the executor's state that its contract looked at or changed, in order.
    pub touched: Vec<Touch>,
}

impl Outcome {
    /// Whether it failed.
    #[must_use]
    pub fn failed(&self) -> bool {
        matches!(self.status, ExecutionStatus::Failure(_))
    }

    /// The receipt that ran; `None` for a transaction.
    #[must_use]
    pub fn receipt(&self) -> Option<&Receipt> {
        match &self.cause {
            Cause::Transaction => None,
            Cause::Receipt { receipt, .. } => Some(receipt),
        }
    }
}
