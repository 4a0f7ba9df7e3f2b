//! Claim 20: whatever a contract is written in, to the chain it is wasm that imports `env`.
//!
//! Here that is Rust in three forms: the two of near-sdk, and a contract without any library.
//! `sdk_languages.rs` has contracts in C, JavaScript and Python. No compiler for Go or AssemblyScript
//! contracts works offline, so none is here; their contracts import the same functions.

use crate::support::Op;
use near_primitives::action::{Action, FunctionCallAction};
use serde_json::json;

use super::fixture::{ENOUGH, EXTERNAL, GUIDE, NOTHING, Stage, USER, results};

const PUPPET: &str = "puppet.near";

#[test]
fn claim_20_high_level_and_low_level_calls_are_the_same_to_the_chain() {
    let notes = ["high_level", "low_level"].map(|method| {
        let mut stage = Stage::new();
        stage.run(USER, GUIDE, method, json!({}));
        let mut notes = stage.notes();
        assert_eq!(notes.len(), 1);
        notes.remove(0)
    });
    assert_eq!(notes[0], notes[1]);
}

fn bytes(program: &[Op]) -> Vec<u8> {
    borsh::to_vec(program).expect("a program can be serialised")
}

#[test]
fn claim_20_a_contract_without_a_library_calls_one_with_a_library() {
    let mut stage = Stage::new();
    stage.account(PUPPET, 10, Some("puppet/contract.wasm"));
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
        call(1, "callback", bytes(&[Op::RecordResults])),
    ];
    let (method_name, args) = ("run".to_owned(), bytes(&program));
    let action = FunctionCallAction { method_name, args, gas: ENOUGH, deposit: NOTHING };
    let run = stage.submit(USER, PUPPET, vec![Action::FunctionCall(Box::new(action))]);
    stage.finish();
    assert!(stage.result(run).is_ok());
    let puppet = stage.world.account(&PUPPET.parse().expect("an account id"));
    let storage = puppet.expect("it exists").storage();
    assert_eq!(storage.get(b"result:0").map(|result| &result[..]), Some(&b"\x01\"the same\""[..]));
}

#[test]
fn claim_20_a_contract_with_a_library_calls_one_without() {
    let mut stage = Stage::new();
    stage.account(PUPPET, 10, Some("puppet/contract.wasm"));
    let calls = json!([{ "method": "run", "text": "this is no program" }]);
    stage.run(USER, GUIDE, "join", json!({ "account_ids": [PUPPET], "calls": calls }));
    assert!(stage.ran_at(PUPPET)[0].failed());
    assert_eq!(stage.notes()[0].results, results(&[None]));
}
