//! Why no target could be made, with the cure.
//!
//! Never holds what a contract answered to a call: that is knowledge.

use std::io;
use std::path::PathBuf;

use crate::vm::InvalidContract;

/// A contract could not be inspected, or no target be made of it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// It is no WebAssembly.
    #[error(transparent)]
    Invalid(#[from] InvalidContract),
    /// A file is no WebAssembly.
    #[error("{}: {problem}", file.display())]
    Contract {
        /// The file.
        file: PathBuf,
        /// What is wrong with it, and the cure.
        problem: InvalidContract,
    },
    /// The chain would not run it.
    #[error(
        "{}: the chain refuses this contract: {reason}\n  help: try an older --protocol-version, or build it again with a newer cargo-near",
        file.display()
    )]
    Rejected {
        /// The file.
        file: PathBuf,
        /// What the chain says.
        reason: String,
    },
    /// It exports nothing that can be called.
    #[error("{}: exports no method that can be called\n  help: name a compiled NEAR contract", file.display())]
    NoMethods {
        /// The file.
        file: PathBuf,
    },
    /// The folder is there already.
    #[error("{}: is there already\n  help: take it away, or give another --name or --into", folder.display())]
    Exists {
        /// The folder.
        folder: PathBuf,
    },
    /// A file cannot be written.
    #[error("{}: cannot be written: {source}\n  help: name a folder with --into that can be", file.display())]
    Write {
        /// The file.
        file: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// An operation of a rehearsal could not be written down.
    #[error("the rehearsal cannot call a method: {0}; please report this")]
    Draft(String),
    /// The draft is no target.
    #[error(transparent)]
    Target(#[from] crate::scenario::Error),
    /// The draft cannot be run.
    #[error(transparent)]
    Simulation(#[from] crate::simulation::Error),
    /// The machine that runs contracts failed.
    #[error(transparent)]
    Machine(#[from] crate::vm::Error),
}
