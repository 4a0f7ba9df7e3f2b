//! Argument types that are inferred from a contract's errors, compared with its source.

#![allow(clippy::unwrap_used, reason = "a value that is missing fails the test")]

use std::collections::BTreeSet;
use std::sync::Arc;

use interloper::discovery::{ArgumentInference, Probe, Subject, is_word};
use interloper::types::NearToken;
use interloper::vm::{ContractCode, ModuleInfo, Storage};

use crate::support::{newest_protocol, pristine_engine, wasm};

/// The inferred arguments of a method, in words.
fn infer(contract: &str, method: &str, private: bool) -> String {
    let code = wasm(contract);
    let protocol = newest_protocol();
    let engine = pristine_engine(&protocol);
    let names: BTreeSet<String> =
        ModuleInfo::of(&code).unwrap().texts.into_iter().filter(|text| is_word(text)).collect();
    let account = "contract.near".parse().unwrap();
    let user = "alice.near".parse().unwrap();
    let probe = Probe {
        engine: &engine,
        protocol: &protocol,
        code: Arc::new(ContractCode::new(code, None)),
        account,
        storage: Storage::default(),
    };
    let inference = ArgumentInference {
        probe: &probe,
        method,
        caller: if private { &probe.account } else { &user },
        deposit: NearToken::ZERO,
        results: &[],
        subject: Subject::Input,
        names: &names,
        user: &user,
    };
    inference.infer().unwrap().map_or("nothing".to_owned(), |shape| shape.describe())
}

#[test]
fn members_and_their_types_come_from_the_contracts_errors() {
    let private = infer("vault/broken.wasm", "on_withdrawn", true);
    assert_eq!(private, "{ owner: account, amount: u128 as text }");
    let callback = infer("relay/broken.wasm", "resolve_transfer", false);
    assert_eq!(callback, "{ sender_id: account, receiver_id: account, amount: u128 as text }");
    assert_eq!(infer("staking/broken.wasm", "new", false), "{ pool_id: account }");
    assert_eq!(infer("vault/broken.wasm", "new", false), "nothing");
}

#[test]
fn an_optional_member_is_found_by_its_name() {
    assert_eq!(infer("vault/broken.wasm", "withdraw", false), "{ amount: u128 as text? }");
}

#[test]
fn every_type_of_argument_is_inferred() {
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
        assert_eq!(infer("shapes/contract.wasm", method, false), shape, "{method}");
    }
    let bytes = infer("shapes/contract.wasm", "bytes", false);
    assert!(bytes.starts_with("{ packed: base64, plain: bytes, hash: \"1111"), "{bytes}");
    let numbers = infer("shapes/contract.wasm", "numbers", false);
    assert!(numbers.ends_with("text: u64 as text, negative: i64 as text }"), "{numbers}");
}
