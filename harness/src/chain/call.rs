//! The function-call action: from the receipt to the contract and back.

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
use super::action_result::{ActionResult, ApplyContext, ApplyState};
use super::fault::InjectedFault;
use super::world::World;
use crate::types::AccountId;
use crate::vm::{Call, Engine, Outcome, PromiseReceipt, PromiseResult, Resume, VMContext};

/// The error text of a call that was made to fail.
const FORCED_PANIC: &str = "Smart contract panicked: the interloper made this call fail";

/// The chain's error text for a call that has used up its gas.
const OUT_OF_GAS: &str = "Exceeded the prepaid gas.";

/// One function call of a receipt.
pub(super) struct Invocation<'a> {
    pub(super) context: &'a ApplyContext<'a>,
    /// Index among the receipt's actions.
    pub(super) index: usize,
    pub(super) call: &'a FunctionCallAction,
}

impl Invocation<'_> {
    /// Whether this is the receipt's last action, whose result the callbacks see.
    fn is_last(&self) -> bool {
        self.index + 1 == self.context.action.actions().len()
    }

    /// Whether no function call comes after this one.
    fn is_last_call(&self) -> bool {
        let later = &self.context.action.actions()[self.index + 1..];
        !later.iter().any(|action| matches!(action, Action::FunctionCall(_)))
    }
}

impl World {
    pub(super) fn function_call(
        &self,
        engine: &dyn Engine,
        invocation: &Invocation<'_>,
        state: &mut ApplyState,
        result: &mut ActionResult,
    ) -> Result<(), Error> {
        let Invocation { context, index, call } = *invocation;
        if let Some(error) = context.fault.as_ref().and_then(|fault| injected_error(fault, context))
        {
            if matches!(context.fault, Some(InjectedFault::OutOfGas)) {
                result.burn_contract_gas(call.gas);
                result.use_gas(call.gas);
            }
            result.fail(error);
            return Ok(());
        }
        let receipt_id = context.receipt.receipt_id();
        let action_hash = create_action_hash_from_receipt_id(receipt_id, self.height, index);
        let yields = state.yields.clone();
        let record = state.existing();
        let own = self.code_of(context.receiver(), record);
        let mut vm_context = self.vm_context(invocation, record, action_hash);
        let (code, method) = match &context.fault {
            Some(InjectedFault::Run(instead)) => {
                if let Some(input) = &instead.input {
                    let own: &[u8] = if invocation.is_last_call() { input } else { &[] };
                    vm_context.input = Rc::from(own);
                }
                (Some(&instead.code), instead.method)
            }
            _ => (own.as_ref(), &*call.method_name),
        };
        let outcome = engine.call(Call {
            code,
            method,
            context: vm_context,
            storage: record.storage.clone(),
            yields,
            action_hash,
            trie_depth: self.protocol.trie_depth,
            post_quantum_keys: self.protocol.has(ProtocolFeature::PostQuantumSignatures),
        })?;
        take_in(outcome, context, state, result);
        Ok(())
    }

    fn vm_context(
        &self,
        invocation: &Invocation<'_>,
        record: &AccountRecord,
        action_hash: CryptoHash,
    ) -> VMContext {
        let Invocation { context, call, .. } = *invocation;
        let (receipt, action) = (context.receipt, &context.action);
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
            promise_results: results(context),
            block_height: self.shown_height(),
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

/// The error that a call is made to fail with; `None` if it is not made to fail.
fn injected_error(fault: &InjectedFault, context: &ApplyContext<'_>) -> Option<ActionErrorKind> {
    let error = match fault {
        InjectedFault::Panic => FunctionCallError::ExecutionError(FORCED_PANIC.to_owned()),
        InjectedFault::OutOfGas => FunctionCallError::ExecutionError(OUT_OF_GAS.to_owned()),
        InjectedFault::MissingMethod => {
            FunctionCallError::MethodResolveError(MethodResolveError::MethodNotFound)
        }
        InjectedFault::MissingAccount => {
            let account_id = context.receipt.receiver_id().clone();
            return Some(ActionErrorKind::AccountDoesNotExist { account_id });
        }
        InjectedFault::Run(_) => return None,
    };
    Some(ActionErrorKind::FunctionCallError(error))
}

fn results(context: &ApplyContext<'_>) -> Arc<[PromiseResult]> {
    let results = context.results.iter().map(|result| match result {
        Some(data) => PromiseResult::Successful(Rc::from(&data[..])),
        None => PromiseResult::Failed,
    });
    results.collect()
}

/// Adds what the call did to the receipt's result and, if it succeeded, to the account.
fn take_in(
    outcome: Outcome,
    context: &ApplyContext<'_>,
    state: &mut ApplyState,
    result: &mut ActionResult,
) {
    result.burn_contract_gas(outcome.burnt_gas);
    result.use_gas(outcome.used_gas);
    result.logs.extend(outcome.logs);
    result.touched.extend(outcome.touched);
    let returned = match outcome.result {
        Ok(returned) => returned,
        Err(error) => return result.fail(ActionErrorKind::FunctionCallError(error)),
    };
    let receiver = context.receipt.receiver_id();
    let promises = outcome.promises.into_iter();
    result.receipts.extend(promises.map(|promise| promised(promise, receiver, &context.action)));
    result.receipts.extend(outcome.resumes.into_iter().map(|resume| resumed(resume, receiver)));
    result.subsidized = outcome.subsidized;
    result.result = Ok(returned);
    state.yields = outcome.yields;
    let record = state.existing();
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

/// A receipt whose id is set later.
fn unnamed(predecessor: &AccountId, receiver_id: AccountId, receipt: ReceiptEnum) -> Receipt {
    let predecessor_id = predecessor.clone();
    let receipt_id = CryptoHash::default();
    Receipt::V0(ReceiptV0 { predecessor_id, receiver_id, receipt_id, receipt })
}
