//! Compares the simulated chain with what the real runtime did, case by case.
//!
//! Never decides what is right: the recorded case is.

mod case;
mod compare;
mod engines;
mod record;
mod run;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;

use crate::chain::{self, Protocol};
use crate::types::{NearToken, ProtocolVersion};
use crate::vm::{self, Engine, EngineChoice, TrieDepth};

pub use case::Case;
pub use compare::Difference;
pub use engines::{Agreement, compare_engines};
pub use record::record;

/// A case could not be read or run. A case that disagrees is a [`Verdict`].
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The folder or a file in it could not be read.
    #[error("cannot read {path}: {error}")]
    Read {
        /// The path.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// The folder holds no case.
    #[error("{0} holds no case: give a folder with `*.json` cases in it")]
    Empty(PathBuf),
    /// A file is no case.
    #[error("{path} is no conformance case: {error}")]
    Format {
        /// The file.
        path: PathBuf,
        /// Where and why.
        error: serde_json::Error,
    },
    /// A contract that a case names is not there.
    #[error("{case} needs {contract}, which is neither beside it nor in the folder above")]
    Contract {
        /// The case.
        case: PathBuf,
        /// The file that it names.
        contract: String,
    },
    /// The case runs under a version that cannot be simulated.
    #[error("{case}: {error}")]
    Version {
        /// The case.
        case: PathBuf,
        /// Which.
        error: chain::UnsupportedVersion,
    },
    /// The machine failed.
    #[error("{case}: {error}")]
    Chain {
        /// The case.
        case: PathBuf,
        /// How.
        error: chain::Error,
    },
}

/// How one case compares.
#[derive(Debug)]
pub struct Verdict {
    /// The case.
    pub path: PathBuf,
    /// The first difference; `None` where the simulated chain agrees in everything.
    pub difference: Option<Difference>,
}

/// Engines, one per protocol version, so that contracts are compiled once.
struct Engines(Vec<(ProtocolVersion, Box<dyn Engine + Send + Sync>)>);

/// Runs every case in `folder`, in parallel, and compares. In the order of the file names.
///
/// # Errors
/// When the folder holds no case, or one that cannot be read or run.
pub fn check(folder: &Path) -> Result<Vec<Verdict>, Error> {
    check_with(folder, EngineChoice::Pristine)
}

/// The same with another engine. Where both run, they must agree in every call, too.
///
/// # Errors
/// When the folder holds no case, or one that cannot be read or run.
pub fn check_with(folder: &Path, choice: EngineChoice) -> Result<Vec<Verdict>, Error> {
    let cases = case::read_all(folder)?;
    let engines = Engines::for_cases(&cases, choice)?;
    cases.into_par_iter().map(|(path, case)| verdict(path, &case, &engines)).collect()
}

fn verdict(path: PathBuf, case: &Case, engines: &Engines) -> Result<Verdict, Error> {
    let protocol = protocol(&path, case)?;
    let engine = engines.engine(case.protocol_version);
    let world = case::genesis(&path, case, protocol)?;
    let result = run::run(world, engine, case);
    let difference = match result {
        Ok(run) => compare::compare(case, &run),
        Err(run::Error::Differs(difference)) => Some(difference),
        Err(run::Error::Chain(chain::Error::Vm(vm::Error::Disagree {
            method,
            pristine: real,
            instrumented: simulated,
        }))) => Some(Difference { what: format!("engines: {method}"), real, simulated }),
        Err(run::Error::Chain(error)) => return Err(Error::Chain { case: path, error }),
    };
    Ok(Verdict { path, difference })
}

fn protocol(path: &Path, case: &Case) -> Result<Arc<Protocol>, Error> {
    let mut protocol = Protocol::new(case.protocol_version)
        .map_err(|error| Error::Version { case: path.to_owned(), error })?;
    protocol.gas_price = NearToken::from_yoctonear(case.gas_price);
    protocol.trie_depth = TrieDepth::FREE;
    protocol.layout = case.layout();
    Ok(Arc::new(protocol))
}

impl Engines {
    fn for_cases(cases: &[(PathBuf, Case)], choice: EngineChoice) -> Result<Self, Error> {
        let mut engines: Vec<(ProtocolVersion, Box<dyn Engine + Send + Sync>)> = Vec::new();
        for (path, case) in cases {
            let version = case.protocol_version;
            if engines.iter().all(|(known, _)| *known != version) {
                let config = Arc::clone(&protocol(path, case)?.config);
                let engine = choice
                    .engine(config)
                    .map_err(|error| Error::Chain { case: path.clone(), error: error.into() })?;
                engines.push((version, engine));
            }
        }
        Ok(Self(engines))
    }

    fn engine(&self, version: ProtocolVersion) -> &dyn Engine {
        let engine = self.0.iter().find(|(known, _)| *known == version);
        &*engine.expect("there is an engine for each version among the cases").1
    }
}
