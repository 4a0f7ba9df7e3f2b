//! What `inspect` shows of a contract without calling it, hostile contracts included.

#![allow(clippy::unwrap_used, reason = "a value that is missing fails the test")]

use std::sync::Arc;

use interloper::discovery::Inspection;
use interloper::report;
use interloper::vm::ContractCode;
use wasm_encoder::{
    BlockType, CodeSection, CustomSection, ExportKind, ExportSection, Function, FunctionSection,
    Instruction, Module, TypeSection, ValType,
};

use crate::support::{newest_protocol, pristine_engine, wasm};

fn inspect(code: Vec<u8>) -> Result<Inspection, String> {
    let protocol = newest_protocol();
    let engine = pristine_engine(&protocol);
    let code = Arc::new(ContractCode::new(code, None));
    Inspection::of(&code, &protocol, &engine).map_err(|error| error.to_string())
}

/// A module that exports one function under all these names.
fn module(exports: &[String], functions: u32, body: &[Instruction<'_>]) -> Module {
    let mut module = Module::new();
    let mut types = TypeSection::new();
    types.ty().function([], []);
    types.ty().function([ValType::I32], []);
    module.section(&types);
    let mut declared = FunctionSection::new();
    for _ in 0..functions {
        declared.function(0);
    }
    declared.function(1);
    module.section(&declared);
    let mut section = ExportSection::new();
    for name in exports {
        section.export(name, ExportKind::Func, 0);
    }
    section.export("with a parameter", ExportKind::Func, functions);
    module.section(&section);
    let mut code = CodeSection::new();
    for _ in 0..=functions {
        let mut function = Function::new([]);
        for instruction in body {
            function.instruction(instruction);
        }
        function.instruction(&Instruction::End);
        code.function(&function);
    }
    module.section(&code);
    module
}

#[test]
fn a_contract_shows_what_it_is() {
    let found = inspect(wasm("vault/broken.wasm")).unwrap();
    assert_eq!(found.rejected, None);
    assert!(found.made_with.starts_with("Rust (near-sdk)"), "{}", found.made_with);
    assert!(found.methods.contains(&"withdraw".to_owned()), "{:?}", found.methods);
    assert_eq!(found.likely_callbacks, ["on_withdrawn"]);
    assert!(found.powers.contains(&"sends NEAR"), "{:?}", found.powers);
    assert!(!found.powers.contains(&"yields and resumes"), "{:?}", found.powers);
    // The name of an optional member is only in the data section.
    assert!(found.words.contains(&"amount".to_owned()), "{:?}", found.words);
    let text = report::inspection(&found);
    assert!(text.contains("version 0.1.0; standards nep330 1."), "{text}");
    assert!(text.contains("withdraw") && text.contains("Tgas in every call"), "{text}");
    let json: serde_json::Value = serde_json::from_str(&report::harmless_json(&found)).unwrap();
    assert_eq!(json["likely-callbacks"][0], "on_withdrawn");
}

#[test]
fn a_contract_that_the_chain_refuses_comes_with_the_reason() {
    let found = inspect(module(&["a".to_owned()], 10_001, &[]).finish()).unwrap();
    assert_eq!(found.functions, 10_002);
    assert!(found.rejected.unwrap().contains("TooManyFunctions"));
    let found = inspect(module(&["a".to_owned()], 1, &[]).finish()).unwrap();
    assert_eq!((found.rejected, found.methods), (None, vec!["a".to_owned()]));
    assert_eq!(found.other_exports, ["with a parameter"]);
}

#[test]
fn control_characters_reach_no_terminal() {
    let names = ["\u{1b}[2J", "a\u{9b}31mb", "x\u{202e}y", "line\nend", &"long".repeat(2_000)];
    let mut module = module(&names.map(str::to_owned), 1, &[]);
    module.section(&CustomSection { name: "name\u{7}".into(), data: [0xff; 99][..].into() });
    let found = inspect(module.finish()).unwrap();
    for text in [report::inspection(&found), report::harmless_json(&found)] {
        let control = |letter: &char| letter.is_control() && *letter != '\n';
        // Only our own colours may control the terminal.
        let text = anstream::adapter::strip_str(&text).to_string();
        assert_eq!(text.chars().find(control), None, "{text}");
        assert!(!text.contains('\u{202e}'), "{text}");
    }
}

#[test]
fn deep_nesting_and_great_length_do_not_crash() {
    let depth = 50_000;
    let block = Instruction::Block(BlockType::Empty);
    let body = (0..depth).map(|_| block.clone()).chain((0..depth).map(|_| Instruction::End));
    let deep = module(&["a".to_owned()], 1, &body.collect::<Vec<_>>());
    let found = inspect(deep.finish()).unwrap();
    assert_eq!(found.methods, ["a"]);
    let mut long = module(&["a".to_owned()], 1, &[]);
    let rest = vec![b'x'; 4 * 1024 * 1024 - long.as_slice().len() - 16];
    long.section(&CustomSection { name: "rest".into(), data: (&rest[..]).into() });
    assert_eq!(inspect(long.finish()).unwrap().methods, ["a"]);
}

#[test]
fn a_truncated_file_is_an_error_wherever_it_ends() {
    let whole = wasm("vault/broken.wasm");
    for length in (0..whole.len()).step_by(997) {
        let error = inspect(whole[..length].to_vec()).err();
        assert!(error.is_some_and(|error| error.contains("build the contract again")), "{length}");
    }
}

#[test]
fn flipped_bits_do_not_crash() {
    let whole = wasm("relay/receiver.wasm");
    for at in (8..whole.len()).step_by(whole.len() / 60) {
        let mut broken = whole.clone();
        broken[at] ^= 0x55;
        // The result may be a module or an error with a help line; either way there is one.
        match inspect(broken) {
            Ok(found) => assert!(report::inspection(&found).contains("Runs"), "{at}"),
            Err(error) => assert!(error.contains("build the contract again"), "{at}: {error}"),
        }
    }
}
