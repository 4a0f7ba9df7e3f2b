//! Exhaustive exploration: numbers of orders against those worked out by hand, and violations with
//! partial-order reduction against those without it.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use interloper::adversary::FaultKind;
use interloper::analysis::explore::{Explorer, Verdict};
use interloper::finding::Checker;
use interloper::generator::calls;
use interloper::invariant::built_in;
use interloper::scenario::{Arguments, Operation, Scenario, USUAL_GAS};
use interloper::simulation::{Exploration, Explored};
use interloper::types::{Duration, NearToken, Seed};

use crate::support::{Op, SimulatedTarget, load, program_bytes};

/// Contracts `p0.near` to `p2.near` that run the programs they receive, and users `s0.near` to `s2.near`.
fn graphs() -> SimulatedTarget {
    let mut text = String::new();
    for number in 0..3 {
        let contract = "balance = \"100 NEAR\"\ncontract = \"contract.wasm\"";
        let under_test = if number == 0 { "under-test = true" } else { "" };
        text += &format!("[[account]]\nid = \"p{number}.near\"\n{contract}\n{under_test}\n");
        text += &format!("[[account]]\nid = \"s{number}.near\"\nbalance = \"100 NEAR\"\n");
        text += &format!("[[actor]]\nid = \"s{number}.near\"\n");
        text += &format!("[[method]]\ncontract = \"p{number}.near\"\nname = \"run\"\n");
    }
    SimulatedTarget::describe(&text, "puppet", None)
}

/// User `number` makes contract `receiver` run a program.
fn run(number: usize, receiver: usize, program: &[Op]) -> Operation {
    let id = |name: String| name.parse().expect("an id");
    Operation {
        signer: id(format!("s{number}.near")),
        receiver: id(format!("p{receiver}.near")),
        method: "run".to_owned(),
        arguments: Arguments::Bytes(program_bytes(program)),
        deposit: NearToken::from_yoctonear(0),
        gas: USUAL_GAS,
        through: None,
        wait: Duration::ZERO,
    }
}

fn add(key: &str) -> Op {
    Op::Add { key: key.as_bytes().to_vec(), by: 1 }
}

fn create(receiver: usize) -> Op {
    Op::Create { receiver: format!("p{receiver}.near") }
}

fn then(promise: u32) -> Op {
    Op::Then { promise, receiver: "p0.near".to_owned() }
}

fn call(promise: u32, program: &[Op]) -> Op {
    let args = program_bytes(program);
    let gas = 20 * 10_u64.pow(12);
    Op::Call { promise, method: "run".to_owned(), args, deposit: 0, gas, weight: 0 }
}

/// `p0` calls `other`, and adds to `key` in the callback.
fn with_callback(other: usize, key: &str) -> Vec<Op> {
    vec![create(other), call(0, &[]), then(0), call(1, &[add(key)])]
}

/// `p0` calls `p1` and `p2`, and adds to `key` in the callback of both.
fn with_join(key: &str) -> Vec<Op> {
    let and = Op::And { promises: vec![0, 1] };
    vec![create(1), call(0, &[]), create(2), call(1, &[]), and, then(2), call(3, &[add(key)])]
}

fn run_all(
    world: &SimulatedTarget,
    operations: &[Operation],
    how: &Exploration,
) -> (Explored, BTreeSet<String>) {
    let scenario = Scenario { operations: operations.to_vec(), ..Scenario::default() };
    world.target.validate(&scenario).expect("it fits");
    let simulation = world.simulation();
    let invariants = built_in();
    let examiner = Checker { simulation, invariants: &invariants };
    let mut violations = BTreeSet::new();
    let explored = simulation.explore(&scenario, how, &mut |ran| {
        assert!(ran.observation.complete);
        let violation = examiner.judge(ran)?.violation;
        violations.extend(violation.map(|found| format!("{} {}", found.invariant, found.method)));
        Ok(ControlFlow::Continue(()))
    });
    (explored.expect("it runs"), violations)
}

/// The number of orders without and with reduction.
fn orders(world: &SimulatedTarget, operations: &[Operation]) -> (u64, u64) {
    let all = run_all(world, operations, &Exploration::default()).0;
    let how = Exploration { reduced: true, ..Exploration::default() };
    let reduced = run_all(world, operations, &how).0;
    assert!(all.complete && reduced.complete);
    (all.orders, reduced.orders)
}

/// A transaction is a step, and so is each receipt that runs: a callback when the last result arrives.
#[test]
fn the_numbers_of_orders_are_those_worked_out_by_hand() {
    let world = graphs();
    let count = |operations: &[Operation]| orders(&world, operations);
    // Two chains of two steps interleave in 4! / (2! 2!) ways. Different contracts: all are equivalent.
    assert_eq!(count(&[run(0, 0, &[add("k")]), run(1, 1, &[add("k")])]), (6, 1));
    // One contract, one key: two classes of orders.
    assert_eq!(count(&[run(0, 0, &[add("k")]), run(1, 0, &[add("k")])]), (6, 2));
    // One contract, two keys: all are equivalent.
    assert_eq!(count(&[run(0, 0, &[add("k")]), run(1, 0, &[add("l")])]), (6, 1));
    // Three chains of two: 6! / (2! 2! 2!); one key: 3!.
    let add_k = |number| run(number, 0, &[add("k")]);
    assert_eq!(count(&[add_k(0), add_k(1), add_k(2)]), (90, 6));
    // Of three chains, two conflict.
    assert_eq!(count(&[add_k(0), add_k(1), run(2, 1, &[add("k")])]), (90, 2));
    // A callback: transaction, call, external call and callback can only run in this order.
    assert_eq!(count(&[run(0, 0, &with_callback(1, "k"))]), (1, 1));
    // A chain of four and one of two: 6! / (4! 2!); call and callback write the same key:
    // the other chain comes before, between or after them.
    let mut first = with_callback(1, "k");
    first.push(add("k"));
    assert_eq!(count(&[run(0, 0, &first), add_k(1)]), (15, 3));
    // A join: the two external calls run in either order, which the callback cannot observe.
    assert_eq!(count(&[run(0, 0, &with_join("k"))]), (2, 1));
    // Twice 7! / (5! 2!) orders: only whether the other chain comes before or after the callback counts.
    assert_eq!(count(&[run(0, 0, &with_join("k")), add_k(1)]), (42, 2));
    // Two chains of four: 8! / (4! 4!). Only which callback comes first counts.
    let callbacks = [run(0, 0, &with_callback(1, "k")), run(1, 0, &with_callback(2, "k"))];
    assert_eq!(count(&callbacks), (70, 2));
    // Both call the same contract: its receipts to `p0` queue, and so do those to it.
    let callbacks = [run(0, 0, &with_callback(1, "k")), run(1, 0, &with_callback(1, "k"))];
    assert_eq!(orders(&world, &callbacks).1, 2);
}

#[test]
fn a_fault_is_one_more_branch() {
    let world = graphs();
    let operations = [run(0, 0, &with_callback(1, "k"))];
    let how = |faults, kinds: &[FaultKind]| Exploration {
        reduced: true,
        faults,
        kinds: kinds.to_vec(),
        ..Exploration::default()
    };
    let orders = |how: &Exploration| run_all(&world, &operations, how).0.orders;
    assert_eq!(orders(&how(0, &[FaultKind::Panic])), 1);
    assert_eq!(orders(&how(1, &[FaultKind::Panic])), 2);
    assert_eq!(orders(&how(1, &[FaultKind::Panic, FaultKind::MissingMethod])), 3);
    // A contract of the target never does what only a puppet can do.
    assert_eq!(orders(&how(1, &[FaultKind::Answer(Vec::new())])), 1);
}

#[test]
fn the_reduction_loses_no_violation() {
    for name in ["vault", "staking", "relay"] {
        let world = SimulatedTarget::load(name, "broken");
        let mut seen = BTreeSet::new();
        let all = calls(&world.target, Seed(1), 1);
        for (index, one) in all.iter().enumerate() {
            for other in &all[index..] {
                let operations = [one.clone(), other.clone()];
                let how = |reduced| Exploration {
                    reduced,
                    faults: 1,
                    kinds: vec![FaultKind::Panic],
                    whole: if name == "staking" { all_of(&world) } else { BTreeSet::new() },
                };
                let (unreduced, violations) = run_all(&world, &operations, &how(false));
                let (reduced, same) = run_all(&world, &operations, &how(true));
                assert_eq!(violations, same, "{name}: {operations:?}");
                assert!(reduced.orders <= unreduced.orders);
                seen.extend(same);
            }
        }
        assert!(!seen.is_empty(), "{name}: the broken build shows no violation");
    }
}

fn all_of(world: &SimulatedTarget) -> BTreeSet<interloper::types::AccountId> {
    world.target.account_ids().into_iter().collect()
}

fn verdict(name: &str, build: &str, depth: u32) -> Verdict {
    let loaded = load(name, Some(build));
    let explorer = Explorer {
        target: loaded.target(),
        examiner: loaded.pristine_checker(),
        pristine: loaded.pristine(),
        depth,
        variants: 1,
        learned: Vec::new(),
        seed: Seed(0),
        budget: None,
        reduced: true,
        environment: loaded.environment(Seed(0)),
    };
    explorer.run(&mut |_| {}).expect("it runs")
}

#[test]
fn small_cases_break_broken_builds_and_cover_fixed_ones() {
    for name in ["vault", "staking", "relay"] {
        let broken = verdict(name, "broken", 1);
        assert!(broken.finding.is_some(), "{name}: {broken:?}");
        let fixed = verdict(name, "fixed", 1);
        assert!(fixed.is_complete() && fixed.finding.is_none(), "{name}: {fixed:?}");
    }
}
