//! How fast the engines and the simulated chain are, against what anyone gets who calls
//! `near_vm_runner` in a loop.
//!
//! Every kind of run does the same contract calls, which were written down when a transaction was
//! simulated. Never judges the numbers, and never runs as part of a campaign.

#![expect(clippy::disallowed_methods, reason = "it is about time")]

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use near_primitives::action::FunctionCallAction;
use near_primitives::transaction::Action;
use serde_json::json;

use crate::adversary::{Puppet, Reach};
use crate::chain::{NEWEST_VERSION, Network, Protocol, Transaction, World};
use crate::finding::Examiner;
use crate::invariant::{Settings, built_in};
use crate::scenario::{Arguments, Operation, Rest, Scenario};
use crate::simulation::{self, Simulation, Stage};
use crate::types::{AccountId, Gas, NearToken, ReceiptName};
use crate::vm::{self, Call, ContractCode, Engine, Instrumented, Outcome, Pristine};

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

/// A world, what is done to it beforehand, and the transaction that is timed.
struct Workload {
    name: &'static str,
    contracts: Vec<(&'static str, Arc<ContractCode>)>,
    before: Vec<Transaction>,
    timed: Transaction,
}

fn workloads(targets: &Path) -> Result<Vec<Workload>, Error> {
    let code = |file: &str| {
        let path = targets.join(file);
        let code = std::fs::read(&path).map_err(|error| Error::Read { path, error })?;
        Ok::<_, Error>(Arc::new(ContractCode::new(code, None)))
    };
    let guide = code("guide/contract.wasm")?;
    let large = vm::enlarge(&guide, 500_000).map_or(guide, Arc::new);
    let new = |to, args: &str| call("alice.near", to, "new", args, 0);
    let buy = || call("alice.near", "relay.near", "buy", "{}", 5);
    let transfer =
        r#"{"receiver_id":"receiver.near","amount":"20000000000000000000000","msg":"10"}"#;
    Ok(vec![
        Workload {
            name: "token purchase, 104 kB",
            contracts: vec![("relay.near", code("relay/broken.wasm")?)],
            before: vec![new("relay.near", "{}"), buy()],
            timed: buy(),
        },
        Workload {
            name: "token transfer with callback",
            contracts: vec![
                ("relay.near", code("relay/broken.wasm")?),
                ("receiver.near", code("relay/receiver.wasm")?),
            ],
            before: vec![new("relay.near", "{}"), new("receiver.near", "{}"), buy()],
            timed: call("alice.near", "relay.near", "transfer_call", transfer, 0),
        },
        Workload {
            name: "withdrawal with callback",
            contracts: vec![("vault.near", code("vault/broken.wasm")?)],
            before: vec![
                new("vault.near", "{}"),
                call("alice.near", "vault.near", "deposit", "{}", 5),
            ],
            timed: call("alice.near", "vault.near", "withdraw", "{}", 0),
        },
        Workload {
            name: "one call, 500 kB",
            contracts: vec![("guide.near", large)],
            before: vec![new("guide.near", r#"{"external_id":"external.near"}"#)],
            timed: call("alice.near", "guide.near", "set_value", r#"{"value":7}"#, 0),
        },
    ])
}

fn account(id: &str) -> AccountId {
    id.parse().expect("the names above are account ids")
}

fn call(signer: &str, receiver: &str, method: &str, args: &str, near: u128) -> Transaction {
    let action = FunctionCallAction {
        method_name: method.to_owned(),
        args: args.as_bytes().to_vec(),
        gas: Gas::from_teragas(200),
        deposit: NearToken::from_near(near),
    };
    let actions = vec![Action::FunctionCall(Box::new(action))];
    Transaction { signer: account(signer), receiver: account(receiver), key: None, actions }
}

/// The world before the transaction, as a case starts from it.
fn stage(world: &World, timed: &Transaction) -> Stage {
    let under_test = BTreeSet::from([timed.receiver.clone()]);
    Stage {
        world: world.clone(),
        settings: Arc::new(Settings { under_test, ..Settings::default() }),
        receipts: 200,
        reach: Reach { puppets: BTreeSet::new(), off: BTreeSet::new() },
        puppet: Puppet::default(),
    }
}

/// The transaction as a case.
fn scenario(timed: &Transaction) -> Scenario {
    let call = timed.actions.iter().find_map(|action| match action {
        Action::FunctionCall(call) => Some(call),
        _ => None,
    });
    let call = call.expect("every workload is a call");
    let operation = Operation {
        signer: timed.signer.clone(),
        receiver: timed.receiver.clone(),
        method: call.method_name.clone(),
        arguments: Arguments::Bytes(call.args.clone()),
        deposit: call.deposit,
        gas: call.gas,
        through: None,
    };
    Scenario {
        operations: vec![operation],
        schedule: Vec::new(),
        faults: Vec::new(),
        rest: Rest::Fifo,
        network: Network::default(),
    }
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
        let examiner = Examiner { simulation, invariants: &invariants };
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
    world.submit(transaction, ReceiptName::root(0));
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
