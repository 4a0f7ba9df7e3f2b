//! Claim 20: in whatever language a contract is written, to the chain it is wasm that imports `env`.
//!
//! These contracts are in Rust: with near-sdk's high-level and low-level calls, and without any library.
//! `sdk_languages.rs` tests contracts in C, JavaScript and Python. Go and AssemblyScript are not tested, because
//! their compilers do not work offline; their contracts import the same host functions.

use crate::support::{Op, program_bytes};
use near_primitives::action::{Action, FunctionCallAction};
use serde_json::json;

use super::guide_chain::{ENOUGH, EXTERNAL, GUIDE, GuideChain, NOTHING, USER, results};

const PUPPET: &str = "puppet.near";

#[test]
fn claim_20_high_level_and_low_level_calls_are_the_same_to_the_chain() {
    let notes = ["high_level", "low_level"].map(|method| {
        let mut chain = GuideChain::new();
        chain.run(USER, GUIDE, method, json!({}));
        let mut notes = chain.notes();
        assert_eq!(notes.len(), 1);
        notes.remove(0)
    });
    assert_eq!(notes[0], notes[1]);
}

#[test]
fn claim_20_a_contract_without_a_library_calls_one_with_a_library() {
    let mut chain = GuideChain::new();
    chain.account(PUPPET, 10, Some("puppet/contract.wasm"));
    let call = |promise, method: &str, args: Vec<u8>| Op::Call {
        promise,
        method: method.to_owned(),
        args,
        deposit: 0,
        gas: 10_000_000_000_000,
        weight: 0,
    };
    let program = [
        Op::Create { receiver: EXTERNAL.to_owned() },
        call(0, "echo", json!({ "text": "the same" }).to_string().into_bytes()),
        Op::Then { promise: 0, receiver: PUPPET.to_owned() },
        call(1, "callback", program_bytes(&[Op::RecordResults])),
    ];
    let (method_name, args) = ("run".to_owned(), program_bytes(&program));
    let action = FunctionCallAction { method_name, args, gas: ENOUGH, deposit: NOTHING };
    let run = chain.submit(USER, PUPPET, vec![Action::FunctionCall(Box::new(action))]);
    chain.finish();
    assert!(chain.result(run).is_ok());
    let puppet = chain.world.account(&PUPPET.parse().expect("an account id"));
    let storage = puppet.expect("it exists").storage();
    assert_eq!(storage.get(b"result:0").map(|result| &result[..]), Some(&b"\x01\"the same\""[..]));
}

#[test]
fn claim_20_a_contract_with_a_library_calls_one_without() {
    let mut chain = GuideChain::new();
    chain.account(PUPPET, 10, Some("puppet/contract.wasm"));
    let calls = json!([{ "method": "run", "text": "this is not a program" }]);
    chain.run(USER, GUIDE, "join", json!({ "account_ids": [PUPPET], "calls": calls }));
    assert!(chain.ran_at(PUPPET)[0].failed());
    assert_eq!(chain.notes()[0].results, results(&[None]));
}
