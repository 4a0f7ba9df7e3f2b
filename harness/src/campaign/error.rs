//! Why a campaign could not go on.
//!
//! Never a broken invariant: that is a finding.

use crate::finding;
use crate::simulation;

/// A campaign could not go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A case could not be run, the engines do not agree, or a file could not be read or written.
    #[error(transparent)]
    Finding(#[from] finding::Error),
    /// libFuzzer is to drive a second campaign in this process.
    #[error(
        "libFuzzer drove another campaign in this process, and it cannot start again\n  help: run each of these campaigns in a process of its own"
    )]
    LibFuzzerRanBefore,
    /// This program was built without libFuzzer.
    #[error(
        "this program was built without libFuzzer\n  help: build it with the feature `libfuzzer`, or let the campaign choose its own cases"
    )]
    NoLibFuzzer,
}

impl From<simulation::Error> for Error {
    fn from(error: simulation::Error) -> Self {
        Self::Finding(error.into())
    }
}
