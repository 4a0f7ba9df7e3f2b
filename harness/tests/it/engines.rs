//! Both engines give the same outcome for every call.

use std::sync::Arc;

use interloper::chain::{Protocol, SUPPORTED_VERSIONS, Transaction, World};
use interloper::conformance::{Agreement, compare_engines};
use interloper::types::{AccountId, Gas, NearToken, OperationId, ReceiptName, Seed};
use interloper::vm::{ContractCode, Instrumented};
use near_primitives::action::FunctionCallAction;
use near_primitives::transaction::Action;

use crate::support::wasm;

/// Calls per contract and version, unless `INTERLOPER_RUNS` sets another number.
const RUNS: u64 = 400;

const CONTRACTS: [&str; 7] = [
    "guide/contract",
    "guide/external",
    "relay/broken",
    "relay/receiver",
    "staking/broken",
    "staking/pool",
    "vault/fixed",
];

fn code(contract: &str) -> Arc<ContractCode> {
    Arc::new(ContractCode::new(wasm(&format!("{contract}.wasm")), None))
}

fn account(id: &str) -> AccountId {
    id.parse().expect("it is an account id")
}

fn runs() -> u64 {
    let asked = std::env::var("INTERLOPER_RUNS").ok();
    asked.and_then(|runs| runs.parse().ok()).unwrap_or(RUNS)
}

fn compare(contract: &str, version: u32, seed: u64) -> Agreement {
    let protocol = Protocol::new(version).expect("it is supported");
    let agreement = compare_engines(&code(contract), &protocol, runs(), Seed(seed));
    agreement.unwrap_or_else(|error| panic!("{contract}, {version}: {error}"))
}

#[test]
fn engines_agree_on_random_calls_under_every_version() {
    let versions = SUPPORTED_VERSIONS.zip(0..);
    let cases = versions.flat_map(|case| CONTRACTS.map(|contract| (contract, case)));
    for (contract, (version, seed)) in cases {
        let Agreement { outcomes, fallbacks, .. } = compare(contract, version, seed);
        if outcomes.contains_key("Link Error") {
            // It imports a host function of a later version, so no call runs.
            assert!(!outcomes.contains_key("success"), "{contract} under {version}: {outcomes:?}");
            continue;
        }
        assert_eq!(fallbacks, [], "{contract} is not instrumented");
        let succeeded = outcomes.get("success").copied().unwrap_or_default();
        println!("{contract} {version}: {outcomes:?}");
        assert!(succeeded * 10 > runs(), "{contract}: too few calls succeed: {outcomes:?}");
        assert!(outcomes.len() > 2, "{contract}: calls fail in too few ways: {outcomes:?}");
    }
}

#[test]
fn the_instrumented_engine_records_comparisons() {
    let protocol = Protocol::new(88).expect("it is supported");
    let engine = Instrumented::new(Arc::clone(&protocol.config)).expect("it can be set up");
    engine.record_comparisons(true);
    let mut world = World::new(Arc::new(protocol));
    let near = NearToken::from_near(1_000);
    let (alice, receiver) = (account("alice.near"), account("receiver.near"));
    world.add_account(alice.clone(), near, None);
    world.add_account(receiver.clone(), near, Some(code("relay/receiver")));
    let args = br#"{"sender_id":"alice.near","amount":"123456789012","msg":"kexp"}"#;
    let call = FunctionCallAction {
        method_name: "on_transfer".to_owned(),
        args: args.to_vec(),
        gas: Gas::from_teragas(100),
        deposit: NearToken::from_yoctonear(0),
    };
    let actions = vec![Action::FunctionCall(Box::new(call))];
    let transaction = Transaction::new(alice, receiver, actions);
    world.next_block();
    world.submit(&transaction, ReceiptName::root(OperationId(0)));
    let sequence = world.deliverable().next().expect("the receipt").sequence;
    world.deliver(&engine, sequence, None).expect("it runs");
    let compared = engine.take_comparisons();
    println!("{compared:?}");
    assert!(!compared.numbers.is_empty());
    assert!(engine.coverage().used() > 1_000);
}
