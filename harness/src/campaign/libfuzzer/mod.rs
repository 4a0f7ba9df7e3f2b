//! What a libFuzzer entry point needs: a target loaded once, a case from bytes, a change of a case.
//!
//! An entry point is a few lines that pass libFuzzer's calls on to an [`EntryPoint`]. A violation ends
//! the process, as libFuzzer expects; the bytes that it then saves replay with `interloper replay`.

mod eyes;
mod guide;
mod in_process;

use std::sync::{Mutex, MutexGuard, PoisonError};

pub(super) use eyes::CoverageCounters;
use guide::MutatorBridge;
pub(super) use in_process::InProcess;
pub use in_process::change;

use super::search::FeedbackSource;
use super::search::feedback::counters;
use super::search::{InputScheduler, NextInput};
use super::{Error, LoadedTarget};
use crate::chain::Network;
use crate::finding::{Finding, confirm};
use crate::generator::crossover_bytes;
use crate::generator::from_fuzzer_bytes;
use crate::simulation::{Execution, Simulation};
use crate::types::{CryptoHash, Seed};
use crate::vm::UninstrumentedContract;

/// A target, ready to be fuzzed by libFuzzer.
pub struct EntryPoint {
    loaded: LoadedTarget,
    guide: Mutex<MutatorBridge>,
    /// Whether libFuzzer wants to know what every case compares.
    profiles_values: bool,
    told: Mutex<Vec<CryptoHash>>,
}

impl std::fmt::Debug for EntryPoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let target = &self.loaded.target().name;
        f.debug_struct("EntryPoint").field("target", target).finish_non_exhaustive()
    }
}

impl EntryPoint {
    /// Tells libFuzzer where the target's counters are. `profiles_values` says whether libFuzzer rewards new
    /// values in comparisons.
    #[must_use]
    pub fn new(loaded: LoadedTarget, seed: Seed, network: Network, profiles_values: bool) -> Self {
        let scheduler = InputScheduler::new(seed, network, &FeedbackSource::all());
        let counters = counters(loaded.engines().instrumented.coverage());
        let bridge = MutatorBridge::new(scheduler, CoverageCounters::open(counters));
        Self { loaded, guide: Mutex::new(bridge), profiles_values, told: Mutex::default() }
    }

    /// Runs the case that the bytes stand for, and shows libFuzzer what it did. A finding, when it
    /// breaks something.
    ///
    /// # Errors
    /// When the machine fails, or the engines do not agree.
    pub fn run(&self, bytes: &[u8]) -> Result<Option<Finding>, Error> {
        let (examiner, engines) = (self.loaded.checker(), self.loaded.engines());
        let ran = self.try_out(examiner.simulation, bytes)?;
        let examined = examiner.judge(ran)?;
        // Variations of the case that invariants asked for are no merit of the case.
        engines.instrumented.coverage().reset();
        if examined.violation.is_none() {
            return Ok(None);
        }
        let environment = self.loaded.environment(Seed::default());
        Ok(Some(confirm(&examiner, &engines.pristine, &examined, environment)?))
    }

    fn try_out(&self, simulation: Simulation<'_>, bytes: &[u8]) -> Result<Execution, Error> {
        let (target, engines) = (self.loaded.target(), self.loaded.engines());
        let mut guide = lock(&self.guide);
        let next = guide.case(bytes, target);
        let compares = matches!(next, NextInput::Compare(_)) || self.profiles_values;
        let (ran, compared) = engines.run(simulation, next.scenario(), compares)?;
        guide.learn(&ran, engines.instrumented.coverage(), false);
        if self.profiles_values {
            guide.sink().compared(&compared);
        }
        if let NextInput::Compare(waiting) = &next {
            guide.scheduler.replace(waiting, target, &compared);
        }
        Ok(ran)
    }

    /// Contracts that run without coverage, each told once.
    pub fn fallbacks(&self) -> Vec<UninstrumentedContract> {
        let mut told = lock(&self.told);
        let mut fallbacks = self.loaded.engines().instrumented.fallbacks();
        fallbacks.retain(|fallback| !told.contains(&fallback.code));
        told.extend(fallbacks.iter().map(|fallback| fallback.code));
        fallbacks
    }

    /// The case that the bytes stand for, as JSON.
    #[must_use]
    pub fn show(&self, bytes: &[u8]) -> String {
        from_fuzzer_bytes(bytes, self.loaded.target()).to_json()
    }

    /// Changes a case, as libFuzzer's custom mutator: in place, the new length returned.
    pub fn mutate(&self, data: &mut [u8], size: usize, max_size: usize) -> usize {
        let longest = max_size.min(data.len());
        let changed = lock(&self.guide).change(&data[..size], longest, self.loaded.target());
        put(data, &changed)
    }

    /// Crosses two cases, as libFuzzer's custom crossover.
    pub fn cross_over(&self, one: &[u8], other: &[u8], out: &mut [u8], seed: u32) -> usize {
        let seed = Seed(seed.into());
        let crossed = crossover_bytes(one, other, self.loaded.target(), out.len(), seed);
        put(out, &crossed)
    }
}

fn put(out: &mut [u8], bytes: &[u8]) -> usize {
    let length = bytes.len().min(out.len());
    out[..length].copy_from_slice(&bytes[..length]);
    length
}

/// Nothing is left half done in what these guard that another run could stumble over.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
