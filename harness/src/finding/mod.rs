//! A finding: how an invariant broke, the shortest case that shows it, and the powers it takes.
//!
//! Never prints.

mod confirm;
mod examine;
mod identity;
mod known;
mod shrink;
mod store;
pub mod story;

use serde::{Deserialize, Serialize};

use crate::adversary::Power;
use crate::chain::Network;
use crate::invariant::Violation;
use crate::scenario::Scenario;
use crate::trace::Location;
use crate::types::{Fingerprint, ProtocolVersion, Seed};

pub use confirm::{confirm, describe};
pub use examine::{Checked, Checker, network, powers};
pub use identity::{fingerprint, rough_fingerprint};
pub use known::Known;
pub use shrink::{MAX_EXECUTIONS, Shrunk, shrink};
pub(crate) use store::place;
#[cfg(feature = "cli")]
pub(crate) use store::put;
pub use store::{Stored, Written, read, read_all, to_json, write};

/// The version of the file format. It changes when a reader of an older one would misread it.
pub const SCHEMA: u32 = 1;

/// A broken invariant, with everything needed to see it again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Finding {
    /// The version of this format.
    pub schema: u32,
    /// Identifies the bug: the same one found in two ways has the same fingerprint.
    pub fingerprint: Fingerprint,
    /// How often it was found, in how many ways.
    pub count: u64,
    /// Where it was found.
    pub environment: Environment,
    /// How the invariant broke.
    pub violation: Violation,
    /// The rule that broke, in a sentence.
    pub rule: String,
    /// The window that it is about, where there is one.
    pub window: Option<Location>,
    /// What an attacker must be able to do.
    pub powers: Vec<Power>,
    /// The weakest network that shows it.
    #[serde(default)]
    pub network: Network,
    /// The case.
    pub scenario: Scenario,
    /// Whether shrinking ended before the case was minimal: it took too many executions.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub cut_short: bool,
    /// What happens in it.
    pub story: story::Story,
    /// Digest of what happens when the case runs.
    pub digest: Fingerprint,
}

/// Where a finding was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Environment {
    /// The target's name.
    pub target: String,
    /// Its folder, as it was given.
    pub folder: String,
    /// Which build ran, where the target has builds.
    pub build: Option<String>,
    /// Contracts that were replaced, as `ACCOUNT=FILE`.
    pub contracts: Vec<String>,
    /// The protocol version.
    pub protocol_version: ProtocolVersion,
    /// The campaign's seed.
    pub seed: Seed,
    /// Executions until it was found.
    pub executions: u64,
}

/// A finding could not be made, read or kept.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The case could not be run.
    #[error(transparent)]
    Simulation(#[from] crate::simulation::Error),
    /// The two engines, or two runs of one case, do not agree: a defect of the harness, worse than any
    /// that it could report.
    #[error(
        "the engines differ, which is a defect of interloper: the case ends in {pristine} on the pristine engine and in {instrumented} on the instrumented one; please report it with the case: {scenario}"
    )]
    EnginesDiffer {
        /// The digest on the pristine engine.
        pristine: Fingerprint,
        /// The digest that was seen first.
        instrumented: Fingerprint,
        /// The case, as JSON.
        scenario: String,
    },
    /// A file could not be read or written.
    #[error("cannot {what} {path}: {error}")]
    File {
        /// `read` or `write`.
        what: &'static str,
        /// The path.
        path: std::path::PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// A list of known bugs is wrong.
    #[error("{path}: {problem}")]
    Known {
        /// The path.
        path: std::path::PathBuf,
        /// What is wrong, and the cure.
        problem: String,
    },
    /// A file is no finding.
    #[error("{path} is no finding: {problem}")]
    Format {
        /// The path.
        path: std::path::PathBuf,
        /// Where and why.
        problem: String,
    },
}
