//! Runs one action receipt: its actions one by one, then storage stake, refunds, commit or roll back,
//! and the receipts that it creates.

use std::sync::Arc;

use near_primitives::errors::{ActionErrorKind, TxExecutionError};
use near_primitives::receipt::{
    DataReceipt, Receipt, ReceiptEnum, ReceiptV0, VersionedActionReceipt, VersionedReceiptEnum,
};
use near_primitives::transaction::ExecutionStatus;
use near_primitives::utils::create_receipt_id_from_receipt_id;
use near_primitives::version::ProtocolFeature;
use near_primitives_core::hash::CryptoHash;

use super::account::AccountRecord;
use super::action_result::{ActionResult, ApplyContext, ApplyState};
use super::fault::InjectedFault;
use super::outcome::{Cause, Outcome};
use super::protocol::cost;
use super::receipt::action_receipt;
use super::receipt_queue::{Lane, PendingReceipt, Route};
use super::refund::{Refunds, refunds};
use super::world::World;
use super::{Error, fees, validate};
use crate::types::{AccountId, Gas, NearToken};
use crate::vm::{Engine, ReturnData};

impl World {
    /// Runs an action receipt whose data is all there. Returns the outcome, and the receipts that run
    /// at once. An instant receipt runs on the shard that created it, where other shards' accounts do
    /// not exist.
    pub(super) fn execute(
        &mut self,
        engine: &dyn Engine,
        entry: PendingReceipt,
        fault: Option<InjectedFault>,
        instant: bool,
    ) -> Result<(Outcome, Vec<PendingReceipt>), Error> {
        let receipt = Arc::clone(&entry.receipt);
        let receiver = receipt.receiver_id();
        let shard = if instant { &entry.origin } else { receiver };
        let context = self.context(&receipt, fault, shard);
        let here = !instant || self.protocol.layout.same_shard(shard, receiver);
        let record = self.accounts.get(receiver).filter(|_| here);
        let mut state = ApplyState {
            record: record.map(|record| AccountRecord::clone(record)),
            actor: receipt.predecessor_id().clone(),
            yields: self.yields.get(receiver).cloned().unwrap_or_default(),
            globals: self.globals.clone(),
        };
        let existed = state.record.is_some();
        let mut result = self.run_actions(engine, &context, &mut state)?;
        self.check_storage(&context, &state, &mut result);
        let created = !existed && state.record.is_some() && result.result.is_ok();
        let burnt = self.settle(&context, &mut result, created);
        self.commit(receiver, state, &result);
        self.reward(&context, &result, burnt);
        send_result(receiver, &context.action, &mut result);
        let forced = context.fault.as_ref().is_some_and(InjectedFault::fails);
        let cause =
            Cause::Receipt { receipt: Arc::clone(&receipt), results: context.results, forced };
        let created = std::mem::take(&mut result.receipts);
        let mut outcome = self.outcome(&entry, cause, result, burnt);
        let (receipts, instant) = self.send_all(&entry, shard, created);
        outcome.receipts = receipts;
        Ok((outcome, instant))
    }

    fn context<'a>(
        &mut self,
        receipt: &'a Receipt,
        fault: Option<InjectedFault>,
        shard: &'a AccountId,
    ) -> ApplyContext<'a> {
        let (VersionedReceiptEnum::Action(action) | VersionedReceiptEnum::PromiseYield(action)) =
            receipt.versioned_receipt()
        else {
            unreachable!("only action receipts run")
        };
        let receiver = receipt.receiver_id();
        let inputs = action.input_data_ids().iter();
        let results = inputs.map(|id| self.receipts.take_received(receiver, *id)).collect();
        ApplyContext { receipt, action, results, fault, shard }
    }

    fn run_actions(
        &self,
        engine: &dyn Engine,
        context: &ApplyContext<'_>,
        state: &mut ApplyState,
    ) -> Result<ActionResult, Error> {
        let mut result = ActionResult::new(fees::new_receipt_fee(&self.protocol));
        for index in 0..context.action.actions().len() {
            let mut next = self.run_action(engine, context, index, state)?;
            if next.result.is_ok() {
                let invalid = next
                    .receipts
                    .iter()
                    .find_map(|new| validate::receipt(&self.protocol, new).err());
                if let Some(error) = invalid {
                    next.fail(ActionErrorKind::NewReceiptValidationError(error));
                }
            }
            result.merge(next);
            if let Err(error) = &mut result.result {
                error.index = Some(index as u64);
                break;
            }
        }
        Ok(result)
    }

    /// Fails the receipt if it leaves the account with too little balance for its storage.
    fn check_storage(
        &self,
        context: &ApplyContext<'_>,
        state: &ApplyState,
        result: &mut ActionResult,
    ) {
        let Some(record) = &state.record else { return };
        if result.result.is_err() {
            return;
        }
        if let Some(amount) = record.storage_shortfall(&self.protocol) {
            let mut lacking = ActionResult::new(Gas::ZERO);
            let account_id = context.receiver().clone();
            lacking.fail(ActionErrorKind::LackBalanceForState { account_id, amount });
            result.merge(lacking);
        }
    }

    /// Adds the refunds to the receipts that were created. Returns the amount that is burnt.
    fn settle(
        &mut self,
        context: &ApplyContext<'_>,
        result: &mut ActionResult,
        created: bool,
    ) -> NearToken {
        if context.is_refund() {
            // A refund is free, and one that fails is burnt.
            if result.result.is_err() {
                let deposit = fees::total_deposit(context.action.actions());
                self.supply.burn(deposit.expect("checked when it was made"));
            }
            return result.tokens_burnt;
        }
        let refunds = refunds(&self.protocol, context.receipt, &context.action, result, created);
        let Refunds { mut receipts, extra_burnt, deficit } = refunds;
        result.receipts.append(&mut receipts);
        let price = self.protocol.burn_price(context.action.gas_price());
        cost(price, result.gas_burnt)
            .saturating_sub(deficit)
            .saturating_add(extra_burnt)
            .saturating_add(result.tokens_burnt)
    }

    fn commit(&mut self, receiver: &AccountId, state: ApplyState, result: &ActionResult) {
        if result.result.is_err() {
            return;
        }
        match state.record {
            Some(record) => self.accounts.insert_mut(receiver.clone(), Arc::new(record)),
            None => {
                self.accounts.remove_mut(receiver);
            }
        }
        self.yields.insert_mut(receiver.clone(), state.yields);
        self.globals = state.globals;
        self.supply.subsidize(result.subsidized);
    }

    /// Pays the contract its share of the gas that it burnt, where the version has one, and burns the
    /// rest of `burnt`.
    fn reward(&mut self, context: &ApplyContext<'_>, result: &ActionResult, burnt: NearToken) {
        let receiver = context.receiver();
        let share = self.protocol.fees().burnt_gas_reward;
        let gas = u128::from(result.contract_gas.as_gas()) * ratio_part(*share.numer());
        let gas = u64::try_from(gas / ratio_part(*share.denom())).expect("a share of 64 bits");
        let purchase = context.action.gas_price();
        let price = if self.protocol.has(ProtocolFeature::AccountCostIncrease) {
            self.protocol.burn_price(purchase)
        } else {
            purchase
        };
        let reward = cost(price, Gas::from_gas(gas));
        let account = self.accounts.get(receiver).map(|record| AccountRecord::clone(record));
        let (Some(mut record), false) = (account, reward.is_zero()) else {
            return self.supply.burn(burnt);
        };
        record.credit(reward);
        self.accounts.insert_mut(receiver.clone(), Arc::new(record));
        self.supply.burn(burnt.saturating_sub(reward));
    }

    /// The outcome of a receipt, but for the receipts that it created.
    fn outcome(
        &self,
        entry: &PendingReceipt,
        cause: Cause,
        result: ActionResult,
        tokens_burnt: NearToken,
    ) -> Outcome {
        let parent = *entry.receipt.receipt_id();
        let id_of = |index| create_receipt_id_from_receipt_id(&parent, self.height, index);
        let status = match &result.result {
            Ok(ReturnData::ReceiptIndex(index)) => {
                ExecutionStatus::SuccessReceiptId(id_of(position(*index)))
            }
            Ok(ReturnData::Value(value)) => ExecutionStatus::SuccessValue(value.clone()),
            Ok(ReturnData::None) => ExecutionStatus::SuccessValue(Vec::new()),
            Err(error) => ExecutionStatus::Failure(TxExecutionError::ActionError(error.clone())),
        };
        Outcome {
            name: entry.name.clone(),
            id: parent,
            cause,
            executor: entry.receipt.receiver_id().clone(),
            block: self.height,
            status,
            logs: result.logs,
            gas_burnt: result.gas_burnt,
            tokens_burnt,
            receipts: Vec::new(),
            touched: result.touched,
        }
    }

    /// Sends the receipts that were created on `shard`. What an instant receipt creates travels from
    /// the shard on which it ran.
    fn send_all(
        &mut self,
        entry: &PendingReceipt,
        shard: &AccountId,
        created: Vec<Receipt>,
    ) -> (Vec<CryptoHash>, Vec<PendingReceipt>) {
        let (mut ids, mut instant) = (Vec::new(), Vec::new());
        for (index, mut receipt) in created.into_iter().enumerate() {
            let parent = entry.receipt.receipt_id();
            let id = create_receipt_id_from_receipt_id(parent, self.height, index);
            receipt.set_receipt_id(id);
            let name = entry.name.child(u32::try_from(index).expect("few receipts"));
            if action_receipt(&receipt).is_some() {
                ids.push(id);
            }
            if let VersionedReceiptEnum::PromiseYield(action) = receipt.versioned_receipt() {
                let limits = &self.protocol.config.wasm_config.limit_config;
                let expires_at = self.height + limits.yield_timeout_length_in_blocks;
                let data_id = action.input_data_ids()[0];
                let account = receipt.receiver_id().clone();
                self.receipts.expire(account, data_id, expires_at, name.clone());
            }
            let mut route = Route::from(shard.clone(), Lane::Shards, self.height);
            if receipt.is_instant_receipt() {
                instant.push(self.receipts.stamp(receipt, name, route));
                continue;
            }
            route.earliest += 1;
            if let VersionedReceiptEnum::GlobalContractDistribution(_) = receipt.versioned_receipt()
            {
                route.distribution = Some(self.first_hop(shard));
            }
            self.receipts.send(receipt, name, route);
        }
        (ids, instant)
    }
}

fn position(index: u64) -> usize {
    usize::try_from(index).expect("receipts fit into memory")
}

fn ratio_part(part: i32) -> u128 {
    u128::try_from(part).expect("the published reward is not negative")
}

/// Sends the result to whoever waits for it, or makes them wait for the returned promise instead.
fn send_result(
    receiver: &AccountId,
    action: &VersionedActionReceipt<'_>,
    result: &mut ActionResult,
) {
    let waiting = action.output_data_receivers();
    if waiting.is_empty() {
        return;
    }
    if let Ok(ReturnData::ReceiptIndex(index)) = &result.result {
        let receipt = &mut result.receipts[position(*index)];
        let outputs = match receipt.receipt_mut() {
            ReceiptEnum::Action(action) | ReceiptEnum::PromiseYield(action) => {
                &mut action.output_data_receivers
            }
            ReceiptEnum::ActionV2(action) | ReceiptEnum::PromiseYieldV2(action) => {
                &mut action.output_data_receivers
            }
            _ => unreachable!("only promises are returned"),
        };
        outputs.extend_from_slice(waiting);
        return;
    }
    let data = match &result.result {
        Ok(ReturnData::Value(value)) => Some(value.clone()),
        Ok(_) => Some(Vec::new()),
        Err(_) => None,
    };
    result.receipts.extend(waiting.iter().map(|waiting| {
        Receipt::V0(ReceiptV0 {
            predecessor_id: receiver.clone(),
            receiver_id: waiting.receiver_id.clone(),
            receipt_id: CryptoHash::default(),
            receipt: ReceiptEnum::Data(DataReceipt {
                data_id: waiting.data_id,
                data: data.clone(),
            }),
        })
    }));
}
