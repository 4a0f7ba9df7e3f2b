//! The function-call action: from the receipt to the contract and back.
//!
//! Never knows which engine runs the contract.

use std::rc::Rc;
use std::sync::Arc;

use near_primitives::action::FunctionCallAction;
use near_primitives::errors::{ActionErrorKind, FunctionCallError, MethodResolveError};
use near_primitives::receipt::{
    ActionReceiptV2, DataReceipt, Receipt, ReceiptEnum, ReceiptV0, VersionedActionReceipt,
};
use near_primitives::transaction::Action;
use near_primitives::utils::{create_action_hash_from_receipt_id, create_random_seed};
use near_primitives::version::ProtocolFeature;
use near_primitives_core::hash::CryptoHash;

use super::Error;
use super::account::AccountRecord;
use super::action::existing;
use super::apply::{Running, Tally, Work};
use super::deliver::Forced;
use super::world::World;
use crate::types::{AccountId, Gas};
use crate::vm::{Call, Engine, Outcome, PromiseReceipt, PromiseResult, Resume, VMContext};

/// What a call that was made to fail says.
const FORCED_PANIC: &str = "Smart contract panicked: the interloper made this call fail";

/// What the chain says of a call that has used up its gas.
const OUT_OF_GAS: &str = "Exceeded the prepaid gas.";

/// One function call of a running receipt.
pub(super) struct Invocation<'a> {
    pub(super) running: &'a Running<'a>,
    /// Index among the receipt's actions.
    pub(super) index: usize,
    pub(super) call: &'a FunctionCallAction,
}

impl Invocation<'_> {
    /// Whether this is the receipt's last action, whose result goes to whoever waits.
    fn is_last(&self) -> bool {
        self.index + 1 == self.running.action.actions().len()
    }

    /// Whether no function call comes after this one.
    fn is_last_call(&self) -> bool {
        let later = &self.running.action.actions()[self.index + 1..];
        !later.iter().any(|action| matches!(action, Action::FunctionCall(_)))
    }
}

impl World {
    pub(super) fn function_call(
        &self,
        engine: &dyn Engine,
        invocation: &Invocation<'_>,
        work: &mut Work,
        tally: &mut Tally,
    ) -> Result<(), Error> {
        let Invocation { running, index, call } = *invocation;
        if let Some(error) =
            running.forced.as_ref().and_then(|forced| forced_error(forced, running))
        {
            if matches!(running.forced, Some(Forced::OutOfGas)) {
                burn_all(call.gas, tally);
            }
            tally.fail(error);
            return Ok(());
        }
        let receipt_id = running.receipt.receipt_id();
        let action_hash = create_action_hash_from_receipt_id(receipt_id, self.height, index);
        let yields = work.yields.clone();
        let record = existing(work);
        let own = self.code_of(record);
        let mut context = self.context(invocation, record, action_hash);
        let (code, method) = match &running.forced {
            Some(Forced::Run(substitute)) => {
                if let Some(input) = &substitute.input {
                    let own: &[u8] = if invocation.is_last_call() { input } else { &[] };
                    context.input = Rc::from(own);
                }
                (Some(&substitute.code), substitute.method)
            }
            _ => (own.as_ref(), &*call.method_name),
        };
        let outcome = engine.call(Call {
            code,
            method,
            context,
            storage: record.storage.clone(),
            yields,
            action_hash,
            trie_depth: self.protocol.trie_depth,
            post_quantum_keys: self.protocol.has(ProtocolFeature::PostQuantumSignatures),
        })?;
        take_in(outcome, running, work, tally);
        Ok(())
    }

    fn context(
        &self,
        invocation: &Invocation<'_>,
        record: &AccountRecord,
        action_hash: CryptoHash,
    ) -> VMContext {
        let Invocation { running, call, .. } = *invocation;
        let (receipt, action) = (running.receipt, &running.action);
        let outputs = action.output_data_receivers().iter();
        let outputs = outputs.map(|output| output.receiver_id.clone());
        let key = borsh::to_vec(action.signer_public_key()).expect("a key can be serialised");
        VMContext {
            current_account_id: receipt.receiver_id().clone(),
            signer_account_id: action.signer_id().clone(),
            signer_account_pk: key,
            predecessor_account_id: receipt.predecessor_id().clone(),
            refund_to_account_id: receipt.balance_refund_receiver().clone(),
            input: Rc::from(&call.args[..]),
            promise_results: results(running),
            block_height: self.height,
            block_timestamp: self.timestamp(),
            epoch_height: self.epoch(),
            account_balance: record.balance(),
            account_locked_balance: record.locked(),
            storage_usage: record.storage_usage(),
            account_contract: record.account.contract().into_owned(),
            attached_deposit: call.deposit,
            prepaid_gas: call.gas,
            random_seed: create_random_seed(action_hash, self.random_seed()),
            view_config: None,
            output_data_receivers: if invocation.is_last() {
                outputs.collect()
            } else {
                Vec::new()
            },
        }
    }
}

/// The error that a call is made to fail with; `None` where it is not made to fail.
fn forced_error(forced: &Forced, running: &Running<'_>) -> Option<ActionErrorKind> {
    let error = match forced {
        Forced::Panic => FunctionCallError::ExecutionError(FORCED_PANIC.to_owned()),
        Forced::OutOfGas => FunctionCallError::ExecutionError(OUT_OF_GAS.to_owned()),
        Forced::MissingMethod => {
            FunctionCallError::MethodResolveError(MethodResolveError::MethodNotFound)
        }
        Forced::MissingAccount => {
            let account_id = running.receipt.receiver_id().clone();
            return Some(ActionErrorKind::AccountDoesNotExist { account_id });
        }
        Forced::Run(_) => return None,
    };
    Some(ActionErrorKind::FunctionCallError(error))
}

/// Books all the gas that a call was given as burnt.
fn burn_all(gas: Gas, tally: &mut Tally) {
    let add = |left: Gas| left.checked_add(gas).expect("gas fits into 64 bits");
    tally.gas_burnt = add(tally.gas_burnt);
    tally.contract_gas = add(tally.contract_gas);
    tally.gas_used = add(tally.gas_used);
}

fn results(running: &Running<'_>) -> Arc<[PromiseResult]> {
    let results = running.results.iter().map(|result| match result {
        Some(data) => PromiseResult::Successful(Rc::from(&data[..])),
        None => PromiseResult::Failed,
    });
    results.collect()
}

/// Takes what the call did into the receipt's tally and, where it succeeded, into the account.
fn take_in(outcome: Outcome, running: &Running<'_>, work: &mut Work, tally: &mut Tally) {
    let add = |left: Gas, right| left.checked_add(right).expect("gas fits into 64 bits");
    tally.gas_burnt = add(tally.gas_burnt, outcome.burnt_gas);
    tally.contract_gas = add(tally.contract_gas, outcome.burnt_gas);
    tally.gas_used = add(tally.gas_used, outcome.used_gas);
    tally.logs.extend(outcome.logs);
    tally.touched.extend(outcome.touched);
    let returned = match outcome.result {
        Ok(returned) => returned,
        Err(error) => return tally.fail(ActionErrorKind::FunctionCallError(error)),
    };
    let receiver = running.receipt.receiver_id();
    let promises = outcome.promises.into_iter();
    tally.receipts.extend(promises.map(|promise| promised(promise, receiver, &running.action)));
    tally.receipts.extend(outcome.resumes.into_iter().map(|resume| resumed(resume, receiver)));
    tally.subsidized = outcome.subsidized;
    tally.result = Ok(returned);
    work.yields = outcome.yields;
    let record = existing(work);
    record.storage = outcome.storage;
    record.account.set_amount(outcome.balance);
    record.account.set_storage_usage(outcome.storage_usage);
}

fn promised(
    promise: PromiseReceipt,
    predecessor: &AccountId,
    parent: &VersionedActionReceipt<'_>,
) -> Receipt {
    let action = ActionReceiptV2 {
        signer_id: parent.signer_id().clone(),
        refund_to: promise.refund_to,
        signer_public_key: parent.signer_public_key().clone(),
        gas_price: parent.gas_price(),
        output_data_receivers: promise.output_data_receivers,
        input_data_ids: promise.input_data_ids,
        actions: promise.actions,
    };
    let receipt = if promise.is_yield {
        ReceiptEnum::PromiseYieldV2(action)
    } else {
        ReceiptEnum::ActionV2(action)
    };
    unnamed(predecessor, promise.receiver, receipt)
}

fn resumed(resume: Resume, account: &AccountId) -> Receipt {
    let data = DataReceipt { data_id: resume.data_id, data: Some(resume.data) };
    unnamed(account, account.clone(), ReceiptEnum::PromiseResume(data))
}

/// A receipt whose id is still to come.
fn unnamed(predecessor: &AccountId, receiver_id: AccountId, receipt: ReceiptEnum) -> Receipt {
    let predecessor_id = predecessor.clone();
    let receipt_id = CryptoHash::default();
    Receipt::V0(ReceiptV0 { predecessor_id, receiver_id, receipt_id, receipt })
}
