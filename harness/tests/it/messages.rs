//! Deposits, messages and initial values that follow rules: found from a compiled contract alone, and compared with
//! its source.

#![allow(clippy::unwrap_used, reason = "a value that is missing fails the test")]

use std::collections::BTreeMap;
use std::sync::Arc;

use interloper::chain::Protocol;
use interloper::discovery::{
    ContractInterface, DepositRule, ExampleValues, InputType, InterfaceDiscovery, MethodInterface,
    MethodKind, Probe, ProbeCall,
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

/// The types of a method's arguments, in words.
fn arguments(interface: &ContractInterface, name: &str) -> String {
    match &method(interface, name).arguments {
        InputType::Json(shape) => shape.describe(),
        other => format!("{other:?}"),
    }
}

#[test]
fn messages_are_found_whether_the_contract_names_its_errors_or_hides_them() {
    let interface = initialized();
    let told = arguments(&interface, "ft_on_transfer");
    assert_eq!(
        told,
        "{ sender_id: account, amount: u128 as text, msg: text of \
         { open: { price: u128 as text, period_ms: u64, side: \"Bid\" or \"Ask\" } } \
         or { top_up: { order_id: u64 as text } } or \"close\" }"
    );
    let hidden = arguments(&interface, "nft_on_transfer");
    for part in [
        "{ rent: { days: u32, escrow: bool? } }",
        "{ sale: { min_price: u128 as text, seller: account, splits: [{ receiver: account, share: u16 }]? } }",
        "\"withdrawn\"",
    ] {
        assert!(hidden.contains(part), "{part} is not in {hidden}");
    }
    let tagged = arguments(&interface, "nft_on_approve");
    for part in [
        "{ type: \"lend\", rate_bps: u16, until: u64 as text }",
        "{ type: \"show\", gallery: account }",
    ] {
        assert!(tagged.contains(part), "{part} is not in {tagged}");
    }
    let joined = arguments(&interface, "mt_on_transfer");
    let parts = "text of \"deposit\" or \"stake\":";
    assert!(joined.contains(parts), "{joined}");
    // Numbers next to each other are not told apart: the contract reads a `u64` and a `u128`.
    let packed = arguments(&interface, "relay");
    assert_eq!(packed, "{ packet: base64 of borsh (u128, u64, bool) }");
}

#[test]
fn hooks_are_asked_as_the_token_that_the_contract_believes() {
    let interface = initialized();
    for hook in ["ft_on_transfer", "nft_on_transfer", "nft_on_approve", "mt_on_transfer"] {
        let hook = method(&interface, hook);
        assert_eq!(hook.predecessors, [id("token.near")], "{}", hook.name);
        // What `zzz` means as an account shows in no failure.
        if hook.name != "mt_on_transfer" {
            assert_eq!(hook.failure, None, "{}", hook.name);
        }
    }
}

#[test]
fn values_of_an_initializer_follow_the_rules_that_its_failures_name() {
    let interface = interface(None);
    assert_eq!(interface.failed_initializers, []);
    let initializer = interface.initializer.as_ref().unwrap();
    assert_eq!(initializer.method, "new");
    assert_eq!(initializer.arguments["round_ms"], "3600000");
    let kinds = ["new", "new_shared", "new_bridged"];
    for name in kinds {
        assert_eq!(method(&interface, name).kind, MethodKind::Initializer, "{name}");
    }
}

#[test]
fn unusual_inputs_are_found() {
    let interface = initialized();
    assert!(!interface.methods.iter().any(|method| method.name.starts_with("__")));
    let settle = method(&interface, "settle");
    assert_eq!(settle.kind, MethodKind::Private);
    let InputType::Borsh(layouts) = &settle.arguments else { panic!("{:?}", settle.arguments) };
    let layouts: Vec<_> = layouts.iter().map(|(_, layout)| layout.to_string()).collect();
    assert_eq!(layouts, ["u128", "AccountId"]);
    let hidden = arguments(&interface, "hidden");
    assert!(hidden.ends_with("parts: [bytes] }"), "{hidden}");
    assert_eq!(method(&interface, "hidden").failure, None);
}
