//! Deposits, messages and initial values that follow rules: found from a compiled contract alone, and compared with
//! its source.

#![allow(clippy::unwrap_used, reason = "a value that is missing fails the test")]

use std::collections::BTreeMap;
use std::sync::Arc;

use interloper::chain::Protocol;
use interloper::discovery::{
    ContractInterface, DepositRule, ExampleValues, InterfaceDiscovery, MethodInterface, Probe,
    ProbeCall,
};
use interloper::types::{AccountId, NearToken};
use interloper::vm::{Comparing, ContractCode, Engine, ModuleInfo, Storage};
use serde_json::{Value, json};

use crate::support::{newest_protocol, wasm};

fn id(name: &str) -> AccountId {
    name.parse().unwrap()
}

fn probe<'a>(engine: &'a dyn Engine, protocol: &'a Protocol) -> Probe<'a> {
    Probe {
        engine,
        protocol,
        code: Arc::new(ContractCode::new(wasm("messages/contract.wasm"), None)),
        account: id("contract.near"),
        storage: Storage::default(),
    }
}

/// The interface of the contract after this call of an initializer.
fn interface(initializer: Option<(&str, Value)>) -> ContractInterface {
    let protocol = newest_protocol();
    let engine = Comparing::new(Arc::clone(&protocol.config)).unwrap();
    let mut probe = probe(&engine, &protocol);
    if let Some((method, arguments)) = initializer {
        let (input, account) = (arguments.to_string(), probe.account.clone());
        let call = ProbeCall {
            method,
            input: input.as_bytes(),
            caller: &account,
            deposit: NearToken::ZERO,
            results: &[],
            view: false,
        };
        let outcome = probe.call(&call).unwrap();
        assert_eq!(outcome.failure, None);
        probe.storage = outcome.storage;
    }
    let values = ExampleValues {
        owner: id("owner.near"),
        user: id("alice.near"),
        suffix: ".near".to_owned(),
        participants: ["alice.near", "bob.near", "mallory.near"].map(id).to_vec(),
        known: vec![id("contract.near"), id("token.near")],
        identified: BTreeMap::new(),
        list_length: 2,
    };
    let module = ModuleInfo::of(&wasm("messages/contract.wasm")).unwrap();
    let discovery = InterfaceDiscovery { probe, module: &module, abi: None, values: &values };
    discovery.discover().unwrap()
}

fn initialized() -> ContractInterface {
    interface(Some((
        "new",
        json!({
            "token_id": "token.near",
            "fee": NearToken::from_near(1),
            "round_ms": "3600000",
            "label": "twelve chars",
        }),
    )))
}

fn method<'i>(interface: &'i ContractInterface, name: &str) -> &'i MethodInterface {
    interface.methods.iter().find(|method| method.name == name).unwrap()
}

#[test]
fn a_deposit_that_a_refusal_names_or_that_the_contract_compares_is_found() {
    let interface = initialized();
    let rule = |name: &str| method(&interface, name).deposit_rule;
    let price = NearToken::from_millinear(370);
    assert_eq!(rule("register"), Some(DepositRule::Exactly(NearToken::from_millinear(13))));
    let storage = NearToken::from_yoctonear(125 * 10u128.pow(19));
    assert_eq!(rule("store"), Some(DepositRule::AtLeast(storage)));
    assert_eq!(rule("buy"), Some(DepositRule::Exactly(price)));
    assert_eq!(rule("rent"), Some(DepositRule::MultipleOf(price)));
    assert_eq!(rule("hidden"), None);
    assert_eq!(method(&interface, "buy").deposits, [price]);
    let rent = method(&interface, "rent").failure.as_deref();
    assert_eq!(rent, Some("The house is not built yet"));
}
