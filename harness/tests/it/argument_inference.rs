//! What asking contracts brings to light, held against their sources.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::BTreeSet;
use std::sync::Arc;

use interloper::discovery::{Asking, Probe, Subject, is_word};
use interloper::vm::{ContractCode, ModuleInfo, Storage};

use crate::support::{newest_protocol, pristine_engine, wasm};

/// What asking tells about a method, in few words.
fn learn(contract: &str, method: &str, private: bool) -> String {
    let code = wasm(contract);
    let protocol = newest_protocol();
    let engine = pristine_engine(&protocol);
    let names: BTreeSet<String> =
        ModuleInfo::of(&code).unwrap().texts.into_iter().filter(|text| is_word(text)).collect();
    let account = "contract.near".parse().unwrap();
    let someone = "alice.near".parse().unwrap();
    let probe = Probe {
        engine: &engine,
        protocol: &protocol,
        code: Arc::new(ContractCode::new(code, None)),
        account,
        storage: Storage::default(),
    };
    let asking = Asking {
        probe: &probe,
        method,
        caller: if private { &probe.account } else { &someone },
        deposit: 0,
        results: &[],
        subject: Subject::Input,
        names: &names,
        someone: &someone,
    };
    asking.learn().unwrap().map_or("says nothing".to_owned(), |shape| shape.describe())
}

#[test]
fn members_and_their_types_come_from_the_contract_s_own_errors() {
    let private = learn("vault/broken.wasm", "on_withdrawn", true);
    assert_eq!(private, "{ owner: account, amount: u128 as text }");
    let callback = learn("relay/broken.wasm", "resolve_transfer", false);
    assert_eq!(callback, "{ sender_id: account, receiver_id: account, amount: u128 as text }");
    assert_eq!(learn("staking/broken.wasm", "new", false), "{ pool_id: account }");
    assert_eq!(learn("vault/broken.wasm", "new", false), "says nothing");
}

#[test]
fn a_member_that_may_be_left_out_is_found_by_its_name() {
    assert_eq!(learn("vault/broken.wasm", "withdraw", false), "{ amount: u128 as text? }");
}

#[test]
fn arguments_of_every_shape_are_found_out() {
    for (method, shape) in [
        ("new", "{ owner_id: account, total: u128 as text, pool_id: account }"),
        (
            "act",
            "{ action: { kind: \"stake\", amount: u128 as text } or { kind: \"send\", receiver: account, amount: u128 as text } }",
        ),
        (
            "side",
            "{ side: \"Buy\" or \"Sell\" or { Limit: { price: u128 as text } } or { Swap: [account, u64 as text] } or { Only: u16 } }",
        ),
        (
            "order",
            "{ order: { maker: account, price: u128 as text, legs: [{ asset: account, amount: u64, weight: u8 }], note: text? } }",
        ),
        (
            "lists",
            "{ pairs: [[account, u128 as text]], sums: { any name: u128 as text }, flags: [bool, bool] }",
        ),
        ("settings", "{ settings: { fee: u32?, open: bool? }, anything: anything, memo: text? }"),
        ("careful", "{ receiver_id: account }"),
    ] {
        assert_eq!(learn("shapes/contract.wasm", method, false), shape, "{method}");
    }
    let bytes = learn("shapes/contract.wasm", "bytes", false);
    assert!(bytes.starts_with("{ packed: base64, plain: bytes, hash: \"1111"), "{bytes}");
    let numbers = learn("shapes/contract.wasm", "numbers", false);
    assert!(numbers.ends_with("text: u64 as text, negative: i64 as text }"), "{numbers}");
}
