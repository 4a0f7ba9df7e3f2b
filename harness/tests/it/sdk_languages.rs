//! Contracts in C, JavaScript and Python: `inspect`, `init` and `fuzz` work on them.
//!
//! `tests/sdk_languages` holds the contracts with their sources.

#![allow(clippy::unwrap_used, reason = "a value that is missing fails the test")]

use std::path::{Path, PathBuf};
use std::sync::Arc;

use interloper::discovery::{
    Draft, InputContract, InputType, Inspection, MethodKind, ScaffoldRequest, Scaffolder,
};
use interloper::vm::ContractCode;

use crate::support::{interloper_in, newest_protocol, pristine_engine};

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sdk_languages").join(name)
}

fn make(name: &str, into: &Path) -> Draft {
    make_of(std::fs::read(file(name)).unwrap(), name, into)
}

fn make_of(code: Vec<u8>, name: &str, into: &Path) -> Draft {
    let protocol = newest_protocol();
    let engine = pristine_engine(&protocol);
    let id = "bank.near".parse().unwrap();
    let request = ScaffoldRequest {
        contract: InputContract { id, file: file(name), code: code.into(), abi: None },
        also: Vec::new(),
        with: Vec::new(),
        name: "bank".to_owned(),
        folder: into.join("bank"),
        dumps: Vec::new(),
    };
    Scaffolder { protocol, engine: &engine }.scaffold(&request).unwrap()
}

/// Each method that every account may call, with its arguments.
fn calls(draft: &Draft) -> Vec<String> {
    let calls = draft.contracts[0].methods.iter().filter(|method| method.kind == MethodKind::Call);
    let described = calls.map(|method| match &method.arguments {
        InputType::Json(shape) => format!("{} {}", method.name, shape.describe()),
        other => format!("{} {other:?}", method.name),
    });
    described.collect()
}

fn made_with(name: &str) -> String {
    let protocol = newest_protocol();
    let engine = pristine_engine(&protocol);
    let code = Arc::new(ContractCode::new(std::fs::read(file(name)).unwrap(), None));
    Inspection::of(&code, &protocol, &engine).unwrap().made_with
}

/// The exit code and output of `interloper fuzz` on the drafted target.
fn fuzz(folder: &Path, runs: &str) -> (i32, String) {
    let output = interloper_in(folder, &["fuzz", "bank", "--runs", runs]);
    (output.code, output.stdout)
}

#[test]
fn the_bug_of_a_bank_in_c_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let draft = make("bank-c.wasm", folder.path());
    assert_eq!(calls(&draft), ["balance_of Nothing", "deposit Nothing", "withdraw Nothing"]);
    assert_eq!(draft.setup.len(), 2, "the set-up has not two users with deposits");
    let (code, said) = fuzz(folder.path(), "2000");
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("from withdraw to on_paid"), "{said}");
}

#[test]
fn arguments_of_a_silent_callback_are_taken_from_calls_to_itself() {
    let folder = tempfile::tempdir().unwrap();
    let draft = make("bell-rs.wasm", folder.path());
    assert_eq!(calls(&draft), ["on_rung { amount: u128 as text, who: account }", "ring Nothing"]);
    let text = draft.text();
    assert!(
        text.contains("# Arguments as the contract passes them when it calls itself"),
        "{text}"
    );
    assert!(text.contains("who = { one-of = [{ any = \"account\" }"), "{text}");
}

#[test]
fn the_arguments_of_a_bank_in_javascript_are_inferred() {
    let folder = tempfile::tempdir().unwrap();
    let draft = make("bank-js.wasm", folder.path());
    assert_eq!(calls(&draft), ["deposit {}", "withdraw { amount: u128 as text }"]);
    let payable = draft.contracts[0].methods.iter().filter(|method| !method.refuses_deposits);
    let payable: Vec<_> = payable.map(|method| method.name.as_str()).collect();
    assert_eq!(payable, ["balance_of", "deposit"]);
    let private = draft.contracts[0].methods.iter().find(|method| method.name == "on_paid");
    let private = private.unwrap();
    assert_eq!(private.kind, MethodKind::Private);
    let InputType::Json(shape) = &private.arguments else { panic!("{:?}", private.arguments) };
    assert_eq!(shape.describe(), "{ amount: u128 as text, who: account }");
    assert_eq!(draft.setup.len(), 2, "the set-up has not two users with deposits");
    assert!(made_with("bank-js.wasm").starts_with("JavaScript"));
    // Every call starts a QuickJS, so a whole campaign would take too long.
    assert!(fuzz(folder.path(), "5").0 < 2);
}

#[test]
fn the_bug_of_a_bank_in_python_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let draft = make("bank-py.wasm", folder.path());
    // Its ABI calls every argument an object.
    assert_eq!(calls(&draft), ["deposit Nothing", "withdraw { amount: u128 as text }"]);
    let kinds = draft.contracts[0].methods.iter().map(|method| (&*method.name, method.kind));
    assert!(kinds.clone().any(|method| method == ("on_paid", MethodKind::Private)));
    assert!(
        kinds.clone().all(|(name, _)| name != "_start"),
        "`_start` is not a method of the contract"
    );
    assert!(made_with("bank-py.wasm").starts_with("Python"));
    let (code, said) = fuzz(folder.path(), "2000");
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("from withdraw to on_paid"), "{said}");
}

#[test]
fn the_arguments_of_a_bank_in_python_without_an_abi_are_inferred() {
    let mut code = std::fs::read(file("bank-py.wasm")).unwrap();
    let abi = b"__contract_abi";
    let named: Vec<_> =
        code.windows(abi.len()).enumerate().filter(|(_, part)| part == abi).collect();
    let ends: Vec<_> = named.iter().map(|(at, _)| at + abi.len() - 1).collect();
    assert!(!ends.is_empty());
    for end in ends {
        code[end] = b'j';
    }
    let folder = tempfile::tempdir().unwrap();
    let draft = make_of(code, "bank-py.wasm", folder.path());
    // The first method returns the ABI; the renamed one no longer does.
    assert_eq!(calls(&draft)[1..], ["deposit Nothing", "withdraw { amount: u128 as text }"]);
    let methods = &draft.contracts[0].methods;
    let view = methods.iter().find(|method| method.name == "balance_of").unwrap();
    let InputType::Json(shape) = &view.arguments else { panic!("{view:?}") };
    assert_eq!((view.kind, &*shape.describe()), (MethodKind::View, "{ account_id: account }"));
}
