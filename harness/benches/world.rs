//! What the simulated chain costs: taking a snapshot of a world, by its size, and running receipts
//! through the whole chain.
//!
//! Never compares with another simulation.

#[path = "../../targets/puppet/contract/src/op.rs"]
mod op;

use std::path::Path;
use std::sync::Arc;

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use interloper::chain::{NEWEST_VERSION, Protocol, Transaction, World};
use interloper::types::{AccountId, Gas, NearToken, OperationId, ReceiptName};
use interloper::vm::{ContractCode, Pristine};
use near_primitives::action::{Action, FunctionCallAction, TransferAction};
use op::Op;

/// Keys that one call writes: few enough for its gas.
const KEYS_IN_A_CALL: usize = 500;

fn id(name: &str) -> AccountId {
    name.parse().expect("an account id")
}

fn contract(file: &str) -> Arc<ContractCode> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../targets").join(file);
    Arc::new(ContractCode::new(std::fs::read(path).expect("it is committed"), None))
}

fn engine() -> Pristine {
    let protocol = Protocol::new(NEWEST_VERSION).expect("it is supported");
    Pristine::new(protocol.config).expect("a temporary folder")
}

fn world() -> World {
    let protocol = Protocol::new(NEWEST_VERSION).expect("it is supported");
    let mut world = World::new(Arc::new(protocol));
    let balance = NearToken::from_near(100_000);
    world.add_account(id("alice.near"), balance, None);
    for puppet in ["p0.near", "p1.near", "p2.near"] {
        world.add_account(id(puppet), balance, Some(contract("puppet/contract.wasm")));
    }
    world.add_account(id("guide.near"), balance, Some(contract("guide/contract.wasm")));
    world.add_account(id("external.near"), balance, Some(contract("guide/external.wasm")));
    world
}

fn submit(world: &mut World, receiver: &str, actions: Vec<Action>) {
    let (signer, receiver) = (id("alice.near"), id(receiver));
    let transaction = Transaction::new(signer, receiver, actions);
    let outcome = world.submit(&transaction, ReceiptName::root(OperationId(0)));
    assert!(!outcome.failed(), "{outcome:?}");
}

fn call(method: &str, args: Vec<u8>, gas: Gas) -> Vec<Action> {
    let (method_name, deposit) = (method.to_owned(), NearToken::from_yoctonear(0));
    vec![Action::FunctionCall(Box::new(FunctionCallAction { method_name, args, gas, deposit }))]
}

fn program(ops: &[Op]) -> Vec<Action> {
    let args = borsh::to_vec(ops).expect("it can be serialised");
    call("run", args, Gas::from_teragas(600))
}

/// Runs everything that is under way. How many receipts ran.
fn finish(world: &mut World, engine: &Pristine) -> u64 {
    let mut ran = 0;
    loop {
        let next = world.deliverable().next().map(|entry| entry.sequence);
        let Some(sequence) = next else { return ran };
        let delivered = world.deliver(engine, sequence, None).expect("the machine works");
        assert!(delivered.outcomes.iter().all(|outcome| !outcome.failed()), "{delivered:?}");
        ran += delivered.outcomes.len() as u64;
    }
}

fn with_keys(engine: &Pristine, keys: usize) -> World {
    let mut world = world();
    for first in (0..keys).step_by(KEYS_IN_A_CALL) {
        let numbers = first..(first + KEYS_IN_A_CALL).min(keys);
        let write =
            |number: usize| Op::Write { key: number.to_string().into_bytes(), value: vec![1; 32] };
        submit(&mut world, "p0.near", program(&numbers.map(write).collect::<Vec<_>>()));
        finish(&mut world, engine);
    }
    world
}

fn clones(criterion: &mut Criterion) {
    let engine = engine();
    let mut group = criterion.benchmark_group("clone a world, by storage keys");
    for keys in [100, 10_000, 100_000] {
        let world = with_keys(&engine, keys);
        let written = world.account(&id("p0.near")).map(|record| record.storage().len());
        assert_eq!(written, Some(keys));
        group.bench_with_input(BenchmarkId::from_parameter(keys), &world, |bencher, world| {
            bencher.iter(|| world.clone());
        });
    }
    group.finish();

    // A snapshot is worth little if the first write after it is dear.
    let mut group = criterion.benchmark_group("clone a world and run a call that writes, by keys");
    for keys in [100, 100_000] {
        let world = with_keys(&engine, keys);
        group.bench_with_input(BenchmarkId::from_parameter(keys), &world, |bencher, world| {
            bencher.iter(|| {
                let mut world = world.clone();
                let write = Op::Write { key: b"50".to_vec(), value: vec![2; 32] };
                submit(&mut world, "p0.near", program(&[write]));
                finish(&mut world, &engine)
            });
        });
    }
    group.finish();
}

/// Two calls, joined, and a callback.
fn exchange() -> Vec<Action> {
    let call = |promise, program: &[Op]| Op::Call {
        promise,
        method: "run".to_owned(),
        args: borsh::to_vec(program).expect("it can be serialised"),
        deposit: 1,
        gas: 20_000_000_000_000,
        weight: 0,
    };
    let create = |receiver: &str| Op::Create { receiver: receiver.to_owned() };
    program(&[
        create("p1.near"),
        call(0, &[Op::Return(vec![1])]),
        create("p2.near"),
        call(1, &[Op::Add { key: b"count".to_vec(), by: 1 }]),
        Op::And { promises: vec![0, 1] },
        Op::Then { promise: 2, receiver: "p0.near".to_owned() },
        call(3, &[Op::RecordResults]),
    ])
}

fn receipts(criterion: &mut Criterion) {
    let engine = engine();
    let mut prepared = world();
    let new = br#"{"external_id":"external.near"}"#.to_vec();
    submit(&mut prepared, "guide.near", call("new", new, Gas::from_teragas(30)));
    submit(&mut prepared, "external.near", call("new", b"{}".to_vec(), Gas::from_teragas(30)));
    finish(&mut prepared, &engine);
    let hello = br#"{"method":"hello"}"#.to_vec();
    let transfer = TransferAction { deposit: NearToken::from_near(1) };
    let cases = [
        ("transfers", "p1.near", vec![Action::Transfer(transfer)]),
        ("puppets", "p0.near", exchange()),
        ("near-sdk call and callback", "guide.near", call("call", hello, Gas::from_teragas(60))),
    ];
    let mut group = criterion.benchmark_group("receipts through the whole chain");
    for (name, receiver, actions) in cases {
        let start = |world: &World| {
            let mut world = world.clone();
            submit(&mut world, receiver, actions.clone());
            world
        };
        let ran = finish(&mut start(&prepared), &engine);
        group.throughput(Throughput::Elements(ran));
        group.bench_function(name, |bencher| {
            bencher.iter_batched(
                || start(&prepared),
                |mut world| finish(&mut world, &engine),
                BatchSize::SmallInput,
            );
        });
    }
    group.finish();
}

criterion_group!(benches, clones, receipts);
criterion_main!(benches);
