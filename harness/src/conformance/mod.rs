//! Compares the simulated chain with recordings of the real runtime, case by case.
//!
//! Never decides what is right: the recorded case does.

mod case;
mod compare;
mod engines;
mod record;
mod recordings;
mod run;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;

use crate::chain::{self, Outcome, Protocol, UnsupportedVersion};
use crate::types::{NearToken, ProtocolVersion};
use crate::vm::{self, Engine, EngineChoice, TrieDepth};
use case::Case;
use recordings::{Group, Recording};

pub use compare::Difference;
pub use engines::{Agreement, compare_engines};
pub use record::record;
pub use recordings::CaseSource;

/// Recordings could not be read. A case that disagrees is not an error but a [`CaseReport`].
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A folder or a file could not be read.
    #[error("cannot read {}: {error}", path.display())]
    Read {
        /// The path.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// There is no case at this path.
    #[error("{} contains no recorded case\n  help: give a `.json` case, a `.jsonl.xz` archive of cases, or a folder with such files", .0.display())]
    Empty(PathBuf),
    /// An archive is damaged.
    #[error("{}:{line}: cannot decompress this archive: {error}\n  help: copy the archive again", path.display())]
    Archive {
        /// The archive.
        path: PathBuf,
        /// The line that could not be read, from 1.
        line: usize,
        /// Why.
        error: std::io::Error,
    },
    /// A file, or a line of an archive, is not a case.
    #[error("{case}: this is not a recorded case: {error}")]
    Format {
        /// The case.
        case: Box<CaseSource>,
        /// Where and why.
        error: serde_json::Error,
    },
    /// The file of a contract that a case names is missing.
    #[error(
        "{case}: the contract {contract} is missing\n  help: put the file into the folder of the case or archive, or into the folder above"
    )]
    Contract {
        /// The case.
        case: Box<CaseSource>,
        /// The file that it names.
        contract: String,
    },
    /// The case runs under a version that cannot be simulated.
    #[error("{case}: {error}")]
    Version {
        /// The case.
        case: Box<CaseSource>,
        /// Which.
        error: UnsupportedVersion,
    },
    /// The simulated chain failed.
    #[error("{case}: {error}")]
    Chain {
        /// The case.
        case: Box<CaseSource>,
        /// How.
        error: chain::Error,
    },
    /// An engine could not be created.
    #[error(transparent)]
    Engine(#[from] vm::Error),
}

/// How one case compares.
#[derive(Debug)]
pub struct CaseReport {
    /// The case.
    pub case: CaseSource,
    /// The first difference; `None` if the simulated chain agrees in everything.
    pub difference: Option<Difference>,
    /// What the simulated chain did; empty if the case did not run to its end.
    pub outcomes: Vec<Outcome>,
}

/// How the cases of one archive or folder compare.
#[derive(Debug)]
pub struct GroupReport {
    /// The name of the archive or folder.
    pub name: String,
    /// Every case, in the order of the file names or lines.
    pub cases: Vec<CaseReport>,
}

impl GroupReport {
    /// How many cases agree.
    #[must_use]
    pub fn agreeing(&self) -> usize {
        self.cases.iter().filter(|case| case.difference.is_none()).count()
    }
}

/// Engines, one per protocol version, so that each contract is compiled once.
struct Engines(Vec<(ProtocolVersion, Box<dyn Engine + Send + Sync>)>);

/// Runs every case at `path` in parallel and compares. The path may be a case, an archive, or a folder
/// of them.
///
/// # Errors
/// When a case cannot be read.
pub fn check(path: &Path) -> Result<Vec<GroupReport>, Error> {
    check_with(path, EngineChoice::Pristine)
}

/// The same with another engine. If both engines run, they must agree in every call, too.
///
/// # Errors
/// When a case cannot be read.
pub fn check_with(path: &Path, choice: EngineChoice) -> Result<Vec<GroupReport>, Error> {
    let groups = recordings::read(path)?;
    let cases = groups.iter().flat_map(|group| &group.recordings).map(|recording| &recording.case);
    let engines = Engines::for_cases(cases, choice)?;
    let report = |group: Group| {
        let cases = group.recordings.par_iter();
        GroupReport { name: group.name, cases: cases.map(|case| compare(case, &engines)).collect() }
    };
    Ok(groups.into_iter().map(report).collect())
}

/// Whatever keeps the case from running to its end is a difference of this case.
fn compare(recording: &Recording, engines: &Engines) -> CaseReport {
    let differs = |what: &str, real: &str, simulated: String| {
        let (what, real) = (what.to_owned(), real.to_owned());
        Some(Difference { what, real, simulated })
    };
    let case = recording.source.clone();
    let difference = match run::run(recording, engines) {
        Ok(run) => {
            let difference = compare::compare(&recording.case, &run);
            return CaseReport { case, difference, outcomes: run.outcomes };
        }
        Err(run::Error::Differs(difference)) => Some(difference),
        Err(run::Error::Action(action)) => {
            differs("action", "carried out", format!("unknown: {}", action.0))
        }
        Err(run::Error::Version(error)) => differs("protocol version", "known", error.to_string()),
        Err(run::Error::Chain(chain::Error::Vm(vm::Error::Disagree {
            method,
            pristine,
            instrumented,
        }))) => differs(&format!("engines: {method}"), &pristine, instrumented),
        Err(run::Error::Chain(error)) => differs("the run", "ends", error.to_string()),
    };
    CaseReport { case, difference, outcomes: Vec::new() }
}

fn protocol(case: &Case) -> Result<Arc<Protocol>, UnsupportedVersion> {
    let mut protocol = Protocol::new(case.protocol_version)?;
    protocol.gas_price = NearToken::from_yoctonear(case.gas_price);
    protocol.trie_depth = TrieDepth::FREE;
    protocol.layout = case.layout();
    Ok(Arc::new(protocol))
}

impl Engines {
    /// Engines for all versions among the cases that can be simulated.
    fn for_cases<'a>(
        cases: impl Iterator<Item = &'a Case>,
        choice: EngineChoice,
    ) -> Result<Self, vm::Error> {
        let mut engines: Vec<(ProtocolVersion, Box<dyn Engine + Send + Sync>)> = Vec::new();
        for case in cases {
            let version = case.protocol_version;
            let known = engines.iter().any(|(known, _)| *known == version);
            let Some(protocol) = protocol(case).ok().filter(|_| !known) else { continue };
            engines.push((version, choice.engine(Arc::clone(&protocol.config))?));
        }
        Ok(Self(engines))
    }

    fn engine(&self, version: ProtocolVersion) -> &dyn Engine {
        let engine = self.0.iter().find(|(known, _)| *known == version);
        &*engine.expect("each version that can be simulated has an engine").1
    }
}
