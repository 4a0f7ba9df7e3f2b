//! The front door: one builder for everything that runs a target.
//!
//! A [`Fuzzer`] is lazy: its methods only note what you want, and the first run loads the target. It keeps
//! what it loaded for later runs, replays and regression tests. Never decides what a finding is.

mod error;
mod report;
mod run;

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use crate::campaign::{
    Budget, CampaignOptions, Driver, Event, FeedbackSource, LoadOptions, LoadedTarget,
};
use crate::chain::{self, Network};
use crate::finding::Finding;
use crate::invariant::{Counterfactuals, Invariant, Settings, Violation};
use crate::scenario::Scenario;
use crate::simulation::UnusedPart;
use crate::targets::{ContractOverride, TARGET_FILE};
use crate::trace::Observation;
use crate::types::{AccountId, ProtocolVersion, Seed};

pub use error::Error;
pub use report::Report;

/// How long a run takes if it has neither a limit of time nor one of executions.
pub const DEFAULT_TIME: Duration = Duration::from_secs(60);

/// Fuzzes a target, replays cases in it, and holds it to cases that once broke it.
///
/// A target is a folder with a `target.toml`, which names contracts, accounts and methods; `interloper init`
/// writes one for any contract.
///
/// ```
/// use interloper::Fuzzer;
///
/// # fn main() -> Result<(), interloper::Error> {
/// let report = Fuzzer::load("targets/vault")?.build("broken").seed(1).runs(2_000).run(|_| {})?;
/// let finding = &report.findings[0];
/// assert_eq!(finding.violation.invariant, "profit");
/// # Ok(())
/// # }
/// ```
///
/// The first run loads the target, and later runs use it again:
///
/// ```
/// # fn main() -> Result<(), interloper::Error> {
/// let mut fuzzer = interloper::Fuzzer::load("targets/vault")?.build("fixed").runs(50);
/// for seed in 0..3 {
///     fuzzer = fuzzer.seed(seed);
///     fuzzer.run(|_| {})?.assert_no_findings();
/// }
/// # Ok(())
/// # }
/// ```
#[must_use = "a fuzzer does nothing until you call `run`, `replay` or `assert_holds`"]
pub struct Fuzzer {
    place: PathBuf,
    loading: LoadOptions,
    own: Vec<Arc<dyn Invariant>>,
    without: Vec<String>,
    options: CampaignOptions,
    corpus: Option<PathBuf>,
    loaded: OnceLock<LoadedTarget>,
}

impl std::fmt::Debug for Fuzzer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Fuzzer")
            .field("target", &self.place)
            .field("loading", &self.loading)
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}

/// Which target runs. A change makes the next run load it anew.
impl Fuzzer {
    /// Chooses the target in this folder. The working directory is searched for a relative path first, then
    /// the folders above it.
    ///
    /// # Errors
    /// If there is no `target.toml` in the folder. What is wrong in the file is said by the first run.
    ///
    /// ```
    /// let error = interloper::Fuzzer::load("targets/nowhere").unwrap_err();
    /// assert!(error.to_string().starts_with("targets/nowhere has no target.toml"));
    /// ```
    pub fn load(folder: impl AsRef<Path>) -> Result<Self, Error> {
        let place = folder.as_ref().to_owned();
        if !crate::campaign::find_target(&place).join(TARGET_FILE).is_file() {
            return Err(Error::NoTarget { folder: place });
        }
        let budget = Budget { findings: Some(1), ..Budget::default() };
        Ok(Self {
            place,
            loading: LoadOptions::default(),
            own: Vec::new(),
            without: Vec::new(),
            options: CampaignOptions { budget, ..CampaignOptions::default() },
            corpus: None,
            loaded: OnceLock::new(),
        })
    }

    /// Chooses the target, the build, the contracts, the protocol version and the seed with which a finding
    /// was made: to replay it, or to look for more.
    ///
    /// # Errors
    /// If the target is not where it was, or the finding names contracts that cannot be read as
    /// `ACCOUNT=FILE.wasm`.
    ///
    /// ```
    /// use interloper::Fuzzer;
    ///
    /// # fn main() -> Result<(), interloper::Error> {
    /// let report = Fuzzer::load("targets/vault")?.build("broken").runs(2_000).run(|_| {})?;
    /// let finding = &report.findings[0];
    /// let again = Fuzzer::for_finding(finding)?.replay(&finding.scenario)?;
    /// assert_eq!(again.unwrap().fingerprint, finding.fingerprint);
    /// # Ok(())
    /// # }
    /// ```
    pub fn for_finding(finding: &Finding) -> Result<Self, Error> {
        let made = &finding.environment;
        let mut fuzzer = Self::load(&made.folder)?.protocol_version(made.protocol_version);
        fuzzer.loading.build.clone_from(&made.build);
        for contract in &made.contracts {
            fuzzer.loading.contracts.push(contract.parse()?);
        }
        Ok(fuzzer.seed(made.seed.0))
    }

    /// Runs this build of the target instead of its `default-build`.
    pub fn build(mut self, name: impl Into<String>) -> Self {
        self.loading.build = Some(name.into());
        self.unload()
    }

    /// Runs the contract in this file for one of the target's accounts. The path is relative to the working
    /// directory.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let fuzzer = interloper::Fuzzer::load("targets/vault")?
    ///     .contract("vault.near".parse()?, "../targets/vault/fixed.wasm");
    /// fuzzer.runs(50).run(|_| {})?.assert_no_findings();
    /// # Ok(())
    /// # }
    /// ```
    pub fn contract(mut self, account: AccountId, wasm: impl Into<PathBuf>) -> Self {
        self.loading.contracts.push(ContractOverride { account, file: wasm.into() });
        self.unload()
    }

    /// Simulates this version of the protocol instead of the newest one.
    pub fn protocol_version(mut self, version: ProtocolVersion) -> Self {
        self.loading.protocol_version = version;
        self.unload()
    }

    /// Adds an invariant of your own. It is asked before the built-in ones.
    pub fn invariant(mut self, own: impl Invariant + 'static) -> Self {
        self.own.push(Arc::new(own));
        self.unload()
    }

    /// Leaves out an invariant, by its name.
    pub fn without_invariant(mut self, name: impl Into<String>) -> Self {
        self.without.push(name.into());
        self.unload()
    }

    fn unload(mut self) -> Self {
        self.loaded = OnceLock::new();
        self
    }
}

/// How it is fuzzed.
impl Fuzzer {
    /// The start of all random numbers, 0 if you do not choose. The same seed with the same
    /// [`runs`](Self::runs) finds the same.
    pub fn seed(mut self, seed: u64) -> Self {
        self.options.seed = Seed(seed);
        self
    }

    /// Ends after this many executions.
    pub fn runs(mut self, executions: u64) -> Self {
        self.options.budget.runs = Some(executions);
        self
    }

    /// Ends after this long. What it finds then depends on how fast the machine is. If you choose neither
    /// this nor [`runs`](Self::runs), it ends after [`DEFAULT_TIME`].
    pub fn time(mut self, time: Duration) -> Self {
        self.options.budget.time = Some(time);
        self
    }

    /// Ends after this many different findings, 1 if you do not choose. Known bugs do not count.
    pub fn max_findings(mut self, findings: usize) -> Self {
        self.options.budget.findings = Some(findings.max(1));
        self
    }

    /// Chooses what the network may do to the order of receipts; [`Network::Congested`] is the default.
    pub fn network(mut self, network: Network) -> Self {
        self.options.network = network;
        self
    }

    /// Begins with the cases in this folder, which need not exist yet, and adds those that show something
    /// new.
    pub fn corpus(mut self, folder: impl Into<PathBuf>) -> Self {
        self.corpus = Some(folder.into());
        self
    }

    /// Chooses who chooses the cases.
    pub fn driver(mut self, driver: Driver) -> Self {
        self.options.driver = driver;
        self
    }

    /// Does not learn from these: to measure what they are worth.
    pub fn without_feedback(mut self, sources: &[FeedbackSource]) -> Self {
        self.options.sources = FeedbackSource::all_but(sources);
        self
    }
}

/// What it does.
impl Fuzzer {
    /// The target with its engines and invariants, loaded by the first call.
    ///
    /// # Errors
    /// If the target cannot be read or set up.
    pub fn loaded(&self) -> Result<&LoadedTarget, Error> {
        if let Some(loaded) = self.loaded.get() {
            return Ok(loaded);
        }
        let loaded = self.load_now()?;
        Ok(self.loaded.get_or_init(|| loaded))
    }

    /// As [`loaded`](Self::loaded), for a program that keeps the target only.
    ///
    /// # Errors
    /// If the target cannot be read or set up.
    pub fn into_loaded(mut self) -> Result<LoadedTarget, Error> {
        self.loaded.take().map_or_else(|| self.load_now(), Ok)
    }

    fn load_now(&self) -> Result<LoadedTarget, Error> {
        let own = self.own.iter().map(|own| Box::new(Own(Arc::clone(own))) as Box<dyn Invariant>);
        let loaded = LoadedTarget::load(&self.place, &self.loading, own.collect())?;
        Ok(loaded.without_invariants(&self.without))
    }

    /// Fuzzes until a limit is reached, and tells `on_event` what happens meanwhile.
    ///
    /// Bugs that the target's `known.toml` lists are counted in [`Report::known`] and do not end the run.
    ///
    /// # Errors
    /// If the target cannot be loaded, the corpus cannot be read or written, a contract does something that
    /// is not simulated, or the two engines do not agree on a finding.
    ///
    /// ```
    /// use interloper::Fuzzer;
    /// use interloper::campaign::Event;
    ///
    /// # fn main() -> Result<(), interloper::Error> {
    /// let mut kept = 0;
    /// let fuzzer = Fuzzer::load("targets/vault")?.build("fixed").runs(100);
    /// let report = fuzzer.run(|event| kept += u64::from(matches!(event, Event::Kept(_))))?;
    /// assert!(kept > 0);
    /// assert_eq!(report.statistics.executions, 100);
    /// # Ok(())
    /// # }
    /// ```
    pub fn run(&self, on_event: impl FnMut(Event<'_>)) -> Result<Report, Error> {
        let mut options = self.options.clone();
        if options.budget.runs.is_none() {
            options.budget.time.get_or_insert(DEFAULT_TIME);
        }
        run::run(self.loaded()?, options, self.corpus.as_deref(), on_event)
    }

    /// Runs one case as it stands. A finding if it breaks an invariant.
    ///
    /// # Errors
    /// If the target cannot be loaded, the case does not fit it, or a contract does something that is not
    /// simulated.
    pub fn replay(&self, case: &Scenario) -> Result<Option<Finding>, Error> {
        Ok(self.loaded()?.replay(case)?)
    }

    /// A regression test: runs a case, given as JSON, and panics if it breaks an invariant.
    /// `interloper report --format rust` writes tests that call this.
    ///
    /// # Panics
    /// If the case breaks an invariant; the message is the finding. If a step or a fault of the case does not
    /// apply any more, for example because the contract sends other receipts now: the test would pass without
    /// testing anything. Also if the target cannot be loaded, or the case cannot be read or run.
    ///
    /// ```
    /// let fuzzer = interloper::Fuzzer::load("targets/vault").expect("the target is there");
    /// let case = r#"{ "operations": [{ "signer": "alice.near", "receiver": "vault.near",
    ///     "method": "withdraw", "arguments": { "amount": null } }] }"#;
    /// fuzzer.build("fixed").assert_holds(case);
    /// ```
    #[track_caller]
    pub fn assert_holds(&self, case: &str) {
        let read = Scenario::from_json(case, "the case").map_err(Error::from);
        let ran = read.and_then(|case| Ok(self.loaded()?.replay_with_unused(&case)?));
        match ran {
            Err(error) => panic!("the case cannot run: {error}"),
            Ok((Some(finding), _)) => panic!("{}", crate::report::plain(&finding)),
            Ok((None, unused)) => assert!(unused.is_empty(), "{}", outdated(&unused)),
        }
    }

    /// A libFuzzer entry point for this target. `profiles_values` says whether libFuzzer rewards new values
    /// in comparisons, as its flag `-use_value_profile=1` does.
    ///
    /// # Errors
    /// If the target cannot be loaded.
    #[cfg(feature = "libfuzzer")]
    pub fn entry_point(
        self,
        profiles_values: bool,
    ) -> Result<crate::campaign::libfuzzer::EntryPoint, Error> {
        let CampaignOptions { seed, network, .. } = self.options;
        let loaded = self.into_loaded()?;
        Ok(crate::campaign::libfuzzer::EntryPoint::new(loaded, seed, network, profiles_values))
    }
}

/// Why a regression test does not test anything any more, and what to do.
fn outdated(unused: &[UnusedPart]) -> String {
    let parts: Vec<_> = unused.iter().map(|part| format!("  {part}\n")).collect();
    format!(
        "the case breaks nothing, but it does not run as it was written:\n{}  help: take these parts out of the case if the contract is right to behave differently, and see with `interloper replay` that the rest still tests something",
        parts.concat()
    )
}

/// An invariant of the user's, shared by a fuzzer and what it loaded.
struct Own(Arc<dyn Invariant>);

impl Invariant for Own {
    fn name(&self) -> &'static str {
        self.0.name()
    }

    fn rule(&self) -> &'static str {
        self.0.rule()
    }

    fn check(
        &self,
        seen: &Observation,
        settings: &Settings,
        counterfactuals: &mut dyn Counterfactuals,
    ) -> Result<Option<Violation>, chain::Error> {
        self.0.check(seen, settings, counterfactuals)
    }
}
