//! Contracts that loop or allocate without end: gas stops them, in both engines and in campaigns.
//!
//! Never measures time: a contract that does not stop makes the test hang.

use std::path::Path;
use std::sync::Arc;

use interloper::Fuzzer;
use interloper::campaign::{CampaignOptions, LoadedTarget};
use interloper::scenario::{Arguments, Operation, Scenario};
use interloper::simulation::Simulation;
use interloper::trace::Observation;
use interloper::types::{Duration, Gas, NearToken};
use interloper::vm::Both;
use wasm_encoder::{
    BlockType, CodeSection, EntityType, ExportKind, ExportSection, Function, FunctionSection,
    ImportSection, InstructionSink, MemArg, MemorySection, MemoryType, Module, TypeSection,
    ValType,
};

use crate::support::{newest_protocol, options};

type Body = fn(&mut InstructionSink<'_>);

/// Host functions: name, number of `i64` parameters, and whether they return an `i64`.
const IMPORTS: [(&str, u32, bool); 5] = [
    ("storage_write", 5, true),
    ("promise_create", 8, true),
    ("log_utf8", 2, false),
    ("write_register", 3, false),
    ("sha256", 3, false),
];
const STORAGE_WRITE: u32 = 0;
const PROMISE_CREATE: u32 = 1;
const LOG: u32 = 2;
const WRITE_REGISTER: u32 = 3;
const SHA256: u32 = 4;

/// The index of the first method, after the imports.
const FIRST: u32 = 5;

/// The only local variable: it counts rounds from zero.
const ROUND: u32 = 0;

const WORD: MemArg = MemArg { offset: 0, align: 0, memory_index: 0 };

/// The body of each method's endless loop.
const METHODS: [(&str, Body); 9] = [
    ("recurse", |code| {
        code.call(FIRST);
    }),
    ("spin", |_| {}),
    ("grow", |code| {
        code.i32_const(1).memory_grow(0).drop();
    }),
    ("fill", |code| {
        code.i32_const(16).memory_grow(0).drop();
        code.local_get(ROUND).i32_wrap_i64().i32_const(0x03ff_fff8).i32_and();
        code.local_get(ROUND).i64_store(WORD);
    }),
    ("store", |code| {
        code.i32_const(0).local_get(ROUND).i64_store(WORD);
        code.i64_const(8).i64_const(0).i64_const(60_000).i64_const(0).i64_const(0);
        code.call(STORAGE_WRITE).drop();
    }),
    ("promise", |code| {
        code.i32_const(0).i64_const(i64::from_le_bytes(*b"a.near__")).i64_store(WORD);
        for argument in [6, 0, 1, 0, 0, 0, 16, 0] {
            code.i64_const(argument);
        }
        code.call(PROMISE_CREATE).drop();
    }),
    ("log", |code| {
        code.i64_const(15_000).i64_const(0).call(LOG);
    }),
    ("register", |code| {
        code.local_get(ROUND).i64_const(60_000).i64_const(0).call(WRITE_REGISTER);
    }),
    ("hash", |code| {
        code.i64_const(60_000).i64_const(0).i64_const(1).call(SHA256);
    }),
];

const TARGET: &str = r#"
[[account]]
id = "greedy.near"
balance = "1000 NEAR"
contract = "greedy.wasm"
under-test = true

[[account]]
id = "a.near"
balance = "100 NEAR"

[[actor]]
id = "a.near"
"#;

/// A contract whose methods never return.
fn contract() -> Vec<u8> {
    let (mut types, mut imports) = (TypeSection::new(), ImportSection::new());
    types.ty().function([], []);
    for (name, parameters, has_result) in IMPORTS {
        imports.import("env", name, EntityType::Function(types.len()));
        let parameters = (0..parameters).map(|_| ValType::I64);
        types.ty().function(parameters, has_result.then_some(ValType::I64));
    }
    let (mut functions, mut bodies) = (FunctionSection::new(), CodeSection::new());
    let mut exports = ExportSection::new();
    for ((name, body), index) in METHODS.iter().zip(FIRST..) {
        exports.export(name, ExportKind::Func, index);
        functions.function(0);
        let mut function = Function::new([(1, ValType::I64)]);
        let mut code = function.instructions();
        code.loop_(BlockType::Empty);
        body(&mut code);
        code.local_get(ROUND).i64_const(1).i64_add().local_set(ROUND).br(0).end().end();
        bodies.function(&function);
    }
    let mut memories = MemorySection::new();
    memories.memory(MemoryType {
        minimum: 1,
        maximum: None,
        memory64: false,
        shared: false,
        page_size_log2: None,
    });
    let mut module = Module::new();
    module.section(&types).section(&imports).section(&functions).section(&memories);
    module.section(&exports).section(&bodies);
    module.finish()
}

fn load(folder: &Path) -> LoadedTarget {
    let methods = METHODS
        .map(|(name, _)| format!("\n[[method]]\ncontract = \"greedy.near\"\nname = \"{name}\"\n"));
    std::fs::write(folder.join("greedy.wasm"), contract()).expect("it can be written");
    let text = format!("{TARGET}{}", methods.concat());
    std::fs::write(folder.join("target.toml"), text).expect("it can be written");
    let fuzzer = Fuzzer::load(folder).expect("the target was written");
    fuzzer.into_loaded().expect("the target is right")
}

fn call(method: &str) -> Scenario {
    let operation = Operation {
        signer: "a.near".parse().expect("an id"),
        receiver: "greedy.near".parse().expect("an id"),
        method: method.to_owned(),
        arguments: Arguments::Json(serde_json::json!({})),
        deposit: NearToken::from_yoctonear(0),
        gas: Gas::from_teragas(300),
        through: None,
        wait: Duration::ZERO,
    };
    Scenario { operations: vec![operation], ..Scenario::default() }
}

/// The status of the method's own receipt.
fn end(seen: &Observation, method: &str) -> String {
    let own = seen.events.iter().find(|event| event.method().as_deref() == Some(method));
    format!("{:?}", own.expect("it ran").outcome.status)
}

#[test]
fn gas_stops_endless_methods_in_both_engines() {
    let folder = tempfile::tempdir().expect("a folder");
    let loaded = load(folder.path());
    let engine = Both::new(Arc::clone(&newest_protocol().config)).expect("it can be set up");
    for (method, _) in METHODS {
        let scenario = call(method);
        loaded.target().validate(&scenario).expect("it fits");
        let simulation = Simulation { stage: loaded.fixture(), engine: &engine };
        let ran = simulation.run(&scenario).expect("the engines agree");
        let end = end(&ran.observation, method);
        println!("{method}: {end}");
        let expected = match method {
            "recurse" | "register" => "outside the bounds",
            "log" => "exceeds the limit",
            _ => "Exceeded the prepaid gas",
        };
        assert!(end.contains(expected), "{method}: {end}");
    }
}

#[test]
fn a_campaign_survives_endless_methods() {
    let folder = tempfile::tempdir().expect("a folder");
    let loaded = load(folder.path());
    let corpus = METHODS.iter().map(|(method, _)| call(method)).collect();
    let campaign = loaded.campaign(CampaignOptions { corpus, ..options(60) });
    let (findings, statistics) = campaign.run(&mut |_| {}).expect("it runs");
    assert_eq!(statistics.executions, 60);
    assert!(findings.is_empty(), "{findings:#?}");
    assert_eq!(loaded.engines().instrumented.fallbacks(), [], "the contract is not instrumented");
}
