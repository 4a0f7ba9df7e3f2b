//! How fast the engines and the simulated chain are, against what anyone gets who calls
//! `near_vm_runner` in a loop.
//!
//! Every kind of run does the same contract calls, which were written down when a transaction was
//! simulated. Never judges the numbers, and never runs as part of a campaign.

#![expect(clippy::disallowed_methods, reason = "it is about time")]

mod workload;

use std::cell::RefCell;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::chain::{NEWEST_VERSION, Protocol, Transaction, World};
use crate::finding::Checker;
use crate::invariant::built_in;
use crate::simulation::{self, Simulation};
use crate::types::{NearToken, OperationId, ReceiptName};
use crate::vm::{self, Call, ContractCode, Engine, Instrumented, Outcome, Pristine};
use workload::{Workload, account, scenario, stage, workloads};

/// Cases that are timed in one go: few, so that some goes are not disturbed by other processes.
const BATCH: u32 = 20;

/// The benchmark could not run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A contract's file could not be read.
    #[error("cannot read {path}: {error}; give the folder `targets` of the repository")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// The simulated chain or an engine failed.
    #[error(transparent)]
    Chain(#[from] crate::chain::Error),
    /// A case could not be judged.
    #[error(transparent)]
    Simulation(#[from] simulation::Error),
    /// The protocol is not known.
    #[error(transparent)]
    Version(#[from] crate::chain::UnsupportedVersion),
    /// A transaction does not do what it is meant to, so that its time would say nothing.
    #[error("the workload `{workload}` fails: {outcome}")]
    Workload {
        /// Its name.
        workload: &'static str,
        /// The outcome.
        outcome: String,
    },
}

impl From<vm::Error> for Error {
    fn from(error: vm::Error) -> Self {
        Self::Chain(error.into())
    }
}

/// The time of one case, by kind of run.
#[derive(Clone, Debug)]
pub struct Row {
    /// What the case does.
    pub workload: &'static str,
    /// How many contract calls it makes.
    pub calls: usize,
    /// `prepare` and `run`, and nothing else.
    pub bare: Duration,
    /// The same calls with counters, read and reset after each case.
    pub instrumented: Duration,
    /// The whole transaction: world cloned, receipts delivered, counters read and reset.
    pub simulation: Duration,
    /// The same as a case of a campaign: every decision recorded, every invariant asked, with all the
    /// variations of the case that they want to see.
    pub judged: Duration,
}

impl Row {
    /// How many times as fast as the bare loop the instrumented engine is.
    #[must_use]
    pub fn instrumented_ratio(&self) -> f64 {
        self.bare.as_secs_f64() / self.instrumented.as_secs_f64()
    }

    /// How many times as fast as the bare loop the whole simulation is.
    #[must_use]
    pub fn simulation_ratio(&self) -> f64 {
        self.bare.as_secs_f64() / self.simulation.as_secs_f64()
    }

    /// How many times as fast as the bare loop the simulation with its invariants is.
    #[must_use]
    pub fn judged_ratio(&self) -> f64 {
        self.bare.as_secs_f64() / self.judged.as_secs_f64()
    }
}

/// All rows. Displays itself as a table.
#[derive(Clone, Debug)]
pub struct Table(pub Vec<Row>);

impl Table {
    /// The table as JSON: times in nanoseconds, ratios to the bare loop.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        let row = |row: &Row| {
            let timed = |time: Duration, ratio: f64| json!({ "nanoseconds": u64::try_from(time.as_nanos()).unwrap_or(u64::MAX), "ratio": ratio });
            json!({
                "case": row.workload,
                "calls": row.calls,
                "bare": timed(row.bare, 1.0),
                "instrumented": timed(row.instrumented, row.instrumented_ratio()),
                "simulation": timed(row.simulation, row.simulation_ratio()),
                "judged": timed(row.judged, row.judged_ratio()),
            })
        };
        self.0.iter().map(row).collect()
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (case, calls, bare) = ("case", "calls", "bare");
        writeln!(
            f,
            "{case:<34} {calls:>5} {bare:>10} {:>20} {:>20} {:>20}",
            "instrumented", "simulation", "with invariants"
        )?;
        for row in &self.0 {
            let micros = |time: Duration| time.as_secs_f64() * 1e6;
            writeln!(
                f,
                "{:<34} {:>5} {:>7.1} µs {:>9.1} µs {:>6.2} × {:>9.1} µs {:>6.2} × {:>9.1} µs {:>6.2} ×",
                row.workload,
                row.calls,
                micros(row.bare),
                micros(row.instrumented),
                row.instrumented_ratio(),
                micros(row.simulation),
                row.simulation_ratio(),
                micros(row.judged),
                row.judged_ratio(),
            )?;
        }
        Ok(())
    }
}

/// Times all workloads with the contracts in `targets`, `budget` for each kind of run.
///
/// # Errors
/// When a contract is not there or the machine fails.
pub fn run(targets: &Path, budget: Duration) -> Result<Table, Error> {
    let protocol = Arc::new(Protocol::new(NEWEST_VERSION)?);
    let pristine = Pristine::new(Arc::clone(&protocol.config))?;
    let instrumented = Instrumented::new(Arc::clone(&protocol.config))?;
    let bench = Bench { protocol, pristine, instrumented, budget };
    let workloads = workloads(targets)?;
    let rows = workloads.iter().map(|workload| bench.row(workload));
    Ok(Table(rows.collect::<Result<_, _>>()?))
}

struct Bench {
    protocol: Arc<Protocol>,
    pristine: Pristine,
    instrumented: Instrumented,
    budget: Duration,
}

impl Bench {
    fn row(&self, workload: &Workload) -> Result<Row, Error> {
        let mut world = World::new(Arc::clone(&self.protocol));
        let rich = NearToken::from_near(1_000_000);
        world.add_account(account("alice.near"), rich, None);
        for (id, code) in &workload.contracts {
            world.add_account(account(id), rich, Some(Arc::clone(code)));
        }
        for transaction in &workload.before {
            simulate(&mut world, &self.pristine, transaction, workload.name)?;
        }
        let recording = Recording { engine: &self.pristine, calls: RefCell::default() };
        simulate(&mut world.clone(), &recording, &workload.timed, workload.name)?;
        let calls = recording.calls.into_inner();
        let mut row = Row {
            workload: workload.name,
            calls: calls.len(),
            bare: Duration::MAX,
            instrumented: Duration::MAX,
            simulation: Duration::MAX,
            judged: Duration::MAX,
        };
        let (stage, scenario) = (stage(&world, &workload.timed), scenario(&workload.timed));
        let invariants = built_in();
        let simulation = Simulation { stage: &stage, engine: &self.instrumented };
        let examiner = Checker { simulation, invariants: &invariants };
        let mut seen = 0;
        // Compiled beforehand: a large contract takes longer than the budget.
        workload.contracts.iter().for_each(|(_, code)| self.instrumented.load(code));
        let begin = Instant::now();
        // By turns, so that a disturbance meets all four.
        while begin.elapsed() < 4 * self.budget {
            row.bare = row.bare.min(time(|| replay(&calls, &self.pristine))?);
            row.instrumented = row.instrumented.min(time(|| {
                replay(&calls, &self.instrumented)?;
                seen += self.read_coverage();
                Ok(())
            })?);
            row.simulation = row.simulation.min(time(|| {
                simulate(&mut world.clone(), &self.instrumented, &workload.timed, workload.name)?;
                seen += self.read_coverage();
                Ok(())
            })?);
            row.judged = row.judged.min(time(|| {
                let broken = examiner.examine(&scenario)?.violation;
                seen += self.read_coverage();
                let outcome = broken.map(|violation| violation.summary);
                let workload = workload.name;
                outcome.map_or(Ok(()), |outcome| Err(Error::Workload { workload, outcome }))
            })?);
        }
        assert!(seen > 0, "something is covered");
        Ok(row)
    }

    /// What a fuzzer does after each case.
    fn read_coverage(&self) -> usize {
        let mut hits = 0;
        self.instrumented.coverage().for_each_hit(|_, _| hits += 1);
        self.instrumented.coverage().reset();
        hits
    }
}

/// The time of one case, on average over a batch.
fn time(mut case: impl FnMut() -> Result<(), Error>) -> Result<Duration, Error> {
    let begin = Instant::now();
    for _ in 0..BATCH {
        case()?;
    }
    Ok(begin.elapsed() / BATCH)
}

fn simulate(
    world: &mut World,
    engine: &dyn Engine,
    transaction: &Transaction,
    workload: &'static str,
) -> Result<(), Error> {
    world.next_block();
    world.submit(transaction, ReceiptName::root(OperationId(0)));
    loop {
        let next = world.deliverable().next().map(|entry| entry.sequence);
        let Some(sequence) = next else { return Ok(()) };
        for outcome in world.deliver(engine, sequence, None)?.outcomes {
            if outcome.failed() {
                return Err(Error::Workload { workload, outcome: format!("{outcome:?}") });
            }
        }
    }
}

fn replay(calls: &[Recorded], engine: &dyn Engine) -> Result<(), Error> {
    for recorded in calls {
        let code = Some(&recorded.code);
        engine.call(Call { code, method: &recorded.method, ..recorded.call.clone() })?;
    }
    Ok(())
}

/// A call that owns all it needs.
struct Recorded {
    call: Call<'static>,
    code: Arc<ContractCode>,
    method: String,
}

/// Writes down the calls that pass through.
struct Recording<'a> {
    engine: &'a Pristine,
    calls: RefCell<Vec<Recorded>>,
}

impl Engine for Recording<'_> {
    fn call(&self, call: Call<'_>) -> Result<Outcome, vm::Error> {
        if let Some(code) = call.code {
            let (code, method) = (Arc::clone(code), call.method.to_owned());
            let call = Call { code: None, method: "", ..call.clone() };
            self.calls.borrow_mut().push(Recorded { call, code, method });
        }
        self.engine.call(call)
    }
}
