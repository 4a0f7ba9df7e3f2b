//! Compiled contracts under attack: puppets, faults, spoofed callbacks, schedulers, networks.

use interloper::adversary::{FaultKind, PuppetCall, PuppetTransfer, SpoofedCallback, ViaContract};
use interloper::chain::{Network, explain};
use interloper::generator::generate;
use interloper::scenario::{Arguments, FallbackScheduler, Fault, Operation, Scenario, USUAL_GAS};
use interloper::simulation::Execution;
use interloper::trace::Event;
use interloper::trace::digest;
use interloper::types::{Duration, NearToken, ReceiptName, Seed};
use near_primitives::transaction::ExecutionStatus;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use serde_json::{Value, json};

use crate::support::{Op, SimulatedTarget, program_bytes, read_text, target_folder};

/// The target `relay` with a puppet as its receiver.
fn relay() -> SimulatedTarget {
    let set_up =
        "[[setup]]\nsigner = \"receiver.near\"\nreceiver = \"receiver.near\"\nmethod = \"new\"\n";
    let text = read_text(target_folder("relay").join("target.toml"));
    assert!(text.contains(set_up) && text.contains("\"receiver.wasm\""));
    let text = text.replace(set_up, "").replace("\"receiver.wasm\"", "\"puppet\"");
    SimulatedTarget::describe(&text, "relay", None)
}

/// Alice sends tokens to the receiver, and its call meets this fault.
fn inflict(world: &SimulatedTarget, kind: FaultKind) -> Execution {
    let arguments = json!({ "receiver_id": "receiver.near", "amount": NEAR, "msg": "" });
    let fault = Fault { receipt: name("0.0"), kind };
    world.run(&Scenario {
        operations: vec![operation("transfer_call", arguments)],
        faults: vec![fault],
        ..Scenario::default()
    })
}

const NEAR: &str = "1000000000000000000000000";

fn name(text: &str) -> ReceiptName {
    text.parse().expect("a name")
}

fn operation(method: &str, arguments: Value) -> Operation {
    Operation {
        signer: "alice.near".parse().expect("an id"),
        receiver: "relay.near".parse().expect("an id"),
        method: method.to_owned(),
        arguments: Arguments::Json(arguments),
        deposit: NearToken::from_yoctonear(0),
        gas: USUAL_GAS,
        through: None,
        wait: Duration::ZERO,
    }
}

fn event<'a>(ran: &'a Execution, receipt: &str) -> &'a Event {
    let mut events =
        ran.observation.events.iter().filter(|event| event.outcome.receipt().is_some());
    events.find(|event| event.outcome.name == name(receipt)).expect("it ran")
}

fn error(event: &Event) -> String {
    let ExecutionStatus::Failure(error) = &event.outcome.status else {
        panic!("the receipt did not fail")
    };
    error.to_string()
}

/// What the callback returns to the sender.
fn used(ran: &Execution) -> String {
    let ExecutionStatus::SuccessValue(value) = &event(ran, "0.1").outcome.status else {
        panic!("the callback failed")
    };
    String::from_utf8(value.clone()).expect("text")
}

#[test]
fn a_puppet_answers_whatever_method_is_called() {
    let world = relay();
    let answer = FaultKind::Answer(format!("\"{NEAR}\"").into_bytes());
    let ran = inflict(&world, answer);
    assert_eq!(event(&ran, "0.0").method().as_deref(), Some("on_transfer"));
    // The receiver reports the whole amount as unused.
    assert_eq!(used(&ran), "\"0\"");
    assert_eq!(used(&inflict(&world, FaultKind::Answer(b"\"0\"".to_vec()))), format!("\"{NEAR}\""));
    // An answer that is not a number counts as none.
    assert_eq!(used(&inflict(&world, FaultKind::Answer(vec![b'9'; 16_384]))), "\"0\"");
}

#[test]
fn a_fault_fails_as_it_does_on_the_chain() {
    let world = relay();
    for (kind, wanted) in [
        (FaultKind::Panic, "panicked"),
        (FaultKind::OutOfGas, "Exceeded the prepaid gas"),
        (FaultKind::MissingAccount, "doesn't exist"),
        (FaultKind::MissingMethod, "MethodNotFound"),
    ] {
        let ran = inflict(&world, kind.clone());
        let text = error(event(&ran, "0.0"));
        assert!(text.contains(wanted), "{kind:?}: {text}");
        assert_eq!(used(&ran), "\"0\"");
    }
    let burnt = event(&inflict(&world, FaultKind::OutOfGas), "0.0").outcome.gas_burnt;
    assert!(burnt.as_teragas() >= 10, "it burns all its gas, not only {burnt}");
}

#[test]
fn a_promise_that_fails_later_fails_for_the_callback() {
    let ran = inflict(&relay(), FaultKind::FailsLater);
    assert!(!event(&ran, "0.0").failed());
    assert!(error(event(&ran, "0.0.0")).contains("later"));
    assert_eq!(used(&ran), "\"0\"");
}

#[test]
fn a_puppet_calls_back_and_sends_near() {
    let world = relay();
    let call = PuppetCall {
        receiver: "relay.near".parse().expect("an id"),
        method: "buy".to_owned(),
        arguments: b"{}".to_vec(),
        deposit: NearToken::from_near(2),
    };
    let ran = inflict(&world, FaultKind::Call(call.clone()));
    let called = event(&ran, "0.0.0");
    assert_eq!((called.method().as_deref(), called.failed()), (Some("buy"), false));
    let receipt = called.outcome.receipt().expect("a receipt");
    assert_eq!(receipt.predecessor_id(), "receiver.near");
    let transfer = PuppetTransfer { receiver: call.receiver, amount: NearToken::from_near(1) };
    let ran = inflict(&world, FaultKind::Transfer(transfer));
    assert!(!event(&ran, "0.0.0").failed());
}

#[test]
fn a_contract_of_the_attacker_spoofs_callbacks_with_results_of_its_choice() {
    let world = relay();
    let arguments =
        json!({ "sender_id": "mallory.near", "receiver_id": "bob.near", "amount": NEAR });
    for (callback_of, results, used) in [
        (None, 0, "\"0\""),
        (Some(SpoofedCallback::Failure), 1, "\"0\""),
        (Some(SpoofedCallback::Success(b"\"0\"".to_vec())), 1, "\"1000000000000000000000000\""),
    ] {
        let account = "mallory.near".parse().expect("an id");
        let mut forged = operation("resolve_transfer", arguments.clone());
        forged.through = Some(ViaContract { account, callback_of });
        let ran = world.run(&Scenario { operations: vec![forged], ..Scenario::default() });
        let events = ran.observation.events.iter();
        let mut called =
            events.filter(|event| event.method().as_deref() == Some("resolve_transfer"));
        let called = called.next_back().expect("it is called");
        assert_eq!(called.outcome.status, ExecutionStatus::SuccessValue(used.into()));
        assert_eq!(called.is_callback(), results > 0);
        let receipt = called.outcome.receipt().expect("a receipt");
        assert_eq!(receipt.predecessor_id(), "mallory.near");
        let signer = interloper::chain::action_receipt(receipt).map(|a| a.signer_id().clone());
        assert_eq!(signer.expect("a call"), "alice.near");
    }
}

#[test]
fn a_delay_lets_blocks_pass() {
    let world = relay();
    let block = |kind| event(&inflict(&world, kind), "0.0").outcome.block;
    assert_eq!(block(FaultKind::Delay(200)), block(FaultKind::Panic) + 200);
}

/// A contract under test that runs the programs it receives, and an account that a puppet plays.
fn obedient() -> SimulatedTarget {
    let account = |id: &str, more: &str| {
        format!("[[account]]\nid = \"{id}\"\nbalance = \"100 NEAR\"\n{more}\n")
    };
    let text = account("relay.near", "contract = \"contract.wasm\"\nunder-test = true")
        + &account("receiver.near", "contract = \"puppet\"")
        + &account("alice.near", "")
        + "[[actor]]\nid = \"alice.near\"\n[[method]]\ncontract = \"relay.near\"\nname = \"run\"";
    SimulatedTarget::describe(&text, "puppet", None)
}

fn run(program: &[Op]) -> Operation {
    let mut call = operation("run", Value::Null);
    call.arguments = Arguments::Bytes(program_bytes(program));
    call
}

#[test]
fn a_deleted_or_replaced_account_stays_so_within_its_operation() {
    let world = obedient();
    let call = |promise, method: &str, args, teragas: u64| {
        let (method, gas) = (method.to_owned(), teragas * 1_000_000_000_000);
        Op::Call { promise, method, args, deposit: 0, gas, weight: 0 }
    };
    let ask = || {
        let create = Op::Create { receiver: "receiver.near".to_owned() };
        vec![create, call(0, "ask", Vec::new(), 30)]
    };
    // Calls `ask`, and calls it again in the callback.
    let mut twice = ask();
    twice.push(Op::Then { promise: 0, receiver: "relay.near".to_owned() });
    twice.push(call(1, "callback", program_bytes(&ask()), 100));
    for (kind, wanted, last) in [
        (FaultKind::Deleted, "doesn't exist", true),
        (FaultKind::Redeployed, "MethodNotFound", true),
        (FaultKind::MissingAccount, "doesn't exist", false),
    ] {
        let ran = world.run(&Scenario {
            operations: vec![run(&twice), run(&ask())],
            faults: vec![Fault { receipt: name("0.0"), kind: kind.clone() }],
            ..Scenario::default()
        });
        assert!(error(event(&ran, "0.0")).contains(wanted), "{kind:?}");
        let again = event(&ran, "0.1.0");
        assert_eq!(again.method().as_deref(), Some("ask"));
        assert_eq!(again.failed(), last, "{kind:?}");
        assert!(!last || error(again).contains(wanted), "{kind:?}");
        assert!(!event(&ran, "1.0").failed(), "another operation finds the account unchanged");
        assert_eq!(world.run(&ran.recorded).recorded, ran.recorded);
    }
}

/// Operation 0 yields, and every later operation resumes it.
fn yielding(resumes: usize, faults: Vec<Fault>) -> Execution {
    let world = obedient();
    let record = program_bytes(&[Op::RecordResults, Op::Log("resumed".to_owned())]);
    let (method, args) = ("callback".to_owned(), record);
    let key = b"id".to_vec();
    let wait = Op::Yield { method, args, gas: 30_000_000_000_000, weight: 0, key: key.clone() };
    let mut operations = vec![run(&[wait])];
    let resume = [Op::Resume { key, data: b"data".to_vec() }];
    operations.extend((0..resumes).map(|_| run(&resume)));
    // First the yield, then each resume.
    let schedule = ["start 0", "0", "start 1", "start 2"].iter().take(resumes + 2);
    let schedule = schedule.map(|step| step.parse().expect("a step")).collect();
    world.run(&Scenario { operations, schedule, faults, ..Scenario::default() })
}

/// The promise result of each run of the yield's callback: a status byte, then the data.
fn promise_results(ran: &Execution) -> Vec<Vec<u8>> {
    let resumed = |event: &&Event| event.outcome.logs.iter().any(|log| log == "resumed");
    let events = ran.observation.events.iter().filter(resumed);
    let results = events.map(|event| {
        let after = event.after.as_ref().expect("the account exists");
        after.storage().get(b"result:0").expect("it records its result").to_vec()
    });
    results.collect()
}

#[test]
fn a_yield_resumes_once_and_times_out_after_enough_blocks() {
    // Status 1 is a success, 2 is a failure.
    let (resumed, timed_out) = (b"\x01data".to_vec(), b"\x02".to_vec());
    assert_eq!(promise_results(&yielding(1, Vec::new())), [&resumed[..]]);
    assert_eq!(promise_results(&yielding(2, Vec::new())), [&resumed[..]]);
    assert_eq!(promise_results(&yielding(0, Vec::new())), [&timed_out[..]]);
    let late = Fault { receipt: name("1"), kind: FaultKind::Delay(250) };
    assert_eq!(promise_results(&yielding(1, vec![late])), [&timed_out[..]]);
}

fn rests(seed: u64) -> [FallbackScheduler; 4] {
    let seed = Seed(seed);
    [
        FallbackScheduler::Random(seed),
        FallbackScheduler::Surw { seed, lengths: vec![6, 5, 4, 3] },
        FallbackScheduler::Pct { seed, depth: 3, events: 20 },
        FallbackScheduler::Bytes(
            seed.0.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_le_bytes().repeat(4),
        ),
    ]
}

const NETWORKS: [Network; 3] = [Network::Calm, Network::Congested, Network::Relaxed];

/// For every order that a scheduler makes, some shard layout produces it on the allowed network, and the
/// recorded case replays to the same digest.
fn try_orders(world: &SimulatedTarget, cases: u64) {
    let mut random = ChaCha8Rng::seed_from_u64(1);
    for number in 0..cases {
        let mut scenario = generate(&world.target, &mut random);
        scenario.network = NETWORKS[(number % 3) as usize];
        for rest in rests(number) {
            scenario.rest = rest;
            let ran = world.run(&scenario);
            let witness = explain(&ran.deliveries).expect("some layout produces it");
            assert!(witness.network <= scenario.network, "{witness:?} {}", scenario.to_json());
            if number.is_multiple_of(8) {
                let again = world.run(&ran.recorded);
                assert_eq!(digest(&again.observation), digest(&ran.observation));
                assert_eq!(again.recorded, ran.recorded);
            }
        }
    }
}

#[test]
fn every_order_has_a_layout_and_every_record_replays() {
    try_orders(&relay(), 60);
    try_orders(&SimulatedTarget::load("staking", "broken"), 60);
    try_orders(&SimulatedTarget::load("vault", "broken"), 60);
}

#[test]
#[ignore = "a hundred thousand runs take minutes: cargo test --release --test it adversary:: -- --ignored"]
fn every_order_of_a_hundred_thousand_has_a_layout() {
    try_orders(&relay(), 9_000);
    try_orders(&SimulatedTarget::load("staking", "broken"), 8_000);
    try_orders(&SimulatedTarget::load("vault", "broken"), 8_000);
}
