//! Broken input files: each gets exit code 2 and an error that says what to do.

use std::path::Path;

use crate::support::{CommandOutput, as_text, copy_target, interloper, read_text};

/// Spoils a copy of the target `vault` and runs `fuzz` on it.
fn spoiled(spoil: impl FnOnce(&Path)) -> CommandOutput {
    let folder = tempfile::tempdir().expect("a temporary folder");
    copy_target("vault", folder.path());
    spoil(folder.path());
    interloper(&[
        "fuzz",
        as_text(folder.path()),
        "--runs",
        "5",
        "--findings",
        as_text(folder.path()),
    ])
}

fn write(folder: &Path, name: &str, bytes: &[u8]) {
    std::fs::write(folder.join(name), bytes).expect("written");
}

fn replace(folder: &Path, from: &str, to: &str) {
    let file = folder.join("target.toml");
    let text = read_text(&file);
    assert!(text.contains(from));
    std::fs::write(file, text.replacen(from, to, 1)).expect("written");
}

#[test]
fn a_truncated_contract() {
    let ran = spoiled(|folder| {
        let whole = std::fs::read(folder.join("broken.wasm")).expect("readable");
        write(folder, "broken.wasm", &whole[..whole.len() / 2]);
    });
    ran.assert_refuses(&["broken.wasm", "copy the whole file"]);
}

#[test]
fn an_empty_contract() {
    let ran = spoiled(|folder| write(folder, "broken.wasm", b""));
    ran.assert_refuses(&["broken.wasm", "empty"]);
}

#[test]
fn a_contract_of_ten_megabytes() {
    let ran = spoiled(|folder| {
        let mut large = std::fs::read(folder.join("broken.wasm")).expect("readable");
        // A custom section as padding: id 0, its length and the length of its name as LEB128.
        let length: u32 = 10 << 20;
        large.push(0);
        large.extend((0..5).map(|i| {
            let bits = u8::try_from((length >> (7 * i)) & 0x7f).expect("seven bits");
            if i < 4 { bits | 0x80 } else { bits }
        }));
        large.resize(large.len() + length as usize, 0);
        write(folder, "broken.wasm", &large);
    });
    ran.assert_refuses(&["broken.wasm", "4194304"]);
}

#[test]
fn a_text_instead_of_a_contract() {
    let ran = spoiled(|folder| write(folder, "broken.wasm", b"#!/bin/sh\necho hello\n"));
    ran.assert_refuses(&["broken.wasm", "wasm"]);
}

#[test]
fn a_missing_contract() {
    let ran = spoiled(|folder| std::fs::remove_file(folder.join("broken.wasm")).expect("removed"));
    ran.assert_refuses(&["broken.wasm"]);
}

#[test]
fn a_field_with_a_typo() {
    let ran = spoiled(|folder| replace(folder, "under-test = true", "under-tset = true"));
    ran.assert_refuses(&["target.toml:", "under-tset", "under-test"]);
}

#[test]
fn an_unknown_method() {
    let ran = spoiled(|folder| replace(folder, "name = \"withdraw\"", "name = \"withdrwa\""));
    ran.assert_refuses(&["target.toml:", "withdrwa", "withdraw"]);
}

#[test]
fn an_unknown_target() {
    interloper(&["fuzz", "valut"]).assert_refuses(&["valut", "vault"]);
}

#[test]
fn a_corpus_file_of_garbage() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    write(folder.path(), "case.json", b"{ \"operations\": [");
    write(folder.path(), "case", &[0xff; 64]);
    let file = folder.path().join("case.json");
    interloper(&["replay", as_text(&file), "--target", "vault"]).assert_refuses(&["case.json"]);
    let file = folder.path().join("case");
    interloper(&["replay", as_text(&file), "--target", "vault"]).assert_refuses(&["case"]);
    let file = folder.path().join("none");
    interloper(&["replay", as_text(&file), "--target", "vault"]).assert_refuses(&["none"]);
}

#[test]
fn a_bare_case_needs_its_target() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    write(folder.path(), "case.json", b"{ \"operations\": [] }");
    let file = folder.path().join("case.json");
    interloper(&["replay", as_text(&file)]).assert_refuses(&["--target"]);
}
