//! What a libFuzzer entry point needs: a target loaded once, a case from bytes, a change of a case.
//!
//! An entry point is a few lines that pass libFuzzer's calls on to an [`EntryPoint`]. A violation ends
//! the process, as libFuzzer expects; the bytes that it then saves replay with `interloper replay`.

use std::path::Path;

use super::Engines;
use crate::chain::{NEWEST_VERSION, Protocol};
use crate::finding::{Environment, Error, Examiner, Finding, confirm};
use crate::invariant::{Invariant, built_in};
use crate::scenario::{Scenario, Target, crossover_bytes, mutate_bytes};
use crate::simulation::{Simulation, Stage};
use crate::types::Seed;

/// A target, ready to be fuzzed by libFuzzer.
pub struct EntryPoint {
    target: Target,
    stage: Stage,
    engines: Engines,
    invariants: Vec<Box<dyn Invariant>>,
    folder: String,
}

impl std::fmt::Debug for EntryPoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EntryPoint").field("target", &self.target.name).finish_non_exhaustive()
    }
}

impl EntryPoint {
    /// Loads a target. `INTERLOPER_BUILD` chooses one of its builds.
    ///
    /// # Errors
    /// When the target cannot be loaded or set up; the text says what to do.
    pub fn load(folder: &Path) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        let build = std::env::var("INTERLOPER_BUILD").ok();
        let target = Target::load(folder, build.as_deref(), &[])?;
        let protocol = Protocol::new(NEWEST_VERSION)?;
        let engines = Engines::load(&target, &protocol)?;
        let stage = Stage::prepare(&target, protocol.into(), &engines.pristine)?;
        let folder = folder.display().to_string();
        Ok(Self { target, stage, engines, invariants: built_in(), folder })
    }

    /// Runs the case that the bytes stand for. A finding, when it breaks something.
    ///
    /// # Errors
    /// When the machine fails, or the engines do not agree.
    pub fn run(&self, bytes: &[u8]) -> Result<Option<Finding>, Error> {
        let scenario = Scenario::from_fuzzer_bytes(bytes, &self.target);
        let simulation = Simulation { stage: &self.stage, engine: &self.engines.instrumented };
        let examiner = Examiner { simulation, invariants: &self.invariants };
        let examined = examiner.examine(&scenario)?;
        if examined.violation.is_none() {
            return Ok(None);
        }
        let environment = Environment {
            target: self.target.name.clone(),
            folder: self.folder.clone(),
            build: self.target.build.clone(),
            contracts: Vec::new(),
            protocol_version: NEWEST_VERSION,
            seed: Seed::default(),
            executions: 0,
        };
        confirm(&examiner, &self.engines.pristine, &examined, environment).map(Some)
    }

    /// The case that the bytes stand for, as JSON.
    #[must_use]
    pub fn show(&self, bytes: &[u8]) -> String {
        Scenario::from_fuzzer_bytes(bytes, &self.target).to_json()
    }

    /// Changes a case, as libFuzzer's custom mutator: in place, the new length returned.
    pub fn mutate(&self, data: &mut [u8], size: usize, max_size: usize, seed: u32) -> usize {
        let seed = Seed(seed.into());
        let changed = mutate_bytes(&data[..size], &self.target, max_size.min(data.len()), seed);
        put(data, &changed)
    }

    /// Crosses two cases, as libFuzzer's custom crossover.
    pub fn cross_over(&self, one: &[u8], other: &[u8], out: &mut [u8], seed: u32) -> usize {
        let seed = Seed(seed.into());
        let crossed = crossover_bytes(one, other, &self.target, out.len(), seed);
        put(out, &crossed)
    }
}

fn put(out: &mut [u8], bytes: &[u8]) -> usize {
    let length = bytes.len().min(out.len());
    out[..length].copy_from_slice(&bytes[..length]);
    length
}
