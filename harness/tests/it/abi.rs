//! Measures argument inference, with and without ABIs, against the ABIs of our contracts: for how many
//! methods a call gets past deserialising its arguments, and how many names and types the ABI confirms.
//!
//! `tests/abi` holds the ABIs, which near-sdk generated from the sources.

#![allow(clippy::unwrap_used, reason = "a value that is missing fails the test")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use interloper::arguments::integer::NumberForm;
use interloper::arguments::template::BytesForm;
use interloper::chain::Protocol;
use interloper::discovery::{
    Abi, ArgumentType, ContractInterface, Evidence, ExampleValues, InputType, InterfaceDiscovery,
    Probe,
};
use interloper::types::AccountId;
use interloper::vm::{ContractCode, ModuleInfo, Pristine, Storage};

use crate::support::{newest_protocol, pristine_engine, read_text, root, targets};

/// The contracts, each with its ABI.
fn contracts() -> Vec<(PathBuf, Abi)> {
    let mut files: Vec<_> = std::fs::read_dir(root().join("harness/tests/abi")).unwrap().collect();
    files.sort_by_key(|file| file.as_ref().unwrap().path());
    let files = files.into_iter().map(|file| file.unwrap().path());
    let files = files.filter(|file| file.extension().is_some_and(|end| end == "json"));
    files
        .map(|file| {
            let name = file.file_stem().unwrap().to_str().unwrap().replace('_', "/");
            let name = name.replace("companion/", "companions/").replace("async/", "async-");
            let wasm = |end: &str| targets().join(format!("{name}{end}"));
            let wasm = ["/broken.wasm", "/contract.wasm", ".wasm"].map(wasm);
            let wasm = wasm.iter().find(|wasm| wasm.is_file()).unwrap_or_else(|| panic!("{name}"));
            let abi = serde_json::from_str(&read_text(&file)).unwrap();
            (wasm.clone(), Abi::read(&abi).unwrap())
        })
        .collect()
}

/// What is inferred: from the contract's errors alone if there is no ABI.
fn discover(
    engine: &Pristine,
    protocol: &Protocol,
    wasm: &Path,
    abi: Option<&Abi>,
) -> ContractInterface {
    let code = std::fs::read(wasm).unwrap();
    let module = ModuleInfo::of(&code).unwrap();
    let id = |name: &str| name.parse::<AccountId>().unwrap();
    let values = ExampleValues {
        owner: id("owner.near"),
        user: id("alice.near"),
        suffix: ".near".to_owned(),
        participants: ["alice.near", "bob.near"].map(id).to_vec(),
        known: vec![id("contract.near")],
        identified: BTreeMap::new(),
        list_length: 2,
    };
    let probe = Probe {
        engine,
        protocol,
        code: Arc::new(ContractCode::new(code, None)),
        account: id("contract.near"),
        storage: Storage::default(),
    };
    InterfaceDiscovery { probe, module: &module, abi, values: &values }.discover().unwrap()
}

/// Each argument and each nested member with its type, in alphabetical order.
fn flat(path: &str, shape: &ArgumentType, all: &mut Vec<(String, String)>) {
    match shape {
        ArgumentType::Object(members) => {
            for member in members {
                let path = format!("{path}.{}", member.name);
                all.push((path.clone(), kind(&member.shape)));
                flat(&path, &member.shape, all);
            }
        }
        ArgumentType::Optional(inner) => flat(path, inner, all),
        ArgumentType::List(inner) => flat(&format!("{path}[]"), inner, all),
        ArgumentType::Map(_, inner) => flat(&format!("{path}{{}}"), inner, all),
        ArgumentType::Tuple(items) | ArgumentType::OneOf(items) => {
            for (number, item) in items.iter().enumerate() {
                flat(&format!("{path}[{number}]"), item, all);
            }
        }
        _ => {}
    }
    all.sort();
}

/// A type in a word, as coarse as near-sdk's ABIs: they call accounts, amounts and encoded bytes strings.
fn kind(shape: &ArgumentType) -> String {
    match shape {
        ArgumentType::Optional(inner) => format!("{}?", kind(inner)),
        ArgumentType::Object(_) => "object".to_owned(),
        ArgumentType::Map(..) => "map".to_owned(),
        ArgumentType::List(inner) => format!("[{}]", kind(inner)),
        ArgumentType::Tuple(items) => {
            format!("({})", items.iter().map(kind).collect::<Vec<_>>().join(", "))
        }
        ArgumentType::OneOf(_) => "one of several".to_owned(),
        ArgumentType::Text(_) | ArgumentType::Integer(_, NumberForm::Text) => "text".to_owned(),
        ArgumentType::Bytes(BytesForm::Array) => "[u8]".to_owned(),
        ArgumentType::Bytes(_) => "text".to_owned(),
        other => other.describe(),
    }
}

/// How much is known about the methods of all contracts.
#[derive(Debug, Default)]
struct Known {
    methods: usize,
    /// Methods of these with a call that got past deserialising, with arguments from the measured source.
    past: usize,
    /// Arguments and members.
    values: usize,
    /// Values of these whose name and type are those of the ABI.
    right: usize,
    /// Accounts and amounts, which an ABI does not tell from strings.
    meanings: usize,
}

#[allow(clippy::print_stdout, reason = "a failing test shows what was not inferred")]
fn measure(source: Evidence) -> Known {
    let protocol = newest_protocol();
    let engine = pristine_engine(&protocol);
    let mut known = Known::default();
    for (wasm, abi) in contracts() {
        let given = (source == Evidence::Abi).then_some(&abi);
        for method in discover(&engine, &protocol, &wasm, given).methods {
            let Some(said) = abi.arguments(&method.name) else { continue };
            known.methods += 1;
            known.past += usize::from(method.past_arguments && method.evidence == source);
            if !method.past_arguments || method.evidence != source {
                println!("{}: {}: {:?}", wasm.display(), method.name, method.failure);
            }
            let (mut wanted, mut found) = (Vec::new(), Vec::new());
            let (InputType::Json(said), InputType::Json(learnt)) = (&said, &method.arguments)
            else {
                continue;
            };
            flat("", said, &mut wanted);
            flat("", learnt, &mut found);
            known.values += wanted.len();
            known.right += wanted.iter().filter(|value| found.contains(value)).count();
            let described = learnt.describe();
            known.meanings += described.matches(": account").count();
            known.meanings += described.matches("as text").count();
            if wanted != found {
                println!("{}: {}\n  {wanted:?}\n  {found:?}", wasm.display(), method.name);
            }
        }
    }
    println!("{source:?}: {known:?}");
    known
}

#[test]
fn inferred_arguments_match_the_abis() {
    let (asked, told) = (measure(Evidence::Inferred), measure(Evidence::Abi));
    for known in [&asked, &told] {
        assert!(known.methods > 200, "{known:?}");
        assert!(known.past * 100 >= known.methods * 95, "{known:?}");
        assert!(known.right * 100 >= known.values * 95, "{known:?}");
    }
    // Inference fills what the ABI leaves open, so an ABI never makes the result worse.
    assert!(told.meanings >= asked.meanings, "{told:?} {asked:?}");
    assert!(told.right >= asked.right, "{told:?} {asked:?}");
}

#[test]
fn an_abi_of_another_contract_is_overruled() {
    let protocol = newest_protocol();
    let engine = pristine_engine(&protocol);
    let wasm = targets().join("vault/broken.wasm");
    let wrong = serde_json::json!({ "body": { "functions": [
        { "name": "new", "kind": "call", "params": { "serialization_type": "json", "args": [
            { "name": "pool", "type_schema": { "type": "string" } }] } },
        { "name": "balance_of", "kind": "view", "params": { "serialization_type": "json", "args": [
            { "name": "number", "type_schema": { "type": "integer", "format": "uint8" } }] } },
        { "name": "withdraw", "kind": "call", "params": { "serialization_type": "json", "args": [
            { "name": "amount", "type_schema": { "type": "boolean" } }] } },
        { "name": "on_withdrawn", "kind": "call", "params": { "serialization_type": "borsh",
            "args": [{ "name": "a", "type_schema": { "declaration": "u8", "definitions": {} } }] } },
    ] } });
    let abi = Abi::read(&wrong).unwrap();
    let found = discover(&engine, &protocol, &wasm, Some(&abi));
    let method = |name: &str| found.methods.iter().find(|method| method.name == name).unwrap();
    let shape = |name: &str| match &method(name).arguments {
        InputType::Json(shape) => shape.describe(),
        other => panic!("{other:?}"),
    };
    assert_eq!(shape("withdraw"), "{ amount: u128 as text? }");
    assert_eq!(shape("balance_of"), "{ number: u8, account_id: account }");
    assert_eq!(shape("on_withdrawn"), "{ owner: account, amount: u128 as text }");
    assert!(found.methods.iter().all(|method| method.past_arguments));
}
