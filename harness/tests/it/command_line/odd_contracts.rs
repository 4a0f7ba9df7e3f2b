//! Odd contracts and files that are not contracts: `inspect` and `init` say what is wrong and what to do, and
//! no control character in a file reaches the terminal.

use std::path::Path;

use wasm_encoder::{
    BlockType, CodeSection, ConstExpr, CustomSection, DataSection, EntityType, ExportKind,
    ExportSection, Function, FunctionSection, ImportSection, Instruction, MemorySection,
    MemoryType, Module, TypeSection,
};

use crate::support::{CommandOutput, as_text, interloper, wasm};

/// A module with as many and as odd parts as a test needs.
struct Odd<'a> {
    imports: &'a [&'a str],
    functions: u32,
    exports: &'a [String],
    body: &'a [Instruction<'a>],
    /// Bytes of data.
    data: usize,
}

const PLAIN: Odd<'_> = Odd { imports: &[], functions: 1, exports: &[], body: &[], data: 0 };

impl Odd<'_> {
    fn module(&self) -> Module {
        let mut types = TypeSection::new();
        types.ty().function([], []);
        let mut imports = ImportSection::new();
        let mut first = 0;
        for name in self.imports {
            first += 1;
            imports.import("env", name, EntityType::Function(0));
        }
        let mut functions = FunctionSection::new();
        (0..self.functions).for_each(|_| {
            functions.function(0);
        });
        let mut memories = MemorySection::new();
        let minimum = self.data.div_ceil(1 << 16) as u64;
        memories.memory(MemoryType {
            minimum,
            maximum: None,
            memory64: false,
            shared: false,
            page_size_log2: None,
        });
        let mut exports = ExportSection::new();
        for name in self.exports {
            exports.export(name, ExportKind::Func, first);
        }
        let mut code = CodeSection::new();
        for _ in 0..self.functions {
            let mut function = Function::new([]);
            for instruction in self.body {
                function.instruction(instruction);
            }
            function.instruction(&Instruction::End);
            code.function(&function);
        }
        let mut data = DataSection::new();
        data.active(0, &ConstExpr::i32_const(0), vec![b'x'; self.data]);
        let mut module = Module::new();
        module.section(&types).section(&imports).section(&functions).section(&memories);
        module.section(&exports).section(&code).section(&data);
        module
    }

    fn bytes(&self) -> Vec<u8> {
        self.module().finish()
    }
}

/// The output of `inspect` and `init` on a file, and of `fuzz` on the target that `init` drafted.
struct Tried {
    inspect: CommandOutput,
    init: CommandOutput,
    fuzz: Option<CommandOutput>,
}

fn tried(bytes: &[u8]) -> Tried {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("odd.wasm");
    std::fs::write(&file, bytes).expect("written");
    let inspect = interloper(&["inspect", as_text(&file)]);
    let init = interloper(&["init", as_text(&file), "--into", as_text(folder.path())]);
    let made = folder.path().join("odd");
    assert_eq!(made.exists(), init.code == 0, "a failed `init` leaves a folder: {init:?}");
    let findings = folder.path().join("findings");
    let fuzz = made.exists().then(|| {
        interloper(&["fuzz", as_text(&made), "--runs", "20", "--findings", as_text(&findings)])
    });
    for ran in [Some(&inspect), Some(&init), fuzz.as_ref()].into_iter().flatten() {
        assert!(!ran.stderr.contains("panicked"), "{}", ran.stderr);
        for text in [&ran.stdout, &ran.stderr] {
            let steers =
                |letter: char| letter != '\n' && (letter.is_control() || letter == '\u{202e}');
            assert!(!text.contains(steers), "{text:?}");
        }
    }
    Tried { inspect, init, fuzz }
}

fn complains(ran: &CommandOutput, parts: &[&str]) {
    ran.assert_refuses(&[&["odd.wasm"], parts].concat());
}

#[test]
fn files_that_are_not_contracts() {
    let whole = wasm("vault/broken.wasm");
    for (bytes, parts) in [
        (&b""[..], ["is empty", "cargo near build"]),
        (b"#!/bin/sh\n", ["no wasm file", "help: name the compiled"]),
        (b"\0asm", ["not a complete WebAssembly", "build the contract again"]),
        (&whole[..whole.len() / 3], ["not a complete WebAssembly", "build the contract again"]),
    ] {
        let Tried { inspect, init, .. } = tried(bytes);
        complains(&inspect, &parts);
        complains(&init, &parts);
    }
}

#[test]
fn a_folder_and_a_missing_file() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let none = folder.path().join("odd.wasm");
    complains(&interloper(&["init", as_text(&none)]), &["cannot be read", "help: "]);
    std::fs::create_dir(&none).expect("made");
    complains(&interloper(&["inspect", as_text(&none)]), &["is no file", "help: "]);
}

#[test]
fn a_file_name_with_control_characters() {
    let ran = interloper(&["init", "\u{1b}[2Jodd.wasm"]);
    complains(&ran, &["cannot be read"]);
    assert!(!ran.stderr.contains('\u{1b}'), "{}", ran.stderr);
}

/// A contract that the chain refuses: `inspect` shows it with the reason, `init` fails with the reason.
fn is_refused(bytes: &[u8], reason: &str) {
    let Tried { inspect, init, .. } = tried(bytes);
    assert_eq!(inspect.code, 0, "{inspect:?}");
    let line = inspect.stdout.lines().find(|line| line.starts_with("Runs"));
    assert!(line.is_some_and(|line| line.contains("no: ") && line.contains(reason)), "{line:?}");
    complains(&init, &["the chain does not run this contract", reason, "help: "]);
}

#[test]
fn contracts_that_the_chain_refuses() {
    let exports = &["run".to_owned()];
    is_refused(&Odd { functions: 10_001, exports, ..PLAIN }.bytes(), "TooManyFunctions");
    is_refused(
        &Odd { imports: &["no_such_function"], exports, ..PLAIN }.bytes(),
        "no_such_function",
    );
    let deep = 20_000;
    let block = std::iter::repeat_n(Instruction::Block(BlockType::Empty), deep);
    let body: Vec<_> = block.chain(std::iter::repeat_n(Instruction::End, deep)).collect();
    is_refused(&Odd { exports, body: &body, ..PLAIN }.bytes(), "PrepareError");
    let vector = [Instruction::V128Const(1), Instruction::Drop];
    is_refused(&Odd { exports, body: &vector, ..PLAIN }.bytes(), "PrepareError");
}

#[test]
fn a_contract_without_methods() {
    let mut module = PLAIN.module();
    module.section(&CustomSection { name: "rest".into(), data: [1; 9][..].into() });
    let Tried { inspect, init, .. } = tried(&module.finish());
    assert_eq!(inspect.code, 0, "{inspect:?}");
    complains(&init, &["exports no methods", "help: name a compiled NEAR contract"]);
}

#[test]
fn hostile_names_and_sections() {
    let long = "long".repeat(2_000);
    let names = ["\u{1b}[2J\u{1b}]0;owned\u{7}", "a\u{9b}31mb", "x\u{202e}y", "line\nend", &long];
    let names =
        names.into_iter().chain(["\"]\n[[actor]]", "ünï", "", "'''", "a.b", "# no comment"]);
    let exports: Vec<_> = names.map(str::to_owned).collect();
    let mut module = Odd { exports: &exports, ..PLAIN }.module();
    module.section(&CustomSection { name: "name".into(), data: [0xff; 999][..].into() });
    module.section(&CustomSection { name: "\u{1b}c".into(), data: [0; 9][..].into() });
    let Tried { inspect, init, fuzz } = tried(&module.finish());
    assert_eq!((inspect.code, init.code), (0, 0), "{inspect:?} {init:?}");
    assert!(inspect.stdout.contains("\\u{1b}"), "{}", inspect.stdout);
    assert_eq!(fuzz.map(|ran| ran.code), Some(0));
}

#[test]
fn a_contract_of_the_largest_size() {
    let exports = &["run".to_owned()];
    let most = 4 << 20;
    let room = Odd { exports, data: 1 << 21, ..PLAIN }.bytes().len() - (1 << 21);
    let largest = Odd { exports, data: most - room, ..PLAIN }.bytes();
    assert_eq!(largest.len(), most);
    let Tried { inspect, init, fuzz } = tried(&largest);
    assert_eq!((inspect.code, init.code), (0, 0), "{inspect:?} {init:?}");
    assert_eq!(fuzz.map(|ran| ran.code), Some(0));
    let Tried { inspect, init, .. } =
        tried(&Odd { exports, data: most - room + 1, ..PLAIN }.bytes());
    complains(&inspect, &["4194304", "opt-level"]);
    complains(&init, &["4194304", "opt-level"]);
}

#[test]
fn a_contract_with_the_most_functions_and_thousands_of_methods() {
    let exports: Vec<_> = (0..2_000).map(|number| format!("m{number}")).collect();
    let Tried { inspect, init, fuzz } =
        tried(&Odd { functions: 10_000, exports: &exports, ..PLAIN }.bytes());
    assert_eq!((inspect.code, init.code), (0, 0), "{inspect:?} {init:?}");
    assert!(inspect.stdout.contains("and 1800 more"), "{}", inspect.stdout);
    assert_eq!(fuzz.map(|ran| ran.code), Some(0));
}

#[test]
fn an_initializer_that_always_fails() {
    let exports = ["new", "act"].map(str::to_owned);
    let body = &[Instruction::Call(0)];
    let bytes = Odd { imports: &["panic"], exports: &exports, body, ..PLAIN }.bytes();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("odd.wasm");
    std::fs::write(&file, bytes).expect("written");
    let ran = interloper(&["init", as_text(&file), "--into", as_text(folder.path())]);
    assert_eq!(ran.code, 2, "{ran:?}");
    for part in ["no initializer succeeded", "`new` failed: ", "help: add a [[setup]] call"] {
        assert!(ran.stderr.contains(part), "`{part}` is not in: {}", ran.stderr);
    }
    // The target is there to be completed.
    assert!(folder.path().join("odd/target.toml").exists());
    assert!(!ran.stdout.contains("Next: interloper fuzz"), "{}", ran.stdout);
}

#[test]
fn a_file_that_is_not_an_abi() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (file, abi) = (folder.path().join("odd.wasm"), folder.path().join("abi.json"));
    std::fs::write(&file, wasm("vault/broken.wasm")).expect("written");
    for text in ["", "{", "[]", "{\"body\": 7}", "\u{1b}[2J"] {
        std::fs::write(&abi, text).expect("written");
        let ran = interloper(&[
            "init",
            as_text(&file),
            "--abi",
            as_text(&abi),
            "--into",
            as_text(folder.path()),
        ]);
        assert_eq!((ran.code, &*ran.stdout), (2, ""), "{text}: {ran:?}");
        assert!(ran.stderr.contains("abi.json is not an ABI"), "{text}: {ran:?}");
        assert!(!Path::new(&folder.path().join("odd")).exists());
    }
}
