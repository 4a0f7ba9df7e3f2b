//! View calls: calls of a contract without a transaction, as an RPC node makes them.

use std::rc::Rc;
use std::sync::Arc;

use near_primitives::errors::FunctionCallError;
use near_primitives::utils::create_random_seed;
use near_primitives::version::ProtocolFeature;
use near_primitives_core::config::ViewConfig;
use near_primitives_core::hash::CryptoHash;

use super::Error;
use super::world::World;
use crate::types::{AccountId, Gas, NearToken};
use crate::vm::{Call, Engine, ReturnData, VMContext, Yields};

/// What an RPC node lets a view burn.
const VIEW_GAS: Gas = Gas::from_gas(300_000_000_000_000);

/// The result of a view call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Viewed {
    /// It returned this.
    Value(Vec<u8>),
    /// It returned nothing.
    Nothing,
    /// It failed, and why. Also if the account or its contract does not exist.
    Failed(String),
}

impl Viewed {
    /// What it returned, if anything.
    #[must_use]
    pub fn value(self) -> Option<Vec<u8>> {
        match self {
            Self::Value(bytes) => Some(bytes),
            Self::Nothing | Self::Failed(_) => None,
        }
    }
}

impl World {
    /// What the account's `method` returns for `input`.
    ///
    /// # Errors
    /// When the machine fails.
    pub fn view(
        &self,
        engine: &dyn Engine,
        account: &AccountId,
        method: &str,
        input: &[u8],
    ) -> Result<Viewed, Error> {
        let Some(record) = self.account(account) else {
            return Ok(Viewed::Failed(format!("the account {account} does not exist")));
        };
        let code = self.code_of(account, record);
        let nothing = NearToken::from_yoctonear(0);
        let context = VMContext {
            current_account_id: account.clone(),
            signer_account_id: account.clone(),
            signer_account_pk: Vec::new(),
            predecessor_account_id: account.clone(),
            refund_to_account_id: account.clone(),
            input: Rc::from(input),
            promise_results: Arc::default(),
            block_height: self.height,
            block_timestamp: self.timestamp(),
            epoch_height: self.epoch(),
            account_balance: record.balance(),
            account_locked_balance: record.locked(),
            storage_usage: record.storage_usage(),
            account_contract: record.account.contract().into_owned(),
            attached_deposit: nothing,
            prepaid_gas: Gas::from_gas(0),
            random_seed: create_random_seed(CryptoHash::default(), self.random_seed()),
            view_config: Some(ViewConfig { max_gas_burnt: VIEW_GAS }),
            output_data_receivers: Vec::new(),
        };
        let outcome = engine.call(Call {
            code: code.as_ref(),
            method,
            context,
            storage: record.storage.clone(),
            yields: Yields::default(),
            action_hash: CryptoHash::default(),
            trie_depth: self.protocol.trie_depth,
            post_quantum_keys: self.protocol.has(ProtocolFeature::PostQuantumSignatures),
        })?;
        Ok(match outcome.result {
            Ok(ReturnData::Value(bytes)) => Viewed::Value(bytes),
            Ok(_) => Viewed::Nothing,
            Err(FunctionCallError::ExecutionError(reason)) => Viewed::Failed(reason),
            Err(error) => Viewed::Failed(format!("{error:?}")),
        })
    }
}
