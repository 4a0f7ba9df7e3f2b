//! Why a fuzzer could not run.
//!
//! Never a broken invariant: that is a finding.

use std::path::PathBuf;

use crate::campaign::{self, LoadError};
use crate::finding;
use crate::scenario;
use crate::targets::{InvalidOverride, TARGET_FILE};

/// A fuzzer could not run. What a contract does wrong is not an error but a [`Finding`](finding::Finding).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The folder is not a target.
    #[error(
        "{} has no {TARGET_FILE}, here or in a folder above\n  help: `interloper init` writes one for a contract",
        folder.display()
    )]
    NoTarget {
        /// The folder, as it was given.
        folder: PathBuf,
    },
    /// A finding names a contract in a form that cannot be read.
    #[error(transparent)]
    Contract(#[from] InvalidOverride),
    /// The target could not be loaded.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// A case could not be read.
    #[error(transparent)]
    Case(#[from] scenario::Error),
    /// The campaign could not go on.
    #[error(transparent)]
    Campaign(#[from] campaign::Error),
    /// A case could not be replayed, or a file could not be read or written.
    #[error(transparent)]
    Finding(#[from] finding::Error),
}
