//! The loop: choose what happens next, ask the rules, let it happen, record it.
//!
//! Never touches a file, and never judges: a case in, what happened out.

mod explore;
mod follow_up;
mod footprint;
mod operation;
mod plan;
mod progress;
mod recorded_blocks;
mod replayer;
mod run;
mod stage;
mod start;
mod undisturbed;
mod unused;

pub use explore::{Exploration, Explored};
pub use replayer::{Memory, Replayer};
pub use run::{Execution, Simulation};
pub use stage::Fixture;
pub use start::Start;
pub use unused::{CasePart, UnusedPart, UnusedReason};

/// A case could not be run, or its world not be set up.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The simulated chain could not work.
    #[error(transparent)]
    Chain(#[from] crate::chain::Error),
    /// A contract cannot be used.
    #[error("{file}: {problem}")]
    Contract {
        /// The file.
        file: std::path::PathBuf,
        /// What is wrong with it, and the cure.
        problem: crate::vm::InvalidContract,
    },
    /// The target does not fit its contracts.
    #[error(transparent)]
    Target(#[from] crate::scenario::Error),
    /// A call of the set-up failed.
    #[error(
        "{file}:{line}: the set-up call of {method} failed: {problem}; correct the call or the world that it runs in"
    )]
    Setup {
        /// The target file.
        file: std::path::PathBuf,
        /// The line, counted from 1.
        line: usize,
        /// The method.
        method: String,
        /// What the chain said.
        problem: String,
    },
}
