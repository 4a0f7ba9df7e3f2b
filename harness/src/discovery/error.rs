//! Why a contract cannot be inspected or no target can be made of it, and what to do.
//!
//! A contract that fails a test call is not an error: that is a result.

use std::io;
use std::path::PathBuf;

use crate::types::AccountId;
use crate::vm::InvalidContract;

/// Why a contract cannot be inspected, or no target can be made of it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// It is not WebAssembly.
    #[error(transparent)]
    Invalid(#[from] InvalidContract),
    /// A file is not WebAssembly.
    #[error("{}: {problem}", file.display())]
    Contract {
        /// The file.
        file: PathBuf,
        /// What is wrong with it, and what to do.
        problem: InvalidContract,
    },
    /// The chain does not run it.
    #[error(
        "{}: the chain does not run this contract: {reason}\n  help: try an older --protocol-version, or rebuild the contract with a newer cargo-near",
        file.display()
    )]
    Rejected {
        /// The file.
        file: PathBuf,
        /// What the chain says.
        reason: String,
    },
    /// It exports no methods.
    #[error("{}: exports no methods\n  help: name a compiled NEAR contract", file.display())]
    NoMethods {
        /// The file.
        file: PathBuf,
    },
    /// Nothing names or calls a companion.
    #[error(
        "--with {id}={}: nothing uses this contract{}\n  help: to put it in the place of an account above, name it like the account, as in `--with {}={}`; otherwise leave it out",
        file.display(),
        listed(arguments, called),
        example(arguments, called),
        file.display()
    )]
    UnusedCompanion {
        /// Its account.
        id: AccountId,
        /// The file.
        file: PathBuf,
        /// Arguments of initializers that name accounts: contract, argument and value.
        arguments: Vec<(AccountId, String, String)>,
        /// Accounts without a contract that the contracts call.
        called: Vec<AccountId>,
    },
    /// The folder exists already.
    #[error("{}: already exists\n  help: remove the folder, or choose another with --name or --into", folder.display())]
    Exists {
        /// The folder.
        folder: PathBuf,
    },
    /// A file cannot be written.
    #[error("{}: cannot be written: {source}\n  help: choose a writable folder with --into", file.display())]
    Write {
        /// The file.
        file: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// A call of the set-up fails when all contracts run together.
    #[error(
        "the set-up call `{method}` fails when all contracts run together: {problem}\n  help: name the contracts that it calls with `--with NAME=FILE.wasm`"
    )]
    Setup {
        /// The method.
        method: String,
        /// What the chain said.
        problem: String,
    },
    /// The draft is not a valid target.
    #[error(transparent)]
    Target(#[from] crate::scenario::Error),
    /// The draft cannot be run.
    #[error(transparent)]
    Simulation(#[from] crate::simulation::Error),
    /// The engine that runs contracts failed.
    #[error(transparent)]
    Engine(#[from] crate::vm::Error),
}

/// The accounts that a companion could be.
fn listed(arguments: &[(AccountId, String, String)], called: &[AccountId]) -> String {
    let mut text = String::new();
    for (contract, name, value) in arguments {
        text.push_str(&format!("\n  {contract} is initialized with {name} = {value}"));
    }
    for account in called {
        text.push_str(&format!("\n  the contracts call {account}"));
    }
    text
}

/// A name that binds a companion.
fn example(arguments: &[(AccountId, String, String)], called: &[AccountId]) -> String {
    let argument = arguments.first().map(|(_, name, _)| name.clone());
    argument.or_else(|| called.first().map(AccountId::to_string)).unwrap_or_else(|| "NAME".into())
}
