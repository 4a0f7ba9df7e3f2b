//! The loop of a campaign: which case next, run it, learn from it, keep what it breaks.
//!
//! Reads a clock, for the budget. Reports what happens as events and does not print.

#![expect(clippy::disallowed_methods, reason = "a budget of time needs a clock")]

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use super::goals::Goals;
use super::input_source::InputSource;
use super::missing_accounts::MissingAccounts;
use super::search::NextInput;
use super::windows::Windows;
use super::{
    Driver, Engines, Error, FeedbackSource, MissingAccount, ReachRecorder, Statistics, noticed,
    out_of_gas_probe,
};
use crate::chain::Network;
use crate::finding::{Checked, Checker, Environment, Finding, confirm, rough_fingerprint};
use crate::scenario::Scenario;
use crate::simulation::{Execution, Memory, Simulation};
use crate::targets::Target;
use crate::types::{AccountId, CryptoHash, Fingerprint, Seed};
use crate::vm::UninstrumentedContract;

/// How often progress is reported.
const PROGRESS_INTERVAL: Duration = Duration::from_millis(500);

/// When a campaign ends. Whatever comes first.
#[derive(Clone, Copy, Debug, Default)]
pub struct Budget {
    /// After this long.
    pub time: Option<Duration>,
    /// After this many executions.
    pub runs: Option<u64>,
    /// After this many different findings.
    pub findings: Option<usize>,
}

/// Something worth telling.
#[derive(Debug)]
pub enum Event<'a> {
    /// How far the campaign is.
    Progress(&'a Statistics),
    /// A violation was found, confirmed and shrunk.
    Found(&'a Finding),
    /// The campaign ends: what was tried in which window.
    Windows(&'a Windows),
    /// A case showed something new: worth keeping for another time.
    Kept(&'a Scenario),
    /// Cases that others have found meanwhile may be put here: they run next.
    More(&'a mut Vec<Scenario>),
    /// A contract cannot be instrumented. It runs as usual, and nothing is seen of its code.
    Fallback(&'a UninstrumentedContract),
    /// A contract calls an account that the target does not have. Told once for each such account.
    MissingAccount(&'a MissingAccount),
}

/// What a campaign fuzzes, and how.
#[derive(Debug)]
pub struct Campaign<'a> {
    /// The target.
    pub target: &'a Target,
    /// What runs and judges its cases.
    pub examiner: Checker<'a>,
    /// The engine that the examiner uses, and the one that has to confirm.
    pub engines: &'a Engines,
    /// Cases that run first.
    pub corpus: Vec<Scenario>,
    /// Who chooses the cases.
    pub driver: Driver,
    /// What it learns from cases.
    pub sources: BTreeSet<FeedbackSource>,
    /// The first seed. The same seed makes the same campaign, as far as runs limit it.
    pub seed: Seed,
    /// When to stop.
    pub budget: Budget,
    /// What the network may do.
    pub network: Network,
    /// Goes into every finding; executions are filled in.
    pub environment: Environment,
}

impl Campaign<'_> {
    /// Runs until the budget is spent. Returns what was found and how it went.
    ///
    /// # Errors
    /// When the machine fails, a contract does something that is not simulated, or the engines do not
    /// agree on a finding.
    pub fn run(
        &self,
        tell: &mut dyn FnMut(Event<'_>),
    ) -> Result<(Vec<Finding>, Statistics), Error> {
        self.run_until(tell, &mut |_| false)
    }

    /// Runs until the budget is spent or a finding is `enough`. Returns what was found and how it went.
    ///
    /// # Errors
    /// As [`Campaign::run`]. Also if libFuzzer is to drive it and drove another in this process.
    pub fn run_until(
        &self,
        tell: &mut dyn FnMut(Event<'_>),
        enough: &mut dyn FnMut(&Finding) -> bool,
    ) -> Result<(Vec<Finding>, Statistics), Error> {
        let mut state = State::new(InputSource::start(self)?, self.target);
        // Taken from the end.
        state.waiting.extend(self.corpus.iter().rev().cloned());
        self.engines.instrumented.coverage().reset();
        while !self.is_over(&state) {
            state.statistics.executions += 1;
            let wanted = state.waiting.pop();
            let next = state.inputs.next(self.target, wanted);
            if self.try_out(&next, &mut state, tell)?
                && state.findings.last().is_some_and(&mut *enough)
            {
                break;
            }
            if state.progress(tell) {
                state.tell_fallbacks(self.engines, tell);
                tell(Event::More(&mut state.waiting));
            }
        }
        state.tell_fallbacks(self.engines, tell);
        tell(Event::Windows(&state.windows));
        state.count();
        Ok((state.findings, state.statistics))
    }

    /// Runs a case, learns from it, and keeps what it breaks. Whether that is something new.
    fn try_out(
        &self,
        next: &NextInput,
        state: &mut State,
        tell: &mut dyn FnMut(Event<'_>),
    ) -> Result<bool, Error> {
        let coverage = self.engines.instrumented.coverage();
        let compares = state.inputs.compares(next);
        let simulation = self.examiner.simulation;
        // What a history runs is no merit of the case.
        if !next.scenario().history.is_empty() {
            simulation.start(&next.scenario().history)?;
            coverage.reset();
        }
        if let NextInput::Prepare(scenario) = next {
            self.prepare(scenario, state)?;
            return Ok(false);
        }
        let (ran, compared) = self.engines.run(simulation, next.scenario(), compares)?;
        let new_window = state.windows.add(&ran);
        state.reach.add(&ran, state.statistics.executions, &state.windows);
        let missing_accounts = state.missing_accounts.news(&ran);
        missing_accounts
            .iter()
            .for_each(|missing_account| tell(Event::MissingAccount(missing_account)));
        state.statistics.missing_accounts.extend(missing_accounts);
        let further = self.come_further(state, &ran)?;
        let kept = state.inputs.learn(&ran, coverage, new_window || further);
        state.inputs.learn_compared(next, self.target, &compared);
        if kept {
            tell(Event::Kept(&ran.recorded));
        }
        self.look_for_worlds(state, &ran)?;
        let examined = self.examiner.judge_in(&state.memory, ran)?;
        state.statistics.allow(&examined.allowed);
        noticed::add(&mut state.statistics.observations, &examined.observations);
        self.out_of_gas_probe(state, &examined)?;
        let new = examined.violation.is_some() && self.found(state, &examined, tell)?;
        // Variations of the case that invariants asked for are no merit of the case.
        coverage.reset();
        Ok(new)
    }

    /// Runs operations only to see which world they leave.
    fn prepare(&self, scenario: &Scenario, state: &mut State) -> Result<(), Error> {
        let ran = self.examiner.simulation.run(scenario)?;
        state.reach.add(&ran, state.statistics.executions, &state.windows);
        self.look_for_worlds(state, &ran)?;
        self.engines.instrumented.coverage().reset();
        Ok(())
    }

    /// Keeps the world that a case's operations leave if nothing disturbs them, if it is new.
    fn look_for_worlds(&self, state: &mut State, ran: &Execution) -> Result<(), Error> {
        let Some(lead) = state.inputs.lead(ran) else { return Ok(()) };
        let start = self.examiner.simulation.start(&lead.history)?;
        state.inputs.start_from(&lead, &start.world);
        Ok(())
    }

    /// Whether a case came further with the target's goals than all before it. The pristine engine is
    /// asked, since views are no merit of the case.
    fn come_further(&self, state: &mut State, ran: &Execution) -> Result<bool, Error> {
        if self.target.goals.is_empty() {
            return Ok(false);
        }
        let engine = &self.engines.pristine;
        let simulation = Simulation { engine, ..self.examiner.simulation };
        state.goals.add(&self.target.goals, simulation, ran)
    }

    /// Makes a finding of what broke, or counts it where the same bug was found before. Whether it is
    /// a new one.
    fn found(
        &self,
        state: &mut State,
        examined: &Checked,
        tell: &mut dyn FnMut(Event<'_>),
    ) -> Result<bool, Error> {
        if let Some(known) = state.findings.iter_mut().find(|known| known.explains(examined)) {
            known.count += 1;
            return Ok(false);
        }
        let rough = rough_fingerprint(&self.target.name, examined);
        let same = rough.and_then(|rough| state.rough.get(&rough).copied());
        let finding = match same {
            Some(known) => Err(known),
            None => {
                let executions = state.statistics.executions;
                let environment = Environment { executions, ..self.environment.clone() };
                let pristine = &self.engines.pristine;
                Ok(confirm(&self.examiner, pristine, examined, environment)?)
            }
        };
        let identity = finding.as_ref().map_or_else(|known| *known, |found| found.fingerprint);
        state.rough.extend(rough.map(|rough| (rough, identity)));
        match (state.findings.iter_mut().find(|known| known.fingerprint == identity), finding) {
            (Some(known), _) => {
                known.count += 1;
                Ok(false)
            }
            (None, Ok(finding)) => {
                tell(Event::Found(&finding));
                state.findings.push(finding);
                Ok(true)
            }
            (None, Err(_)) => unreachable!("what was found before is among the findings"),
        }
    }

    /// Once for each method: has it tried with gas that is just not enough, in the first case in which
    /// it succeeds.
    fn out_of_gas_probe(&self, state: &mut State, examined: &Checked) -> Result<(), Error> {
        let recorded = &examined.ran.recorded;
        for (id, operation) in recorded.ids().zip(&recorded.operations) {
            let method = (operation.receiver.clone(), operation.method.clone());
            if state.starved.contains(&method) || examined.ran.observation.failed(id) {
                continue;
            }
            state.starved.insert(method);
            state.waiting.extend(out_of_gas_probe(&self.examiner.simulation, recorded, id)?);
        }
        Ok(())
    }

    fn is_over(&self, state: &State) -> bool {
        let Budget { time, runs, findings } = self.budget;
        findings.is_some_and(|most| state.findings.len() >= most)
            || runs.is_some_and(|most| state.statistics.executions >= most)
            || time.is_some_and(|most| state.began.elapsed() >= most)
    }
}

struct State {
    inputs: InputSource,
    /// Which finding each kind of unshrunk case became.
    rough: BTreeMap<Fingerprint, Fingerprint>,
    findings: Vec<Finding>,
    fallbacks: Vec<CryptoHash>,
    windows: Windows,
    reach: ReachRecorder,
    goals: Goals,
    missing_accounts: MissingAccounts,
    /// Methods that were tried with too little gas.
    starved: BTreeSet<(AccountId, String)>,
    /// Cases to be run next, just as they are.
    waiting: Vec<Scenario>,
    /// What kinds of cases were examined closely.
    memory: RefCell<Memory>,
    statistics: Statistics,
    began: Instant,
    told: Instant,
}

impl State {
    fn new(inputs: InputSource, target: &Target) -> Self {
        let now = Instant::now();
        Self {
            inputs,
            rough: BTreeMap::new(),
            findings: Vec::new(),
            fallbacks: Vec::new(),
            windows: Windows::default(),
            reach: ReachRecorder::new(target),
            goals: Goals::new(&target.goals),
            missing_accounts: MissingAccounts::default(),
            starved: BTreeSet::new(),
            waiting: Vec::new(),
            memory: RefCell::default(),
            statistics: Statistics::default(),
            began: now,
            told: now,
        }
    }

    /// Brings the statistics up to date.
    fn count(&mut self) {
        self.statistics.behaviours = self.inputs.features() as u64;
        let (worlds, deepest) = self.inputs.worlds();
        self.statistics.worlds = worlds as u64;
        self.statistics.deepest_history = deepest as u64;
        self.statistics.windows = self.windows.coverage();
        self.statistics.reach = self.reach.reach();
        self.statistics.findings = self.findings.len();
        self.statistics.goals.clone_from(&self.goals.0);
        self.statistics.elapsed = self.began.elapsed();
    }

    /// Each contract once.
    fn tell_fallbacks(&mut self, engines: &Engines, tell: &mut dyn FnMut(Event<'_>)) {
        for fallback in engines.instrumented.fallbacks() {
            if !self.fallbacks.contains(&fallback.code) {
                tell(Event::Fallback(&fallback));
                self.fallbacks.push(fallback.code);
            }
        }
    }

    /// Tells how far it is, now and then. Whether it did.
    fn progress(&mut self, tell: &mut dyn FnMut(Event<'_>)) -> bool {
        if self.told.elapsed() < PROGRESS_INTERVAL {
            return false;
        }
        self.told = Instant::now();
        self.count();
        tell(Event::Progress(&self.statistics));
        true
    }
}
