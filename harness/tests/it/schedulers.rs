//! How often each scheduler produces the orders of depth 1, 2 and 3 in the async maze, compared with its
//! guarantee; the table of windows; and the search for gas that is just not enough.

use std::fmt::Write as _;

use interloper::analysis::sample::{Sampling, sample};
use interloper::campaign::out_of_gas_probe;
use interloper::campaign::windows::Windows;
use interloper::finding::Checker;
use interloper::scenario::{Arguments, FallbackScheduler, Operation, Scenario, USUAL_GAS};
use interloper::types::{Duration, Gas, NearToken, OperationId, Seed};
use serde_json::{Value, json};

use crate::support::{Op, SimulatedTarget, program_bytes};

const MAZE: &str = r#"
[[account]]
id = "maze.near"
balance = "10 NEAR"
contract = "contract.wasm"
under-test = true

[[account]]
id = "echo0.near"
balance = "10 NEAR"
contract = "puppet"

[[account]]
id = "echo1.near"
balance = "10 NEAR"
contract = "puppet"

[[account]]
id = "echo2.near"
balance = "10 NEAR"
contract = "puppet"

[[account]]
id = "a.near"
balance = "100 NEAR"

[[account]]
id = "b.near"
balance = "100 NEAR"

[[account]]
id = "c.near"
balance = "100 NEAR"

[[actor]]
id = "a.near"

[[actor]]
id = "b.near"

[[actor]]
id = "c.near"

[[method]]
contract = "maze.near"
name = "walk"

[adversary]
off = ["panic", "out-of-gas", "missing-account", "missing-method", "deleted", "redeployed", "fails-later", "answer", "delay"]
"#;

fn operation(signer: &str, contract: &str, method: &str, arguments: Value) -> Operation {
    Operation {
        signer: signer.parse().expect("an id"),
        receiver: contract.parse().expect("an id"),
        method: method.to_owned(),
        arguments: Arguments::Json(arguments),
        deposit: NearToken::from_yoctonear(0),
        gas: USUAL_GAS,
        through: None,
        wait: Duration::ZERO,
    }
}

fn walkers() -> Scenario {
    let walker =
        |(number, signer)| operation(signer, "maze.near", "walk", json!({ "walker": number }));
    let operations = (0..).zip(["a.near", "b.near", "c.near"]).map(walker).collect();
    Scenario { operations, ..Scenario::default() }
}

/// The transaction, the call, and twice an external call and its callback.
const STEPS: u32 = 6;

/// How many of the runs reached each depth.
fn hits(world: &SimulatedTarget, runs: u64, rest: impl Fn(Seed) -> FallbackScheduler) -> [u64; 3] {
    let mut hits = [0; 3];
    let mut scenario = walkers();
    for seed in 0..runs {
        scenario.rest = rest(Seed(seed));
        let ran = world.run(&scenario);
        let logs: Vec<_> = ran.observation.events.iter().flat_map(|e| &e.outcome.logs).collect();
        for (depth, hits) in (1..).zip(&mut hits) {
            *hits += u64::from(logs.iter().any(|log| **log == format!("depth {depth}")));
        }
    }
    hits
}

/// The lower bound that PCT guarantees for each depth, with three chains.
fn guaranteed(runs: u64) -> [u64; 3] {
    [0, 1, 2].map(|exponent| runs / (3 * u64::from(3 * STEPS).pow(exponent)))
}

fn pct(depth: u32) -> impl Fn(Seed) -> FallbackScheduler {
    move |seed| FallbackScheduler::Pct { seed, depth, events: 3 * STEPS }
}

#[test]
fn pct_keeps_its_guarantee() {
    let world = SimulatedTarget::describe(MAZE, "async-maze", None);
    assert_eq!(world.run(&walkers()).recorded.schedule.len(), 3 * STEPS as usize);
    let runs = 400;
    for depth in [1, 2] {
        let index = depth as usize - 1;
        let measured = hits(&world, runs, pct(depth))[index];
        assert!(measured >= guaranteed(runs)[index], "depth {depth}: {measured}");
    }
}

#[test]
#[ignore = "prints a table that takes ten seconds: cargo test --release --test it schedulers:: -- --ignored --nocapture"]
fn each_scheduler_in_two_thousand_runs() {
    let world = SimulatedTarget::describe(MAZE, "async-maze", None);
    let runs = 2_000;
    let mut table = format!("of {runs} runs   depth 1  depth 2  depth 3\n");
    let mut row = |name: &str, hits: [u64; 3]| {
        let [one, two, three] = hits;
        writeln!(table, "{name:<14} {one:>7}  {two:>7}  {three:>7}").expect("memory takes it");
        hits
    };
    row("fifo", hits(&world, runs, |_| FallbackScheduler::Fifo));
    let random = row("random", hits(&world, runs, FallbackScheduler::Random));
    let surw = |seed| FallbackScheduler::Surw { seed, lengths: vec![STEPS; 3] };
    row("surw", hits(&world, runs, surw));
    let measured =
        [1, 2, 3].map(|depth| row(&format!("pct {depth}"), hits(&world, runs, pct(depth))));
    row("pct guarantees", guaranteed(runs));
    println!("{table}");
    for (depth, least) in guaranteed(runs).into_iter().enumerate() {
        assert!(measured[depth][depth] >= least, "depth {}\n{table}", depth + 1);
    }
    // PCT is there because a uniform walk seldom reaches these depths.
    assert!(measured[0][0] > 10 * random[0] && measured[1][1] > 2 * random[1], "{table}");
}

#[test]
fn a_sample_bounds_the_probability_of_a_miss() {
    let world = SimulatedTarget::describe(MAZE, "async-maze", None);
    let examiner = Checker { simulation: world.simulation(), invariants: &[] };
    let sampling = Sampling { runs: 100, depth: 2, seed: Seed(0) };
    let sampled = sample(&examiner, &walkers(), sampling).expect("it runs");
    assert_eq!((sampled.broken, sampled.events, sampled.chains), (0, 18, 3));
    let hit = sampled.hit.expect("no run is longer than the first");
    assert!((hit - 1.0 / 54.0).abs() < 1e-12);
    let missed = sampled.missed().expect("there is a bound");
    assert!((missed - (53.0_f64 / 54.0).powi(100)).abs() < 1e-12);
}

#[test]
fn the_table_of_windows_shows_what_ran_in_each_and_what_never_did() {
    let more = "\n[[method]]\ncontract = \"maze.near\"\nname = \"on_step\"\n";
    let world = SimulatedTarget::describe(&format!("{MAZE}{more}"), "async-maze", None);
    let mut windows = Windows::default();
    let mut case = walkers();
    // A single operation does not run in its own window.
    case.operations.truncate(1);
    assert!(!windows.add(&world.run(&case)));
    assert_eq!(windows.untried(&world.target).len(), 4);
    let mut case = walkers();
    for seed in 0..20 {
        case.rest = FallbackScheduler::Random(Seed(seed));
        windows.add(&world.run(&case));
    }
    assert!(!windows.add(&world.run(&case)), "the same case shows something new");
    assert!(windows.untried(&world.target).is_empty(), "{}", windows.text(&world.target));
    let text = windows.text(&world.target);
    assert!(text.contains("maze.near.walk … on_step") && text.contains("undisturbed"), "{text}");
}

#[test]
fn gas_that_is_just_not_enough_is_found_by_bisection() {
    // The maze reserves gas for its callbacks: with too little, nothing runs at all.
    let maze = SimulatedTarget::describe(MAZE, "async-maze", None);
    let found = out_of_gas_probe(&maze.simulation(), &walkers(), OperationId(0)).expect("it runs");
    assert!(found.is_none(), "{found:?}");
    // This contract gives its callback the remaining gas.
    let text = MAZE.replace("\"walk\"", "\"run\"");
    let careless = SimulatedTarget::describe(&text, "puppet", None);
    let mut case = Scenario {
        operations: vec![operation("a.near", "maze.near", "run", Value::Null)],
        ..Scenario::default()
    };
    case.operations[0].arguments = Arguments::Bytes(careless_call());
    let found = out_of_gas_probe(&careless.simulation(), &case, OperationId(0))
        .expect("it runs")
        .expect("there is such gas");
    let failed = |case: &Scenario| -> Vec<(String, bool)> {
        let ran = careless.run(case);
        let events = ran.observation.events.iter();
        let called = events.filter(|event| event.method().is_some());
        called.map(|event| (event.outcome.name.to_string(), event.failed())).collect()
    };
    let names = |end: [bool; 3]| -> Vec<(String, bool)> {
        ["0", "0.0", "0.1"].iter().map(|name| (*name).to_owned()).zip(end).collect()
    };
    assert_eq!(failed(&case), names([false, false, false]));
    assert_eq!(failed(&found), names([false, false, true]));
    let more = found.operations[0].gas.checked_add(Gas::from_gas(2_000_000_000));
    let mut enough = found.clone();
    enough.operations[0].gas = more.expect("a little more");
    assert_eq!(failed(&enough), names([false, false, false]));
}

/// Calls another contract, and burns much gas in the callback.
fn careless_call() -> Vec<u8> {
    let call = |promise, program: Vec<Op>, gas, weight| Op::Call {
        promise,
        method: "run".to_owned(),
        args: program_bytes(&program),
        deposit: 0,
        gas,
        weight,
    };
    let program = vec![
        Op::Create { receiver: "echo0.near".to_owned() },
        call(0, Vec::new(), 5_000_000_000_000, 0),
        Op::Then { promise: 0, receiver: "maze.near".to_owned() },
        call(1, vec![Op::Burn(100_000)], 0, 1),
    ];
    program_bytes(&program)
}
