//! A target, loaded and set up: where every campaign begins.
//!
//! Never runs a case.

use std::path::{Path, PathBuf};

use super::Engines;
use crate::chain::Protocol;
use crate::invariant::{Invariant, built_in};
use crate::simulation::Fixture;
use crate::targets::{ContractOverride, Target};
use crate::types::ProtocolVersion;

/// A target that was loaded and set up.
#[derive(Debug)]
pub struct Loaded {
    /// The target.
    pub target: Target,
    /// Its folder.
    pub folder: PathBuf,
    /// Its world, after its set-up.
    pub stage: Fixture,
    /// What runs its contracts.
    pub engines: Engines,
}

impl Loaded {
    /// Loads the target in a folder, one of its builds, with other contracts where they are given.
    ///
    /// # Errors
    /// When the target cannot be loaded or set up; the text says what to do.
    pub fn load(
        folder: &Path,
        build: Option<&str>,
        contracts: &[ContractOverride],
        protocol_version: ProtocolVersion,
    ) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        let target = Target::load(folder, build, contracts)?;
        let names = built_in();
        let names: Vec<_> = names.iter().map(|invariant| invariant.name()).collect();
        target.check_invariants(&names)?;
        let protocol = Protocol::new(protocol_version)?;
        let engines = Engines::load(&target, &protocol)?;
        let stage = Fixture::prepare(&target, protocol.into(), &engines.pristine)?;
        Ok(Self { target, folder: folder.to_owned(), stage, engines })
    }

    /// The invariants that the target does not switch off.
    #[must_use]
    pub fn invariants(&self) -> Vec<Box<dyn Invariant>> {
        let mut invariants = built_in();
        invariants.retain(|invariant| self.target.invariants.enabled(invariant.name()));
        invariants
    }
}
