//! Calls one method of one contract outside of any world.
//!
//! Every call starts from the same state. Promises do not run: the outcome lists them.

use std::rc::Rc;
use std::sync::Arc;

use near_primitives::account::AccountContract;
use near_primitives::errors::FunctionCallError;
use near_primitives::version::ProtocolFeature;

use crate::chain::{Clock, Protocol};
use crate::types::{AccountId, CryptoHash, Gas, NearToken};
use crate::vm::comparison::Comparisons;
use crate::vm::{
    Call, ContractCode, Engine, Error, Outcome, PromiseReceipt, PromiseResult, ReturnData, Storage,
    VMContext, ViewConfig, Yields,
};

/// Gas of a call, as much as a transaction usually carries.
const GAS: Gas = Gas::from_teragas(300);

/// The contract's balance during a call, in addition to what its storage locks.
const SPARE: NearToken = NearToken::from_near(1_000);

/// The clock of the worlds in which operations run: contracts subtract from block heights and times.
pub(super) const CLOCK: Clock = Clock::RECENT;

/// A contract whose methods can be called.
#[derive(Clone)]
pub struct Probe<'a> {
    /// What runs it.
    pub engine: &'a dyn Engine,
    /// The rules of the chain.
    pub protocol: &'a Protocol,
    /// The code.
    pub code: Arc<ContractCode>,
    /// The account that it is deployed to.
    pub account: AccountId,
    /// Its state at the start of each call.
    pub storage: Storage,
}

impl std::fmt::Debug for Probe<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Probe").field("account", &self.account).finish_non_exhaustive()
    }
}

/// A call.
#[derive(Clone, Debug)]
pub struct ProbeCall<'q> {
    /// The method.
    pub method: &'q str,
    /// Its arguments.
    pub input: &'q [u8],
    /// The predecessor and signer.
    pub caller: &'q AccountId,
    /// The attached deposit.
    pub deposit: NearToken,
    /// The results of the promises that the method is the callback of.
    pub results: &'q [&'q [u8]],
    /// Whether it runs as a view, which may neither write nor call others.
    pub view: bool,
}

/// What a call did.
#[derive(Clone, Debug)]
pub struct ProbeOutcome {
    /// Why it failed, if it did.
    pub failure: Option<String>,
    /// What it returned; `None` if it failed or returned a promise.
    pub returned: Option<Vec<u8>>,
    /// Its state afterwards.
    pub storage: Storage,
    /// The promises that it created.
    pub promises: Vec<PromiseReceipt>,
    /// The gas that it burnt.
    pub burnt_gas: Gas,
}

impl Probe<'_> {
    /// Calls the method.
    ///
    /// # Errors
    /// If the engine fails.
    pub fn call(&self, call: &ProbeCall<'_>) -> Result<ProbeOutcome, Error> {
        Ok(probe_outcome(self.engine.call(self.engine_call(call))?))
    }

    /// Calls the method, and says which unequal operands the contract compared, if the engine records them.
    ///
    /// # Errors
    /// If the engine fails.
    pub fn call_comparing(
        &self,
        call: &ProbeCall<'_>,
    ) -> Result<(ProbeOutcome, Comparisons), Error> {
        let (outcome, compared) = self.engine.call_comparing(self.engine_call(call))?;
        Ok((probe_outcome(outcome), compared))
    }

    fn engine_call<'c>(&'c self, call: &ProbeCall<'c>) -> Call<'c> {
        Call {
            code: Some(&self.code),
            method: call.method,
            context: self.context(call),
            storage: self.storage.clone(),
            yields: Yields::default(),
            action_hash: CryptoHash::hash_bytes(call.method.as_bytes()),
            trie_depth: self.protocol.trie_depth,
            post_quantum_keys: self.protocol.has(ProtocolFeature::PostQuantumSignatures),
        }
    }

    fn context(&self, call: &ProbeCall<'_>) -> VMContext {
        let code_hash = *self.code.hash();
        let bytes = self.code.code().len() as u64;
        VMContext {
            current_account_id: self.account.clone(),
            signer_account_id: call.caller.clone(),
            signer_account_pk: vec![0; 33],
            predecessor_account_id: call.caller.clone(),
            refund_to_account_id: call.caller.clone(),
            input: Rc::from(call.input),
            promise_results: call
                .results
                .iter()
                .map(|result| PromiseResult::Successful(Rc::from(*result)))
                .collect::<Vec<_>>()
                .into(),
            block_height: CLOCK.height,
            block_timestamp: CLOCK.time,
            epoch_height: CLOCK.epoch_at(CLOCK.height),
            account_balance: self.balance(),
            account_locked_balance: NearToken::ZERO,
            storage_usage: bytes + 10_000,
            account_contract: AccountContract::Local(code_hash),
            attached_deposit: call.deposit,
            prepaid_gas: GAS,
            random_seed: vec![7; 32],
            view_config: call.view.then_some(ViewConfig { max_gas_burnt: GAS }),
            output_data_receivers: Vec::new(),
        }
    }

    /// Enough for the code and some state.
    fn balance(&self) -> NearToken {
        let price = self.protocol.config.storage_amount_per_byte();
        let bytes = self.code.code().len() as u128 + 100_000;
        SPARE.saturating_add(price.saturating_mul(bytes))
    }
}

fn probe_outcome(outcome: Outcome) -> ProbeOutcome {
    let (failure, returned) = match outcome.result {
        Ok(ReturnData::Value(value)) => (None, Some(value)),
        Ok(ReturnData::None) => (None, Some(Vec::new())),
        Ok(ReturnData::ReceiptIndex(_)) => (None, None),
        Err(error) => (Some(describe(&error)), None),
    };
    ProbeOutcome {
        failure,
        returned,
        storage: outcome.storage,
        promises: outcome.promises,
        burnt_gas: outcome.burnt_gas,
    }
}

/// The failure as text, without the prefix that the chain adds to every panic.
fn describe(error: &FunctionCallError) -> String {
    let text = match error {
        FunctionCallError::ExecutionError(text) => text.clone(),
        other => format!("{other:?}"),
    };
    text.strip_prefix("Smart contract panicked: ").map(str::to_owned).unwrap_or(text)
}
