//! Errors of the machine, and the translation of the contract's errors into the chain's own types.
//!
//! Never judges whether an error is interesting.

use near_primitives::errors::{
    CompilationError, FunctionCallError, MethodResolveError, PrepareError,
};
use near_vm_runner::logic::errors as runner;

/// The machine that runs contracts could not work. This is never the contract's doing.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The folder for compiled contracts could not be made or opened.
    #[error(
        "cannot set up the cache for compiled contracts: {0}; make the temporary folder writable, or set TMPDIR to one that is"
    )]
    Cache(#[from] std::io::Error),
    /// `near_vm_runner` reported a failure of its own.
    #[error("the contract runner failed: {0}")]
    Runner(String),
    /// The two engines did not give the same answer to the same call.
    #[error("the engines disagree on {method}: pristine {pristine}, instrumented {instrumented}")]
    Disagree {
        /// The method that was called.
        method: String,
        /// The outcome in the real engine.
        pristine: String,
        /// The outcome in the instrumented one.
        instrumented: String,
    },
}

/// The error as the chain records it, which is also how explorers show it.
pub(super) fn to_chain(error: runner::FunctionCallError) -> FunctionCallError {
    match error {
        runner::FunctionCallError::CompilationError(error) => {
            FunctionCallError::CompilationError(compilation(error))
        }
        runner::FunctionCallError::MethodResolveError(error) => {
            FunctionCallError::MethodResolveError(method(&error))
        }
        // The chain stores these three as text, with the prefix that the runner's own `Display` lacks.
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
