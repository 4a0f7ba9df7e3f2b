//! What a campaign reaches of its target: which methods, how they end, and which code of them runs.
//!
//! Never judges a case.

use std::collections::BTreeMap;

use near_primitives::errors::TxExecutionError;
use near_primitives::transaction::ExecutionStatus;
use serde::Serialize;

use crate::campaign::search::FeedbackSource;
use crate::campaign::search::{InputScheduler, NextInput};
use crate::campaign::windows::{Intruder, WindowKind, Windows};
use crate::campaign::{Engines, Error};
use crate::chain::{Cause, Network};
use crate::scenario::Scenario;
use crate::simulation::{Execution, Simulation};
use crate::targets::Target;
use crate::trace::text;
use crate::types::{AccountId, Seed};
use crate::vm::coverage::CoveredFunction;
use crate::vm::{ContractCode, SourceLine, exports};

/// How much of an error's text is kept, in characters.
const MOST_TEXT: usize = 160;

/// Different errors kept for one method.
const MOST_ERRORS: usize = 40;

/// What was reached.
#[derive(Clone, Debug, Serialize)]
pub struct CoverageReport {
    /// Cases run.
    pub executions: u64,
    /// One for each account with a contract, in the target's order.
    pub contracts: Vec<ContractCoverage>,
    /// What ran in which window.
    #[serde(skip)]
    pub windows: Windows,
    /// Windows with listed methods that never ran in them.
    #[serde(skip)]
    pub untried: Vec<(WindowKind, Intruder)>,
}

/// What was reached of one account's contract.
#[derive(Clone, Debug, Serialize)]
pub struct ContractCoverage {
    /// The account.
    pub account: AccountId,
    /// Whether it is under test.
    pub under_test: bool,
    /// Its exported methods, in alphabetical order.
    pub methods: Vec<MethodCoverage>,
    /// Its functions, in the order of its code. None where it runs without coverage.
    pub functions: Vec<Function>,
    /// How often each line of each source file ran at least, where there is debug information.
    #[serde(skip)]
    pub sources: BTreeMap<String, BTreeMap<u32, u64>>,
}

/// How one method fared.
#[derive(Clone, Debug, Serialize)]
pub struct MethodCoverage {
    /// Its name.
    pub name: String,
    /// Whether the target calls it in its cases.
    pub listed: bool,
    /// How often it was called, by anybody.
    pub calls: u64,
    /// How often it succeeded.
    pub succeeded: u64,
    /// How often it was made to fail.
    pub forced: u64,
    /// Its failures: what the chain said, digits replaced by `#` and nothing in quotes, and how often.
    pub errors: BTreeMap<String, u64>,
}

/// How much of one function ran.
#[derive(Clone, Debug, Serialize)]
pub struct Function {
    /// Its name, where the contract tells: of its name section, or what it exports.
    pub name: Option<String>,
    /// How many straight runs of code it has.
    pub blocks: usize,
    /// How many of these ran at least once.
    pub reached: usize,
}

impl ContractCoverage {
    /// Straight runs of code that ran, and all.
    #[must_use]
    pub fn blocks(&self) -> (usize, usize) {
        let sum =
            |sum: (usize, usize), each: &Function| (sum.0 + each.reached, sum.1 + each.blocks);
        self.functions.iter().fold((0, 0), sum)
    }
}

/// Which cases are looked at.
#[derive(Clone, Copy, Debug)]
pub enum Cases<'a> {
    /// So many of a campaign with this seed.
    Campaign(Seed, u64),
    /// These, as a corpus holds them.
    These(&'a [Scenario]),
}

/// Runs cases, and looks.
///
/// # Errors
/// When the machine fails, or a contract does something that is not simulated.
pub fn run(
    target: &Target,
    engines: &Engines,
    simulation: Simulation<'_>,
    cases: Cases<'_>,
) -> Result<CoverageReport, Error> {
    let mut tally = Tally::default();
    engines.instrumented.coverage().reset();
    let executions = match cases {
        Cases::Campaign(seed, executions) => {
            search(target, engines, simulation, (seed, executions), &mut tally)?;
            executions
        }
        Cases::These(scenarios) => {
            for scenario in scenarios {
                let ran = simulation.run(scenario)?;
                tally.take(&ran, engines);
                engines.instrumented.coverage().reset();
            }
            scenarios.len() as u64
        }
    };
    Ok(tally.report(target, engines, executions))
}

/// Runs so many cases of a campaign.
fn search(
    target: &Target,
    engines: &Engines,
    simulation: Simulation<'_>,
    (seed, executions): (Seed, u64),
    tally: &mut Tally,
) -> Result<(), Error> {
    let mut search = InputScheduler::new(seed, Network::default(), &FeedbackSource::all());
    for _ in 0..executions {
        let next = search.next(target, None);
        let compares = matches!(next, NextInput::Compare(_));
        let (ran, compared) = engines.run(simulation, next.scenario(), compares)?;
        tally.take(&ran, engines);
        search.learn(&ran, engines.instrumented.coverage(), false, &());
        if let NextInput::Compare(waiting) = &next {
            search.replace(waiting, target, &compared);
        }
    }
    Ok(())
}

/// What was counted so far.
#[derive(Default)]
struct Tally {
    /// How often the code of each counter ran.
    hits: Vec<u64>,
    methods: BTreeMap<(AccountId, String), MethodCoverage>,
    windows: Windows,
}

impl Tally {
    fn hit(&mut self, counter: usize, count: u8) {
        if counter >= self.hits.len() {
            self.hits.resize(counter + 1, 0);
        }
        self.hits[counter] += u64::from(count);
    }

    fn hits(&self, counter: usize) -> u64 {
        self.hits.get(counter).copied().unwrap_or(0)
    }

    fn take(&mut self, ran: &Execution, engines: &Engines) {
        self.windows.add(ran);
        engines.instrumented.coverage().for_each_hit(|counter, count| self.hit(counter, count));
        for event in &ran.observation.events {
            let Some(name) = event.method() else { continue };
            let method = self.method(&event.outcome.executor, name);
            method.calls += 1;
            match (&event.outcome.cause, &event.outcome.status) {
                (Cause::Receipt { forced: true, .. }, _) => method.forced += 1,
                (_, ExecutionStatus::Failure(error)) => method.failed(error),
                _ => method.succeeded += 1,
            }
        }
    }

    fn method(&mut self, account: &AccountId, name: String) -> &mut MethodCoverage {
        self.methods
            .entry((account.clone(), name.clone()))
            .or_insert_with(|| MethodCoverage::unseen(name))
    }

    fn report(mut self, target: &Target, engines: &Engines, executions: u64) -> CoverageReport {
        let mut contracts = Vec::new();
        for account in &target.accounts {
            let Some(contract) = &account.contract else { continue };
            let code = ContractCode::new(contract.code.to_vec(), None);
            for name in exports(&contract.code).unwrap_or_default() {
                self.method(&account.id, name);
            }
            let methods = self.methods.values().zip(self.methods.keys());
            let own = methods.filter(|(_, (of, _))| *of == account.id).map(|(method, _)| method);
            let listed = |name: &str| {
                let mut listed = target.methods.iter();
                listed.any(|method| method.contract == account.id && method.name == name)
            };
            let own =
                own.map(|method| MethodCoverage { listed: listed(&method.name), ..method.clone() });
            let functions = engines.instrumented.functions(&code).into_iter();
            contracts.push(ContractCoverage {
                account: account.id.clone(),
                under_test: target.under_test().any(|under_test| under_test.id == account.id),
                methods: own.collect(),
                functions: functions.map(|function| self.function(function)).collect(),
                sources: self.sources(engines.instrumented.lines(&code)),
            });
        }
        let untried = self.windows.untried(target);
        CoverageReport { executions, contracts, windows: self.windows, untried }
    }

    /// A line ran as often as the part of it that ran most.
    fn sources(&self, lines: Vec<(usize, SourceLine)>) -> BTreeMap<String, BTreeMap<u32, u64>> {
        let mut sources: BTreeMap<String, BTreeMap<u32, u64>> = BTreeMap::new();
        for (counter, SourceLine { file, line }) in lines {
            let hits = sources.entry(file).or_default().entry(line).or_default();
            *hits = self.hits(counter).max(*hits);
        }
        sources
    }

    fn function(&self, function: CoveredFunction) -> Function {
        let blocks = function.counters.len();
        let hit = |counter: &usize| self.hits(*counter) > 0;
        let reached = function.counters.filter(hit).count();
        Function { name: function.name, blocks, reached }
    }
}

impl MethodCoverage {
    fn unseen(name: String) -> Self {
        let (listed, calls, succeeded, forced) = (false, 0, 0, 0);
        Self { name, listed, calls, succeeded, forced, errors: BTreeMap::new() }
    }

    fn failed(&mut self, error: &TxExecutionError) {
        let kind = text::kind(&text::failure(error));
        let text: String = kind.chars().take(MOST_TEXT).collect();
        if self.errors.len() < MOST_ERRORS || self.errors.contains_key(&text) {
            *self.errors.entry(text).or_default() += 1;
        }
    }
}
