//! The instrumented engine: the same outcomes as the reference engine, to the unit of gas, with coverage.
//!
//! Metered code and host functions come from `near_vm_runner`; counters are inserted after metering. Each
//! contract is compiled once. A call that cannot be reproduced exactly is left to a reference engine inside, and
//! [`Instrumented::fallbacks`] lists its contract.

mod comparing;
mod compile;
mod context;
mod link;
mod metered;
mod offsets;
mod run;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use near_parameters::RuntimeConfig;
use near_primitives_core::hash::CryptoHash;
use wasmtime::StoreLimits;

use self::compile::{Compiled, Compiler};
use super::comparison::Comparisons;
use super::coverage::{Coverage, CoveredFunction, Region};
use super::inspect::function_names;
use super::lines::{Lines, SourceLine};
use super::{Call, ContractCode, Engine, Error, Outcome, Pristine};

/// Runs contracts with coverage counters.
pub struct Instrumented {
    config: Arc<RuntimeConfig>,
    compiler: Compiler,
    limits: StoreLimits,
    contracts: Mutex<BTreeMap<CryptoHash, Option<Arc<Contract>>>>,
    coverage: Coverage,
    records_comparisons: AtomicBool,
    /// Whether contracts are compiled with recorders of comparisons only.
    always_records: bool,
    comparisons: Mutex<Comparisons>,
    /// How many comparisons the contracts have so far.
    sites: AtomicU32,
    fallbacks: Mutex<BTreeMap<CryptoHash, String>>,
    pristine: Pristine,
}

/// A compiled contract with its place in the coverage.
struct Contract {
    compiled: Compiled,
    /// The id of its first comparison, if it records any.
    first_site: u32,
    region: Region,
    /// The same code with recorders of comparisons, and the id of its first one: compiled when it is
    /// first asked for.
    comparing: OnceLock<Option<(Compiled, u32)>>,
}

/// A contract that the reference engine had to run at least once, without coverage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UninstrumentedContract {
    /// The contract's code hash.
    pub code: CryptoHash,
    /// Why.
    pub reason: String,
}

impl std::fmt::Debug for Instrumented {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Instrumented").finish_non_exhaustive()
    }
}

impl Instrumented {
    /// An engine for one protocol configuration.
    ///
    /// # Errors
    /// If wasmtime or the reference engine inside cannot be set up.
    pub fn new(config: Arc<RuntimeConfig>) -> Result<Self, Error> {
        Self::with(config, false)
    }

    /// An engine that records comparisons in every call, and compiles each contract once and fast.
    pub(super) fn always_recording(config: Arc<RuntimeConfig>) -> Result<Self, Error> {
        Self::with(config, true)
    }

    fn with(config: Arc<RuntimeConfig>, always_records: bool) -> Result<Self, Error> {
        let compiler = Compiler::new(Arc::clone(&config.wasm_config), !always_records)
            .map_err(|error| Error::Runner(format!("{error:#}")))?;
        Ok(Self {
            limits: compiler.limits(),
            compiler,
            contracts: Mutex::default(),
            coverage: Coverage::default(),
            records_comparisons: AtomicBool::new(always_records),
            always_records,
            comparisons: Mutex::default(),
            sites: AtomicU32::new(0),
            fallbacks: Mutex::default(),
            pristine: Pristine::new(Arc::clone(&config))?,
            config,
        })
    }

    /// Coverage since it was last reset.
    #[must_use]
    pub fn coverage(&self) -> &Coverage {
        &self.coverage
    }

    /// Whether to record comparisons from now on. This takes time, and each contract is compiled once more.
    pub fn record_comparisons(&self, record: bool) {
        self.records_comparisons.store(record, Ordering::Relaxed);
    }

    /// Takes the comparisons recorded since the last call.
    #[must_use]
    pub fn take_comparisons(&self) -> Comparisons {
        std::mem::take(&mut lock(&self.comparisons))
    }

    /// The contracts that did not run instrumented, and why, in the order of their hashes.
    #[must_use]
    pub fn fallbacks(&self) -> Vec<UninstrumentedContract> {
        let fallbacks = lock(&self.fallbacks);
        let fallbacks = fallbacks.iter();
        fallbacks
            .map(|(code, reason)| UninstrumentedContract { code: *code, reason: reason.clone() })
            .collect()
    }

    /// Compiles `code` now, so that its counters have their place before anything runs.
    pub fn load(&self, code: &Arc<ContractCode>) {
        self.contract(code);
    }

    /// The counters of each of the contract's functions. Empty if it is not instrumented.
    #[must_use]
    pub fn functions(&self, code: &ContractCode) -> Vec<CoveredFunction> {
        let Some(contract) = self.contract(code) else { return Vec::new() };
        let counters = contract.region.counters();
        let names = function_names(code.code());
        let starts = &contract.compiled.functions;
        let ends = starts.iter().skip(1).chain([&contract.compiled.blocks]);
        // Functions that preparing added come last and have no names.
        let named = names.into_iter().zip(starts.iter().zip(ends));
        let index = |block: &u32| (counters.start + *block as usize).min(counters.end);
        named
            .map(|(name, (start, end))| CoveredFunction {
                name,
                counters: index(start)..index(end),
            })
            .collect()
    }

    /// The source line of each of the contract's counters, by its index among all counters. Empty if it was built
    /// without debug information, or is not instrumented.
    #[must_use]
    pub fn lines(&self, code: &ContractCode) -> Vec<(usize, SourceLine)> {
        let (Some(contract), Some(lines)) = (self.contract(code), Lines::of(code.code())) else {
            return Vec::new();
        };
        let offsets = self.compiler.offsets(code).into_iter();
        let counters = contract.region.counters().zip(offsets);
        counters.filter_map(|(counter, offset)| Some((counter, lines.at(offset?)?))).collect()
    }

    fn contract(&self, code: &ContractCode) -> Option<Arc<Contract>> {
        let mut contracts = lock(&self.contracts);
        if let Some(contract) = contracts.get(code.hash()) {
            return contract.clone();
        }
        let contract = match self.compiler.compile(code, self.always_records) {
            Ok(compiled) => {
                let region = self.coverage.region(*code.hash(), compiled.blocks);
                let first_site = self.reserve_sites(&compiled);
                let comparing = OnceLock::new();
                Some(Arc::new(Contract { compiled, first_site, region, comparing }))
            }
            Err(reason) => {
                self.fall_back(code, reason);
                None
            }
        };
        contracts.insert(*code.hash(), contract.clone());
        contract
    }

    /// The code that is to run, and the id of its first comparison.
    fn variant<'a>(&self, code: &ContractCode, contract: &'a Contract) -> (&'a Compiled, u32) {
        if self.always_records || !self.records_comparisons.load(Ordering::Relaxed) {
            return (&contract.compiled, contract.first_site);
        }
        let comparing = contract.comparing.get_or_init(|| {
            let compiled = self.compiler.compile(code, true).ok()?;
            let first = self.reserve_sites(&compiled);
            Some((compiled, first))
        });
        comparing.as_ref().map_or((&contract.compiled, 0), |(compiled, first)| (compiled, *first))
    }

    /// Reserves ids for the contract's comparisons, and returns the first one.
    fn reserve_sites(&self, compiled: &Compiled) -> u32 {
        let sites = compiled.records.as_ref().map_or(0, |records| records.place.sites);
        self.sites.fetch_add(sites, Ordering::Relaxed)
    }

    fn fall_back(&self, code: &ContractCode, reason: String) {
        lock(&self.fallbacks).entry(*code.hash()).or_insert(reason);
    }
}

impl Engine for Instrumented {
    fn call(&self, call: Call<'_>) -> Result<Outcome, Error> {
        let Some(code) = call.code else { return self.pristine.call(call) };
        // A missing method costs gas, too: the reference engine knows how much.
        let contract = self
            .contract(code)
            .filter(|contract| contract.compiled.methods.contains_key(call.method));
        let Some(contract) = contract else { return self.pristine.call(call) };
        let (compiled, first_site) = self.variant(code, &contract);
        let run = run::Run {
            config: &self.config,
            compiled,
            limits: self.limits.clone(),
            coverage: &self.coverage,
            region: contract.region,
            comparisons: &self.comparisons,
            first_site,
            call: &call,
        };
        match run.run()? {
            Ok(outcome) => Ok(outcome),
            Err(reason) => {
                self.fall_back(code, reason);
                self.pristine.call(call)
            }
        }
    }

    fn call_comparing(&self, call: Call<'_>) -> Result<(Outcome, Comparisons), Error> {
        self.record_comparisons(true);
        let outcome = self.call(call);
        self.record_comparisons(self.always_records);
        let compared = self.take_comparisons();
        Ok((outcome?, compared))
    }
}

/// What these guard is consistent even if a thread panicked.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
