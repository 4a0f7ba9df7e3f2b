//! What applying a receipt works on: the receipt, its receiver's account, and the result so far. The
//! names are those of nearcore's runtime.

use std::sync::Arc;

use near_primitives::errors::ActionError;
use near_primitives::receipt::{Receipt, VersionedActionReceipt};

use super::account::AccountRecord;
use super::fault::InjectedFault;
use super::global_contracts::GlobalContracts;
use crate::types::{AccountId, Gas, NearToken};
use crate::vm::{ReturnData, Touch, Yields};

/// What one action did, or all actions of a receipt so far.
pub(super) struct ActionResult {
    pub(super) result: Result<ReturnData, ActionError>,
    pub(super) gas_burnt: Gas,
    pub(super) gas_used: Gas,
    /// The part of `gas_burnt` that contracts burnt. Versions before 87 pay them a share of it.
    pub(super) contract_gas: Gas,
    pub(super) logs: Vec<String>,
    pub(super) receipts: Vec<Receipt>,
    /// Burnt on top of gas.
    pub(super) tokens_burnt: NearToken,
    pub(super) subsidized: NearToken,
    pub(super) touched: Vec<Touch>,
}

impl ActionResult {
    /// A result that has burnt `gas` so far and done nothing else.
    pub(super) fn new(gas: Gas) -> Self {
        Self {
            result: Ok(ReturnData::None),
            gas_burnt: gas,
            gas_used: gas,
            contract_gas: Gas::ZERO,
            logs: Vec::new(),
            receipts: Vec::new(),
            tokens_burnt: NearToken::from_yoctonear(0),
            subsidized: NearToken::from_yoctonear(0),
            touched: Vec::new(),
        }
    }

    pub(super) fn fail(&mut self, error: impl Into<ActionError>) {
        self.result = Err(error.into());
    }

    pub(super) fn use_gas(&mut self, gas: Gas) {
        self.gas_used = add(self.gas_used, gas);
    }

    pub(super) fn burn_gas(&mut self, gas: Gas) {
        self.gas_burnt = add(self.gas_burnt, gas);
    }

    pub(super) fn burn_contract_gas(&mut self, gas: Gas) {
        self.burn_gas(gas);
        self.contract_gas = add(self.contract_gas, gas);
    }

    /// Adds what the next action did. A failure drops every receipt that earlier actions created.
    pub(super) fn merge(&mut self, mut next: ActionResult) {
        self.burn_gas(next.gas_burnt);
        self.use_gas(next.gas_used);
        self.contract_gas = add(self.contract_gas, next.contract_gas);
        self.logs.append(&mut next.logs);
        self.touched.append(&mut next.touched);
        if let Ok(ReturnData::ReceiptIndex(index)) = &mut next.result {
            *index += self.receipts.len() as u64;
        }
        self.result = next.result;
        if self.result.is_ok() {
            self.receipts.append(&mut next.receipts);
            self.tokens_burnt = self.tokens_burnt.saturating_add(next.tokens_burnt);
            self.subsidized = self.subsidized.saturating_add(next.subsidized);
        } else {
            self.receipts.clear();
            self.tokens_burnt = NearToken::from_yoctonear(0);
            self.subsidized = NearToken::from_yoctonear(0);
        }
    }
}

fn add(left: Gas, right: Gas) -> Gas {
    left.checked_add(right).expect("the gas of a receipt fits into 64 bits")
}

/// The receiver's account as the actions of a receipt change it. If the receipt fails, the changes are
/// dropped.
pub(super) struct ApplyState {
    pub(super) record: Option<AccountRecord>,
    /// On whose behalf the next action acts.
    pub(super) actor: AccountId,
    pub(super) yields: Yields,
    pub(super) globals: GlobalContracts,
}

impl ApplyState {
    /// The account, for an action whose need of one was checked.
    pub(super) fn existing(&mut self) -> &mut AccountRecord {
        self.record.as_mut().expect("an action runs only after its account's existence was checked")
    }
}

/// The receipt that is applied, and the shard that applies it.
pub(super) struct ApplyContext<'a> {
    pub(super) receipt: &'a Receipt,
    pub(super) action: VersionedActionReceipt<'a>,
    pub(super) results: Vec<Option<Arc<[u8]>>>,
    pub(super) fault: Option<InjectedFault>,
    /// The shard, by an account of it: the receiver's, but an instant receipt runs on the shard that
    /// created it.
    pub(super) shard: &'a AccountId,
}

impl ApplyContext<'_> {
    pub(super) fn is_refund(&self) -> bool {
        self.receipt.predecessor_id().is_system()
    }

    pub(super) fn receiver(&self) -> &AccountId {
        self.receipt.receiver_id()
    }
}
