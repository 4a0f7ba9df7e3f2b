//! A target that is ready to run: read, compiled and set up once, for any number of campaigns and replays.
//!
//! The only place that puts a [`Campaign`], a [`Checker`] and an [`Environment`] together. Never runs a
//! campaign.

use std::path::{Path, PathBuf};
use std::sync::Once;

use super::{Campaign, CampaignOptions, Engines};
use crate::chain::{NEWEST_VERSION, Protocol, UnsupportedVersion};
use crate::finding::{self, Checker, Environment, Finding, describe};
use crate::invariant::{Invariant, built_in};
use crate::scenario::{self, Scenario};
use crate::simulation::{self, Fixture, Simulation, UnusedPart};
use crate::targets::{ContractOverride, TARGET_FILE, Target};
use crate::types::{ProtocolVersion, Seed};
use crate::vm::{self, Engine, Pristine};

/// Which build of a target is loaded, and for which protocol version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoadOptions {
    /// One of the target's builds; its `default-build` if this is `None`.
    pub build: Option<String>,
    /// Contracts that replace those of the target.
    pub contracts: Vec<ContractOverride>,
    /// The protocol version to simulate.
    pub protocol_version: ProtocolVersion,
}

impl Default for LoadOptions {
    fn default() -> Self {
        Self { build: None, contracts: Vec::new(), protocol_version: NEWEST_VERSION }
    }
}

/// A target could not be loaded.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// The target, or one of its contracts, cannot be read.
    #[error(transparent)]
    Target(#[from] scenario::Error),
    /// The protocol version is not one that is simulated.
    #[error(transparent)]
    Protocol(#[from] UnsupportedVersion),
    /// An engine could not be set up.
    #[error(transparent)]
    Engine(#[from] vm::Error),
    /// The target's set-up failed.
    #[error(transparent)]
    Setup(#[from] simulation::Error),
}

/// A target that was read and set up, with the engines that run it and the invariants that judge it.
///
/// [`Fuzzer`](crate::Fuzzer) makes one; use it directly if you need more than one campaign or replay from
/// the same target, or only a part of a campaign.
pub struct LoadedTarget {
    target: Target,
    folder: PathBuf,
    fixture: Fixture,
    engines: Engines,
    /// Whether the instrumented engine has compiled the contracts. Only a campaign needs that.
    compiled: Once,
    invariants: Vec<Box<dyn Invariant>>,
    environment: Environment,
}

impl std::fmt::Debug for LoadedTarget {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LoadedTarget")
            .field("environment", &self.environment)
            .finish_non_exhaustive()
    }
}

impl LoadedTarget {
    /// Loads the target in a folder. The working directory is searched for a relative path first, then the
    /// folders above it: tests run in the folder of their package, and targets often lie above it.
    ///
    /// # Errors
    /// If the target cannot be read or set up, or the protocol version is not simulated.
    pub fn load(
        place: &Path,
        options: &LoadOptions,
        own: Vec<Box<dyn Invariant>>,
    ) -> Result<Self, LoadError> {
        let found = find_target(place);
        let target = Target::load(&found, options.build.as_deref(), &options.contracts)?;
        Self::from_target(target, place, options, own)
    }

    /// Sets up a target that was read before, from the folder that `place` names.
    ///
    /// # Errors
    /// If the target cannot be set up, or the protocol version is not simulated.
    pub fn from_target(
        target: Target,
        place: &Path,
        options: &LoadOptions,
        own: Vec<Box<dyn Invariant>>,
    ) -> Result<Self, LoadError> {
        let mut invariants = own;
        invariants.extend(built_in());
        let names: Vec<_> = invariants.iter().map(|invariant| invariant.name()).collect();
        target.check_invariants(&names)?;
        invariants.retain(|invariant| target.invariants.enabled(invariant.name()));
        let protocol = Protocol::new(options.protocol_version)?;
        let engines = Engines::new(&protocol)?;
        let fixture = Fixture::prepare(&target, protocol.into(), &engines.pristine)?;
        let environment = Environment {
            target: target.name.clone(),
            folder: portable(place).display().to_string(),
            build: target.build.clone(),
            contracts: options.contracts.iter().map(ToString::to_string).collect(),
            protocol_version: options.protocol_version,
            seed: Seed::default(),
            executions: 0,
        };
        let folder = find_target(place);
        let compiled = Once::new();
        Ok(Self { target, folder, fixture, engines, compiled, invariants, environment })
    }

    /// Leaves out the invariants of these names.
    #[must_use]
    pub fn without_invariants(mut self, names: &[impl AsRef<str>]) -> Self {
        self.invariants.retain(|own| names.iter().all(|name| name.as_ref() != own.name()));
        self
    }

    /// The target.
    #[must_use]
    pub fn target(&self) -> &Target {
        &self.target
    }

    /// The folder in which it was found.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The world in which every case starts.
    #[must_use]
    pub fn fixture(&self) -> &Fixture {
        &self.fixture
    }

    /// The invariants that judge its cases, in the order in which they are asked.
    #[must_use]
    pub fn invariants(&self) -> &[Box<dyn Invariant>] {
        &self.invariants
    }

    /// Both engines. The first call compiles the target's contracts for the instrumented one.
    #[must_use]
    pub fn engines(&self) -> &Engines {
        self.compiled.call_once(|| self.engines.compile(&self.target));
        &self.engines
    }

    /// The engine that has the last word. It needs no instrumented contracts.
    #[must_use]
    pub fn pristine(&self) -> &Pristine {
        &self.engines.pristine
    }

    /// Runs and judges cases on the instrumented engine.
    #[must_use]
    pub fn checker(&self) -> Checker<'_> {
        self.checker_on(&self.engines().instrumented)
    }

    /// Runs and judges cases on the engine that has the last word: for replays.
    #[must_use]
    pub fn pristine_checker(&self) -> Checker<'_> {
        self.checker_on(&self.engines.pristine)
    }

    fn checker_on<'a>(&'a self, engine: &'a dyn Engine) -> Checker<'a> {
        let simulation = Simulation { stage: &self.fixture, engine };
        Checker { simulation, invariants: &self.invariants }
    }

    /// Where a finding with this seed is made; a campaign fills in its executions.
    #[must_use]
    pub fn environment(&self, seed: Seed) -> Environment {
        Environment { seed, ..self.environment.clone() }
    }

    /// A campaign on this target.
    #[must_use]
    pub fn campaign(&self, options: CampaignOptions) -> Campaign<'_> {
        let CampaignOptions { driver, sources, seed, budget, network, corpus } = options;
        Campaign {
            target: &self.target,
            examiner: self.checker(),
            engines: self.engines(),
            corpus,
            driver,
            sources,
            seed,
            budget,
            network,
            environment: self.environment(seed),
        }
    }

    /// Runs a case on the engine that has the last word. A finding if it breaks an invariant, as the case
    /// stands: it is not shrunk.
    ///
    /// # Errors
    /// If the case does not fit the target, or a contract does something that is not simulated.
    pub fn replay(&self, case: &Scenario) -> Result<Option<Finding>, finding::Error> {
        Ok(self.replay_with_unused(case)?.0)
    }

    /// As [`Self::replay`], with the steps and faults of the case that did not apply.
    ///
    /// # Errors
    /// As [`Self::replay`].
    pub fn replay_with_unused(
        &self,
        case: &Scenario,
    ) -> Result<(Option<Finding>, Vec<UnusedPart>), finding::Error> {
        self.target.validate(case).map_err(simulation::Error::from)?;
        let checker = self.pristine_checker();
        let examined = checker.examine(case)?;
        let environment = self.environment.clone();
        let finding = describe(&checker, case.clone(), &examined, environment)?;
        Ok((finding, examined.ran.unused(case)))
    }
}

/// The target's folder, from the working directory or one above; the path itself if there is none.
pub(crate) fn find_target(place: &Path) -> PathBuf {
    let here = std::env::current_dir().unwrap_or_default();
    let mut folders = here.ancestors().map(|above| above.join(place));
    let found = folders.find(|folder| folder.join(TARGET_FILE).is_file());
    found.unwrap_or_else(|| place.to_owned())
}

/// The path as findings say it, who are read on other machines: relative if it lies below the working
/// directory.
fn portable(place: &Path) -> PathBuf {
    let here = std::env::current_dir().ok();
    let below = here.as_ref().and_then(|here| place.strip_prefix(here).ok());
    below.unwrap_or(place).to_owned()
}
