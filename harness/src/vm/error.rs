//! Errors of the virtual machine, and the translation of a contract's errors into the chain's types.

use near_primitives::errors::{
    CompilationError, FunctionCallError, MethodResolveError, PrepareError,
};
use near_vm_runner::logic::errors as runner;

/// The virtual machine could not work. A contract never causes this.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The folder for compiled contracts could not be created or opened.
    #[error(
        "cannot set up the cache for compiled contracts: {0}\n  help: make the temporary folder writable, or set TMPDIR to a folder that is"
    )]
    Cache(#[from] std::io::Error),
    /// `near_vm_runner` reported an internal failure.
    #[error("the contract runner failed: {0}")]
    Runner(String),
    /// The two engines gave different outcomes for the same call.
    #[error("the engines disagree on {method}: reference {pristine}, instrumented {instrumented}")]
    Disagree {
        /// The method that was called.
        method: String,
        /// The outcome in the reference engine.
        pristine: String,
        /// The outcome in the instrumented engine.
        instrumented: String,
    },
}

/// The error as the chain records it and explorers show it.
pub(super) fn to_chain(error: runner::FunctionCallError) -> FunctionCallError {
    match error {
        runner::FunctionCallError::CompilationError(error) => {
            FunctionCallError::CompilationError(compilation(error))
        }
        runner::FunctionCallError::MethodResolveError(error) => {
            FunctionCallError::MethodResolveError(method(&error))
        }
        // The chain stores these as text, with a prefix that the runner's `Display` lacks.
        runner::FunctionCallError::LinkError { msg } => {
            FunctionCallError::ExecutionError(format!("Link Error: {msg}"))
        }
        runner::FunctionCallError::LoadingError { msg } => {
            FunctionCallError::ExecutionError(format!("Loading error: {msg}"))
        }
        other @ (runner::FunctionCallError::WasmTrap(_)
        | runner::FunctionCallError::HostError(_)) => {
            FunctionCallError::ExecutionError(other.to_string())
        }
    }
}

fn method(error: &runner::MethodResolveError) -> MethodResolveError {
    match error {
        runner::MethodResolveError::MethodEmptyName => MethodResolveError::MethodEmptyName,
        runner::MethodResolveError::MethodNotFound => MethodResolveError::MethodNotFound,
        runner::MethodResolveError::MethodInvalidSignature => {
            MethodResolveError::MethodInvalidSignature
        }
    }
}

fn compilation(error: runner::CompilationError) -> CompilationError {
    match error {
        runner::CompilationError::CodeDoesNotExist { account_id } => {
            let account_id = account_id.parse().expect("it was an account id before");
            CompilationError::CodeDoesNotExist { account_id }
        }
        runner::CompilationError::PrepareError(error) => prepare(&error),
        runner::CompilationError::WasmerCompileError { msg }
        | runner::CompilationError::WasmtimeCompileError { msg } => {
            CompilationError::WasmerCompileError { msg }
        }
    }
}

fn prepare(error: &runner::PrepareError) -> CompilationError {
    // Both enumerations have the same variants by design; their names are the serialised form.
    let name = serde_json::Value::String(format!("{error:?}"));
    serde_json::from_value::<PrepareError>(name)
        .map(CompilationError::PrepareError)
        .unwrap_or_else(|_| CompilationError::WasmerCompileError { msg: error.to_string() })
}
