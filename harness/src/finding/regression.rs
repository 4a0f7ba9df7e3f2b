//! Runs a finding's case again, from any program: what a generated test calls.
//!
//! Never shrinks: the case runs as it stands.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{Checker, Environment, Finding, describe};
use crate::chain::Protocol;
use crate::invariant::{Invariant, built_in};
use crate::scenario::Scenario;
use crate::simulation::{Fixture, Simulation};
use crate::targets::TARGET_FILE;
use crate::targets::Target;
use crate::types::ProtocolVersion;
use crate::vm::Pristine;

/// Why a target could not be loaded; the text says what to do.
pub type LoadError = Box<dyn std::error::Error + Send + Sync>;

/// The target's folder, from the working directory or one above.
fn find(folder: &Path) -> std::io::Result<PathBuf> {
    let here = std::env::current_dir()?;
    let mut places = here.ancestors().map(|above| above.join(folder));
    let found = places.find(|place| place.join(TARGET_FILE).is_file());
    Ok(found.unwrap_or_else(|| folder.to_owned()))
}

/// A target that cases can be run in.
pub struct Regression {
    target: Target,
    stage: Fixture,
    engine: Pristine,
    invariants: Vec<Box<dyn Invariant>>,
    environment: Environment,
}

impl std::fmt::Debug for Regression {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Regression").field("target", &self.target.name).finish_non_exhaustive()
    }
}

impl Regression {
    /// Loads the target in `folder` and runs its set-up; `build` chooses one of its builds. A relative
    /// path is looked for from the working directory upwards: tests run in their package's folder, and
    /// findings are made above it.
    ///
    /// # Errors
    /// When the target cannot be loaded or set up.
    pub fn load(
        folder: &Path,
        build: Option<&str>,
        version: ProtocolVersion,
    ) -> Result<Self, LoadError> {
        let folder = &find(folder)?;
        let target = Target::load(folder, build, &[])?;
        let protocol = Protocol::new(version)?;
        let engine = Pristine::new(Arc::clone(&protocol.config))?;
        let stage = Fixture::prepare(&target, protocol.into(), &engine)?;
        let mut invariants = built_in();
        let names: Vec<_> = invariants.iter().map(|invariant| invariant.name()).collect();
        target.check_invariants(&names)?;
        invariants.retain(|invariant| target.invariants.enabled(invariant.name()));
        let environment = Environment {
            target: target.name.clone(),
            folder: folder.display().to_string(),
            build: target.build.clone(),
            contracts: Vec::new(),
            protocol_version: version,
            seed: crate::types::Seed::default(),
            executions: 0,
        };
        Ok(Self { target, stage, engine, invariants, environment })
    }

    /// The target.
    #[must_use]
    pub fn target(&self) -> &Target {
        &self.target
    }

    /// What runs and judges cases.
    #[must_use]
    pub fn examiner(&self) -> Checker<'_> {
        let simulation = Simulation { stage: &self.stage, engine: &self.engine };
        Checker { simulation, invariants: &self.invariants }
    }

    /// What a finding made here says about where it was made.
    #[must_use]
    pub fn environment(&self) -> Environment {
        self.environment.clone()
    }

    /// Runs a case. A finding where it breaks something, as the case stands.
    ///
    /// # Errors
    /// When the case does not fit the target, or the machine fails.
    pub fn replay(&self, scenario: &Scenario) -> Result<Option<Finding>, LoadError> {
        self.target.validate(scenario)?;
        let examined = self.examiner().examine(scenario)?;
        let environment = self.environment();
        Ok(describe(&self.examiner(), scenario.clone(), &examined, environment)?)
    }
}
