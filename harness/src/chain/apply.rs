//! Runs one action receipt: its actions one by one, then storage stake, refunds, commit or roll back,
//! and what it sends on.
//!
//! Never decides when.

use std::sync::Arc;

use near_primitives::errors::{ActionError, ActionErrorKind, TxExecutionError};
use near_primitives::receipt::{
    DataReceipt, Receipt, ReceiptEnum, ReceiptV0, VersionedActionReceipt, VersionedReceiptEnum,
};
use near_primitives::transaction::ExecutionStatus;
use near_primitives::utils::create_receipt_id_from_receipt_id;
use near_primitives::version::ProtocolFeature;
use near_primitives_core::hash::CryptoHash;

use super::account::AccountRecord;
use super::flight::{InFlight, Lane, Route};
use super::outcome::{Cause, Outcome};
use super::protocol::{Protocol, cost};
use super::refund::{Refunds, refunds};
use super::world::World;
use super::{Error, Forced, fees, validate};
use crate::types::{AccountId, Gas, NearToken};
use crate::vm::{Engine, ReturnData, Touch, Yields};

/// Accounts up to this size need no balance for their storage, in bytes.
const ZERO_BALANCE_BYTES: u64 = 770;

/// What the actions of a receipt add up to.
pub(super) struct Tally {
    pub(super) result: Result<ReturnData, ActionError>,
    pub(super) gas_burnt: Gas,
    pub(super) gas_used: Gas,
    /// The part of `gas_burnt` that contracts burnt, of which they once got a share.
    pub(super) contract_gas: Gas,
    pub(super) logs: Vec<String>,
    pub(super) receipts: Vec<Receipt>,
    /// Burnt beside gas.
    pub(super) tokens_burnt: NearToken,
    pub(super) subsidized: NearToken,
    pub(super) touched: Vec<Touch>,
}

impl Tally {
    /// An action, or a whole receipt, that has burnt `gas` so far.
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

    /// Adds what the next action did. A failure drops every receipt that was asked for before.
    fn merge(&mut self, mut next: Tally) {
        let add = |left: Gas, right| left.checked_add(right).expect("gas fits into 64 bits");
        self.gas_burnt = add(self.gas_burnt, next.gas_burnt);
        self.gas_used = add(self.gas_used, next.gas_used);
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

/// The account that a receipt works on, as its actions change it; dropped when the receipt fails.
pub(super) struct Work {
    pub(super) record: Option<AccountRecord>,
    /// On whose behalf the next action acts.
    pub(super) actor: AccountId,
    pub(super) yields: Yields,
}

/// A receipt that is being run.
pub(super) struct Running<'a> {
    pub(super) receipt: &'a Receipt,
    pub(super) action: VersionedActionReceipt<'a>,
    pub(super) results: Vec<Option<Arc<[u8]>>>,
    pub(super) forced: Option<Forced>,
}

impl Running<'_> {
    pub(super) fn is_refund(&self) -> bool {
        self.receipt.predecessor_id().is_system()
    }
}

impl World {
    /// Runs an action receipt whose data is all there. Returns what came of it, and the receipts that
    /// run at once.
    pub(super) fn execute(
        &mut self,
        engine: &dyn Engine,
        entry: InFlight,
        forced: Option<Forced>,
    ) -> Result<(Outcome, Vec<InFlight>), Error> {
        let receipt = Arc::clone(&entry.receipt);
        let running = self.running(&receipt, forced);
        let receiver = receipt.receiver_id();
        // A receipt that runs at once runs on the shard that made it, where other shards' accounts do
        // not exist.
        let here = self.protocol.layout.same_shard(&entry.origin, receiver);
        let there = !receipt.is_instant_receipt() || here;
        let record = self.accounts.get(receiver).filter(|_| there);
        let mut work = Work {
            record: record.map(|record| AccountRecord::clone(record)),
            actor: receipt.predecessor_id().clone(),
            yields: self.yields.get(receiver).cloned().unwrap_or_default(),
        };
        let existed = work.record.is_some();
        let mut tally = self.run_actions(engine, &running, &mut work)?;
        self.check_stake(receiver, &work, &mut tally);
        let created = !existed && work.record.is_some() && tally.result.is_ok();
        let burnt = self.settle(&running, &mut tally, created);
        self.commit(receiver, work, &tally);
        self.reward(receiver, &running, &tally, burnt);
        send_result(receiver, &running.action, &mut tally);
        let forced = running.forced.as_ref().is_some_and(Forced::fails);
        let results = running.results.clone();
        let cause = Cause::Receipt { receipt: Arc::clone(&receipt), results, forced };
        Ok(self.finish(&entry, cause, tally, burnt))
    }

    fn running<'a>(&mut self, receipt: &'a Receipt, forced: Option<Forced>) -> Running<'a> {
        let (VersionedReceiptEnum::Action(action) | VersionedReceiptEnum::PromiseYield(action)) =
            receipt.versioned_receipt()
        else {
            unreachable!("only action receipts run")
        };
        let receiver = receipt.receiver_id();
        let inputs = action.input_data_ids().iter();
        let results = inputs.map(|id| self.flight.take_received(receiver, *id)).collect();
        Running { receipt, action, results, forced }
    }

    fn run_actions(
        &mut self,
        engine: &dyn Engine,
        running: &Running<'_>,
        work: &mut Work,
    ) -> Result<Tally, Error> {
        let mut tally = Tally::new(fees::new_receipt_fee(&self.protocol));
        for index in 0..running.action.actions().len() {
            let mut next = self.run_action(engine, running, index, work)?;
            if next.result.is_ok() {
                let invalid = next
                    .receipts
                    .iter()
                    .find_map(|new| validate::receipt(&self.protocol, new).err());
                if let Some(error) = invalid {
                    next.fail(ActionErrorKind::NewReceiptValidationError(error));
                }
            }
            tally.merge(next);
            if let Err(error) = &mut tally.result {
                error.index = Some(index as u64);
                break;
            }
        }
        Ok(tally)
    }

    fn check_stake(&self, receiver: &AccountId, work: &Work, tally: &mut Tally) {
        let Some(record) = &work.record else { return };
        if tally.result.is_err() {
            return;
        }
        if let Some(amount) = lacking_stake(&self.protocol, record) {
            let mut lacking = Tally::new(Gas::ZERO);
            let account_id = receiver.clone();
            lacking.fail(ActionErrorKind::LackBalanceForState { account_id, amount });
            tally.merge(lacking);
        }
    }

    /// Adds the refunds to what the receipt makes, and books what it burns. Returns the amount.
    fn settle(&mut self, running: &Running<'_>, tally: &mut Tally, created: bool) -> NearToken {
        if running.is_refund() {
            // A refund is free, and one that fails is burnt.
            if tally.result.is_err() {
                let deposit = fees::total_deposit(running.action.actions());
                self.money.burn(deposit.expect("checked when it was made"));
            }
            return tally.tokens_burnt;
        }
        let refunds = refunds(&self.protocol, running.receipt, &running.action, tally, created);
        let Refunds { mut receipts, extra_burnt, deficit } = refunds;
        tally.receipts.append(&mut receipts);
        let price = self.protocol.burn_price(running.action.gas_price());
        cost(price, tally.gas_burnt)
            .saturating_sub(deficit)
            .saturating_add(extra_burnt)
            .saturating_add(tally.tokens_burnt)
    }

    fn commit(&mut self, receiver: &AccountId, work: Work, tally: &Tally) {
        if tally.result.is_err() {
            return;
        }
        match work.record {
            Some(record) => self.accounts.insert_mut(receiver.clone(), Arc::new(record)),
            None => {
                self.accounts.remove_mut(receiver);
            }
        }
        self.yields.insert_mut(receiver.clone(), work.yields);
        self.money.subsidize(tally.subsidized);
    }

    /// Pays the contract its share of the gas that it burnt, where the version has one, and burns the
    /// rest of `burnt`.
    fn reward(
        &mut self,
        receiver: &AccountId,
        running: &Running<'_>,
        tally: &Tally,
        burnt: NearToken,
    ) {
        let share = self.protocol.fees().burnt_gas_reward;
        let gas = u128::from(tally.contract_gas.as_gas()) * ratio_part(*share.numer());
        let gas = u64::try_from(gas / ratio_part(*share.denom())).expect("a share of 64 bits");
        let purchase = running.action.gas_price();
        let price = if self.protocol.has(ProtocolFeature::AccountCostIncrease) {
            self.protocol.burn_price(purchase)
        } else {
            purchase
        };
        let reward = cost(price, Gas::from_gas(gas));
        let account = self.accounts.get(receiver).map(|record| AccountRecord::clone(record));
        let (Some(mut record), false) = (account, reward.is_zero()) else {
            return self.money.burn(burnt);
        };
        record.credit(reward);
        self.accounts.insert_mut(receiver.clone(), Arc::new(record));
        self.money.burn(burnt.saturating_sub(reward));
    }

    /// Names the receipts that were made and sends them.
    fn finish(
        &mut self,
        entry: &InFlight,
        cause: Cause,
        tally: Tally,
        tokens_burnt: NearToken,
    ) -> (Outcome, Vec<InFlight>) {
        let parent = *entry.receipt.receipt_id();
        let id_of = |index| create_receipt_id_from_receipt_id(&parent, self.height, index);
        let status = match &tally.result {
            Ok(ReturnData::ReceiptIndex(index)) => {
                ExecutionStatus::SuccessReceiptId(id_of(position(*index)))
            }
            Ok(ReturnData::Value(value)) => ExecutionStatus::SuccessValue(value.clone()),
            Ok(ReturnData::None) => ExecutionStatus::SuccessValue(Vec::new()),
            Err(error) => ExecutionStatus::Failure(TxExecutionError::ActionError(error.clone())),
        };
        let (receipts, instant) = self.send_all(entry, tally.receipts);
        let outcome = Outcome {
            name: entry.name.clone(),
            id: parent,
            cause,
            executor: entry.receipt.receiver_id().clone(),
            block: self.height,
            status,
            logs: tally.logs,
            gas_burnt: tally.gas_burnt,
            tokens_burnt,
            receipts,
            touched: tally.touched,
        };
        (outcome, instant)
    }

    fn send_all(
        &mut self,
        entry: &InFlight,
        made: Vec<Receipt>,
    ) -> (Vec<CryptoHash>, Vec<InFlight>) {
        let (mut ids, mut instant) = (Vec::new(), Vec::new());
        let origin = entry.receipt.receiver_id();
        for (index, mut receipt) in made.into_iter().enumerate() {
            let parent = entry.receipt.receipt_id();
            let id = create_receipt_id_from_receipt_id(parent, self.height, index);
            receipt.set_receipt_id(id);
            let name = entry.name.child(u32::try_from(index).expect("few receipts"));
            if is_action(&receipt) {
                ids.push(id);
            }
            if let VersionedReceiptEnum::PromiseYield(action) = receipt.versioned_receipt() {
                let limits = &self.protocol.config.wasm_config.limit_config;
                let expires_at = self.height + limits.yield_timeout_length_in_blocks;
                let data_id = action.input_data_ids()[0];
                self.flight.expire(origin.clone(), data_id, expires_at, name.clone());
            }
            let mut route =
                Route { origin: origin.clone(), lane: Lane::Shards, earliest: self.height };
            if receipt.is_instant_receipt() {
                instant.push(self.flight.stamp(receipt, name, route));
            } else {
                route.earliest += 1;
                self.flight.send(receipt, name, route);
            }
        }
        (ids, instant)
    }
}

fn position(index: u64) -> usize {
    usize::try_from(index).expect("receipts fit into memory")
}

fn is_action(receipt: &Receipt) -> bool {
    let receipt = receipt.versioned_receipt();
    matches!(receipt, VersionedReceiptEnum::Action(_) | VersionedReceiptEnum::PromiseYield(_))
}

fn ratio_part(part: i32) -> u128 {
    u128::try_from(part).expect("the published reward is not negative")
}

/// Sends the result to whoever waits for it, or makes them wait for the returned promise instead.
fn send_result(receiver: &AccountId, action: &VersionedActionReceipt<'_>, tally: &mut Tally) {
    let waiting = action.output_data_receivers();
    if waiting.is_empty() {
        return;
    }
    if let Ok(ReturnData::ReceiptIndex(index)) = &tally.result {
        let receipt = &mut tally.receipts[position(*index)];
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
    let data = match &tally.result {
        Ok(ReturnData::Value(value)) => Some(value.clone()),
        Ok(_) => Some(Vec::new()),
        Err(_) => None,
    };
    tally.receipts.extend(waiting.iter().map(|waiting| {
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

/// What an account lacks to pay for its storage; `None` where it has enough or is small.
pub(super) fn lacking_stake(protocol: &Protocol, record: &AccountRecord) -> Option<NearToken> {
    let required = record.storage_stake(protocol);
    let available = record.balance().saturating_add(record.locked());
    if available >= required || record.storage_usage() <= ZERO_BALANCE_BYTES {
        return None;
    }
    Some(required.saturating_sub(available))
}
