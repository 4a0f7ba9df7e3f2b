//! The reference engine: `near_vm_runner::prepare` and `run`, without instrumentation.

use std::sync::Arc;

use near_parameters::RuntimeConfig;
use near_primitives::errors::{CompilationError, FunctionCallError};
use near_primitives_core::hash::CryptoHash;
use near_vm_runner::logic::errors::VMRunnerError;
use near_vm_runner::{Contract, FilesystemContractRuntimeCache, noop_background_spawner};

use super::external::Recorder;
use super::{Call, ContractCode, Engine, Error, Outcome, error};
use crate::types::{AccountId, Gas};

/// Contracts kept loaded in memory. Without this, each call would load its module again.
const LOADED_CONTRACTS: usize = 64;

/// Compiled contracts kept on disk, in bytes; a campaign uses a few megabytes.
const DISK_CACHE_BYTES: u64 = 1 << 30;

/// `near_vm_runner` under one configuration. Cloning shares the cache.
#[derive(Clone)]
pub struct Pristine {
    config: Arc<RuntimeConfig>,
    cache: FilesystemContractRuntimeCache,
    // Holds the folder of compiled contracts for as long as the cache lives.
    _folder: Arc<tempfile::TempDir>,
}

impl std::fmt::Debug for Pristine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pristine").finish_non_exhaustive()
    }
}

impl Pristine {
    /// An engine for one protocol configuration.
    ///
    /// # Errors
    /// If the temporary folder for compiled contracts cannot be created.
    pub fn new(config: Arc<RuntimeConfig>) -> Result<Self, Error> {
        let folder = tempfile::Builder::new().prefix("interloper-").tempdir()?;
        let cache = FilesystemContractRuntimeCache::with_memory_cache(
            folder.path(),
            None::<&str>,
            "contracts",
            LOADED_CONTRACTS,
            None,
            DISK_CACHE_BYTES,
            noop_background_spawner(),
        )?;
        Ok(Self { config, cache, _folder: Arc::new(folder) })
    }
}

/// The runner's view of a contract.
struct Source<'a>(&'a Arc<ContractCode>);

impl Contract for Source<'_> {
    fn hash(&self) -> CryptoHash {
        *self.0.hash()
    }

    fn get_code(&self) -> Option<Arc<ContractCode>> {
        Some(Arc::clone(self.0))
    }
}

impl Engine for Pristine {
    fn call(&self, call: Call<'_>) -> Result<Outcome, Error> {
        let recorder = Recorder::new(&call);
        let Some(code) = call.code else {
            return Ok(recorder.nothing_ran(no_code(&call.context.current_account_id)));
        };
        let wasm_config = Arc::clone(&self.config.wasm_config);
        let gas_counter = call.context.make_gas_counter(&wasm_config);
        let prepared = near_vm_runner::prepare(
            &Source(code),
            wasm_config,
            Some(&self.cache),
            gas_counter,
            call.method,
        );
        run(prepared, recorder, &call, &self.config)
    }
}

fn run(
    prepared: Box<dyn near_vm_runner::PreparedContract>,
    mut recorder: Recorder,
    call: &Call<'_>,
    config: &RuntimeConfig,
) -> Result<Outcome, Error> {
    let fees = Arc::clone(&config.fees);
    match near_vm_runner::run(prepared, &mut recorder, &call.context, fees) {
        Ok(outcome) => Ok(recorder.finish(outcome, call.context.prepaid_gas)),
        Err(VMRunnerError::ContractCodeNotPresent) => {
            Ok(recorder.nothing_ran(no_code(&call.context.current_account_id)))
        }
        Err(VMRunnerError::LoadingError(message)) => {
            let message = format!("Loading error: {message}");
            Ok(recorder.nothing_ran(FunctionCallError::ExecutionError(message)))
        }
        Err(error) => Err(Error::Runner(error.to_string())),
    }
}

fn no_code(account_id: &AccountId) -> FunctionCallError {
    let account_id = account_id.clone();
    FunctionCallError::CompilationError(CompilationError::CodeDoesNotExist { account_id })
}

impl Recorder {
    /// The outcome if the code never started: no gas, no effect.
    fn nothing_ran(self, error: FunctionCallError) -> Outcome {
        let none = Gas::from_gas(0);
        self.outcome(Err(error), none, none, Vec::new())
    }

    pub(super) fn finish(
        mut self,
        outcome: near_vm_runner::logic::VMOutcome,
        prepaid: Gas,
    ) -> Outcome {
        // A failed call distributes gas, too: only burnt gas counts for its refund.
        let unused = prepaid.saturating_sub(outcome.used_gas);
        let distributed = self.distribute(unused);
        let used = outcome.used_gas.saturating_add(distributed);
        let result = match outcome.aborted {
            None => Ok(outcome.return_data),
            Some(abort) => Err(error::to_chain(abort)),
        };
        let mut ours = self.outcome(result, outcome.burnt_gas, used, outcome.logs);
        ours.balance = outcome.balance;
        ours.storage_usage = outcome.storage_usage;
        ours.subsidized = outcome.subsidized_amount;
        ours
    }
}
