//! Runs one function of one contract, and reports its effects and the receipts that it requested.
//!
//! This is the only module that names `near_vm_runner`. It keeps no world: storage goes in and comes out
//! as a value. When something runs is decided elsewhere.

mod both;
mod call_graph;
mod comparing;
pub mod comparison;
pub mod coverage;
mod error;
mod external;
mod imports;
mod inspect;
mod instrumented;
mod lines;
mod module_info;
mod pad_module;
mod pristine;
mod request;
mod storage;

use std::sync::Arc;

use near_primitives::errors::FunctionCallError;
use near_primitives_core::hash::CryptoHash;

use self::comparison::Comparisons;
use crate::types::{Gas, NearToken};

pub use both::{Both, EngineChoice};
pub use call_graph::exports_that_reach;
pub use comparing::Comparing;
pub use error::Error;
pub use external::TrieDepth;
pub use imports::imports_alone;
pub use inspect::{InvalidContract, exports};
pub use instrumented::{Instrumented, UninstrumentedContract};
pub use lines::SourceLine;
pub use module_info::ModuleInfo;
pub use near_primitives_core::config::ViewConfig;
pub use near_vm_runner::ContractCode;
pub use near_vm_runner::logic::types::PromiseResult;
pub use near_vm_runner::logic::{ReturnData, VMContext};
pub use pad_module::pad_module;
pub use pristine::Pristine;
pub use request::{PromiseReceipt, Resume, Touch};
pub use storage::{Storage, YieldStatus, Yields};

/// Everything that one function call needs, apart from the engine that runs it.
#[derive(Clone)]
pub struct Call<'a> {
    /// The contract's code. `None` if the account has none: the call then fails like any other.
    pub code: Option<&'a Arc<ContractCode>>,
    /// The exported function.
    pub method: &'a str,
    /// Accounts, input, deposit, gas, promise results and the block.
    pub context: VMContext,
    /// The account's key-value state before the call. Cloning it is cheap.
    pub storage: Storage,
    /// The account's pending yields before the call.
    pub yields: Yields,
    /// Unique to the action. Data ids are derived from it.
    pub action_hash: CryptoHash,
    /// How many trie nodes each state access is charged for.
    pub trie_depth: TrieDepth,
    /// Whether keys of post-quantum schemes exist in this protocol version.
    pub post_quantum_keys: bool,
}

impl std::fmt::Debug for Call<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Call").field("method", &self.method).finish_non_exhaustive()
    }
}

/// The effects of a call. If it failed, only `burnt_gas`, `used_gas`, `logs` and `result` count.
#[derive(Debug, PartialEq)]
pub struct Outcome {
    /// The returned value or promise, or why the contract failed.
    pub result: Result<ReturnData, FunctionCallError>,
    /// Gas burnt by the call.
    pub burnt_gas: Gas,
    /// Gas burnt, plus gas attached to promises.
    pub used_gas: Gas,
    /// What the contract logged, in order.
    pub logs: Vec<String>,
    /// The account's balance after the call, in yoctoNEAR: with the deposit, without what promises attach.
    pub balance: NearToken,
    /// The account's storage usage after the call, in bytes.
    pub storage_usage: u64,
    /// yoctoNEAR that the protocol minted for one-yocto deposits of a zero-balance contract.
    pub subsidized: NearToken,
    /// State after the call.
    pub storage: Storage,
    /// Yields after the call.
    pub yields: Yields,
    /// Receipts that the contract requested, in the order of their creation.
    pub promises: Vec<PromiseReceipt>,
    /// Resumes that the contract requested, in order.
    pub resumes: Vec<Resume>,
    /// State keys that the contract read or wrote, in order.
    pub touched: Vec<Touch>,
}

/// Runs contracts. Both engines give the same outcome, to the unit of gas.
pub trait Engine {
    /// Runs one call.
    ///
    /// # Errors
    /// If the virtual machine itself failed. A contract that fails is an [`Outcome`].
    fn call(&self, call: Call<'_>) -> Result<Outcome, Error>;

    /// Runs one call, and says which unequal operands the contract compared. An engine that does not record
    /// comparisons says nothing of them.
    ///
    /// # Errors
    /// If the virtual machine itself failed.
    fn call_comparing(&self, call: Call<'_>) -> Result<(Outcome, Comparisons), Error> {
        Ok((self.call(call)?, Comparisons::default()))
    }
}
