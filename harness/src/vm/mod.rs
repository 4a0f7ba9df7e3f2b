//! Runs one function of one contract, and reports what it did and what it asked for.
//!
//! This is the only place that names `near_vm_runner`. It never decides when something runs, never
//! looks at a receipt queue, and keeps no world: storage goes in and comes out as a value.

mod anatomy;
mod both;
pub mod comparison;
pub mod coverage;
mod enlarge;
mod error;
mod external;
mod imports;
mod inspect;
mod instrumented;
mod lines;
mod pristine;
mod request;
mod storage;

use std::sync::Arc;

use near_primitives::errors::FunctionCallError;
use near_primitives_core::hash::CryptoHash;

use crate::types::{Gas, NearToken};

pub use anatomy::ModuleInfo;
pub use both::{Both, EngineChoice};
pub use enlarge::enlarge;
pub use error::Error;
pub use external::TrieDepth;
pub use imports::imports_alone;
pub use inspect::{InvalidContract, exports};
pub use instrumented::{Fallback, Instrumented};
pub use lines::SourceLine;
pub use near_primitives_core::config::ViewConfig;
pub use near_vm_runner::ContractCode;
pub use near_vm_runner::logic::types::PromiseResult;
pub use near_vm_runner::logic::{ReturnData, VMContext};
pub use pristine::Pristine;
pub use request::{PromiseReceipt, Resume, Touch};
pub use storage::{Storage, YieldStatus, Yields};

/// Everything that one function call needs, apart from the engine that runs it.
#[derive(Clone)]
pub struct Call<'a> {
    /// The contract's code; `None` where the account has none, which is an ordinary failure.
    pub code: Option<&'a Arc<ContractCode>>,
    /// The exported function.
    pub method: &'a str,
    /// Who calls, with what, and what the block says.
    pub context: VMContext,
    /// The account's key-value state before the call. Cloning it is cheap.
    pub storage: Storage,
    /// The account's pending yields before the call.
    pub yields: Yields,
    /// Unique per action; data ids are derived from it.
    pub action_hash: CryptoHash,
    /// How deep every state access is taken to go in the trie, which is paid for in gas.
    pub trie_depth: TrieDepth,
    /// Whether keys of post-quantum schemes exist in this protocol version.
    pub post_quantum_keys: bool,
}

impl std::fmt::Debug for Call<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Call").field("method", &self.method).finish_non_exhaustive()
    }
}

/// What a call did. Of a failed call only `burnt_gas`, `used_gas`, `logs` and `result` count.
#[derive(Debug, PartialEq)]
pub struct Outcome {
    /// What the function returned, or why the contract failed.
    pub result: Result<ReturnData, FunctionCallError>,
    /// Gas that is gone.
    pub burnt_gas: Gas,
    /// Gas that is gone or was given to promises.
    pub used_gas: Gas,
    /// What the contract logged, in order.
    pub logs: Vec<String>,
    /// The account's balance after the call, in yoctoNEAR: deposits added, what promises carry deducted.
    pub balance: NearToken,
    /// The account's storage usage after the call, in bytes.
    pub storage_usage: u64,
    /// What the protocol minted for one-yocto deposits of a contract without balance.
    pub subsidized: NearToken,
    /// State after the call.
    pub storage: Storage,
    /// Yields after the call.
    pub yields: Yields,
    /// Receipts that the contract asked for, in the order of their creation.
    pub promises: Vec<PromiseReceipt>,
    /// Resumes that the contract asked for, in order.
    pub resumes: Vec<Resume>,
    /// Keys of the state that the contract looked at or changed, in order.
    pub touched: Vec<Touch>,
}

/// Runs contracts. Two engines give the same answer to the unit of gas.
pub trait Engine {
    /// Runs one call.
    ///
    /// # Errors
    /// Only when the machine failed. A contract that fails is an [`Outcome`].
    fn call(&self, call: Call<'_>) -> Result<Outcome, Error>;
}
