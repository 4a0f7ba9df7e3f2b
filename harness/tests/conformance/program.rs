//! Words to write a case with: programs for the puppet, transactions, accounts.

#[path = "../../../targets/puppet/contract/src/op.rs"]
mod op;

use base64::Engine as _;
use serde_json::{Value, json};

pub(crate) use op::Op;

pub(crate) const NEAR: u128 = 10_u128.pow(24);
pub(crate) const TERAGAS: u64 = 10_u64.pow(12);

/// The puppets that are committed, seen from the folder of the snapshots.
pub(crate) const PUPPET: &str = "../../../../targets/puppet/contract.wasm";
pub(crate) const NEWEST_PUPPET: &str = "../../../../targets/puppet/newest.wasm";

pub(crate) fn bytes(program: &[Op]) -> Vec<u8> {
    borsh::to_vec(program).expect("a program can be serialised")
}

pub(crate) fn base64(bytes: &[u8]) -> String {
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

/// Two users, and puppets `p0.near` to `p2.near`.
pub(crate) fn case(version: u32, puppet: &str, blocks: Vec<Vec<Value>>) -> Value {
    let user = |id| json!({ "id": id, "balance": (1000 * NEAR).to_string(), "contract": null });
    let puppet = |id| json!({ "id": id, "balance": (100 * NEAR).to_string(), "contract": puppet });
    let blocks: Vec<_> = blocks.into_iter().map(|block| json!({ "transactions": block })).collect();
    json!({
        "protocol_version": version,
        "gas_price": "100000000",
        "accounts": [
            user("alice.near"),
            user("bob.near"),
            puppet("p0.near"),
            puppet("p1.near"),
            puppet("p2.near"),
        ],
        "blocks": blocks,
    })
}

/// The same in steps: each is over before the next begins.
pub(crate) fn steps_case(version: u32, puppet: &str, steps: Vec<Vec<Value>>) -> Value {
    let step = |transactions| [vec![transactions], vec![Vec::new(); 4]].concat();
    case(version, puppet, steps.into_iter().flat_map(step).collect())
}

pub(crate) fn transaction(signer: &str, receiver: &str, actions: &[Value]) -> Value {
    json!({ "signer": signer, "receiver": receiver, "actions": actions })
}

/// Alice has a puppet run a program.
pub(crate) fn run(puppet: &str, program: &[Op]) -> Value {
    run_with(puppet, program, 0)
}

/// The same with a deposit.
pub(crate) fn run_with(puppet: &str, program: &[Op], deposit: u128) -> Value {
    transaction("alice.near", puppet, &[call(program, deposit)])
}

pub(crate) fn call(program: &[Op], deposit: u128) -> Value {
    json!({ "function_call": {
        "method": "run",
        "args": base64(&bytes(program)),
        "gas": 300 * TERAGAS,
        "deposit": deposit.to_string(),
    } })
}

pub(crate) fn transfer(amount: u128) -> Value {
    json!({ "transfer": { "deposit": amount.to_string() } })
}

/// A call of a puppet by a puppet, with 20 Tgas and no share of what is left.
pub(crate) fn op_call(promise: u32, program: &[Op], deposit: u128) -> Op {
    let (method, args) = ("run".to_owned(), bytes(program));
    Op::Call { promise, method, args, deposit, gas: 20 * TERAGAS, weight: 0 }
}

pub(crate) fn create(receiver: &str) -> Op {
    Op::Create { receiver: receiver.to_owned() }
}

pub(crate) fn then(promise: u32, receiver: &str) -> Op {
    Op::Then { promise, receiver: receiver.to_owned() }
}

pub(crate) fn log(text: &str) -> Op {
    Op::Log(text.to_owned())
}

/// An ed25519 key as contracts write it: the scheme, then 32 bytes.
pub(crate) fn key(number: u8) -> Vec<u8> {
    let mut key = vec![0];
    key.extend([number; 32]);
    key
}

/// The one key here that can stake: the base point of the curve.
pub(crate) fn staking_key() -> Vec<u8> {
    let mut key = vec![0, 0x58];
    key.extend([0x66; 31]);
    key
}

/// The smallest contract with a method `run`, which does nothing.
pub(crate) const IDLE_CONTRACT: &[u8] = &[
    0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0, // a module
    1, 4, 1, 0x60, 0, 0, // one type: no parameters, no results
    3, 2, 1, 0, // one function of that type
    7, 7, 1, 3, b'r', b'u', b'n', 0, 0, // exported
    10, 4, 1, 2, 0, 0x0b, // and empty
];
