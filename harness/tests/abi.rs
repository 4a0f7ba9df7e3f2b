//! What asking finds out about our contracts, measured against their ABIs: which methods' arguments are
//! got past, and how many names and types are those that the ABI says.
//!
//! `tests/abi` holds the ABIs, which near-sdk made of the sources.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::path::{Path, PathBuf};
use std::sync::Arc;

use interloper::chain::{NEWEST_VERSION, Protocol};
use interloper::discovery::{Abi, Arguments, Inventor, Probe, Shape, Source, Survey, Surveyor};
use interloper::scenario::integer::NumberForm;
use interloper::scenario::template::BytesForm;
use interloper::types::AccountId;
use interloper::vm::{Anatomy, ContractCode, Pristine, Storage};

fn here() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The contracts with the ABI of each.
fn contracts() -> Vec<(PathBuf, Abi)> {
    let mut files: Vec<_> = std::fs::read_dir(here().join("tests/abi")).unwrap().collect();
    files.sort_by_key(|file| file.as_ref().unwrap().path());
    let files = files.into_iter().map(|file| file.unwrap().path());
    let files = files.filter(|file| file.extension().is_some_and(|end| end == "json"));
    files
        .map(|file| {
            let name = file.file_stem().unwrap().to_str().unwrap().replace('_', "/");
            let name = name.replace("companion/", "companions/").replace("async/", "async-");
            let wasm = |end: &str| here().join("../targets").join(format!("{name}{end}"));
            let wasm = ["/broken.wasm", "/contract.wasm", ".wasm"].map(wasm);
            let wasm = wasm.iter().find(|wasm| wasm.is_file()).unwrap_or_else(|| panic!("{name}"));
            let text = std::fs::read_to_string(&file).unwrap();
            (wasm.clone(), Abi::read(&serde_json::from_str(&text).unwrap()).unwrap())
        })
        .collect()
}

/// What asking finds out, without the ABI.
fn survey(engine: &Pristine, protocol: &Protocol, wasm: &Path) -> Survey {
    let code = std::fs::read(wasm).unwrap();
    let anatomy = Anatomy::of(&code).unwrap();
    let id = |name: &str| name.parse::<AccountId>().unwrap();
    let inventor = Inventor {
        owner: id("owner.near"),
        someone: id("alice.near"),
        suffix: ".near".to_owned(),
        people: ["alice.near", "bob.near", "mallory.near"].map(id).to_vec(),
        known: vec![id("contract.near")],
    };
    let probe = Probe {
        engine,
        protocol,
        code: Arc::new(ContractCode::new(code, None)),
        account: id("contract.near"),
        storage: Storage::default(),
    };
    Surveyor { probe, anatomy: &anatomy, abi: None, inventor: &inventor }.survey().unwrap()
}

/// Each argument with its type, members of members too, in alphabetical order.
fn flat(path: &str, shape: &Shape, all: &mut Vec<(String, String)>) {
    match shape {
        Shape::Object(members) => {
            for member in members {
                let path = format!("{path}.{}", member.name);
                all.push((path.clone(), kind(&member.shape)));
                flat(&path, &member.shape, all);
            }
        }
        Shape::Optional(inner) => flat(path, inner, all),
        Shape::List(inner) => flat(&format!("{path}[]"), inner, all),
        Shape::Map(_, inner) => flat(&format!("{path}{{}}"), inner, all),
        Shape::Tuple(items) | Shape::OneOf(items) => {
            for (number, item) in items.iter().enumerate() {
                flat(&format!("{path}[{number}]"), item, all);
            }
        }
        _ => {}
    }
    all.sort();
}

/// A type in a word. What near-sdk's ABIs do not tell apart is not told apart here: accounts, amounts and
/// encoded bytes are texts to them.
fn kind(shape: &Shape) -> String {
    match shape {
        Shape::Optional(inner) => format!("{}?", kind(inner)),
        Shape::Object(_) => "object".to_owned(),
        Shape::Map(..) => "map".to_owned(),
        Shape::List(inner) => format!("[{}]", kind(inner)),
        Shape::Tuple(items) => {
            format!("({})", items.iter().map(kind).collect::<Vec<_>>().join(", "))
        }
        Shape::OneOf(_) => "one of several".to_owned(),
        Shape::Text(_) | Shape::Integer(_, NumberForm::Text) => "text".to_owned(),
        Shape::Bytes(BytesForm::Array) => "[u8]".to_owned(),
        Shape::Bytes(_) => "text".to_owned(),
        other => other.describe(),
    }
}

#[test]
fn methods_names_and_types_are_found_as_the_abis_say_them() {
    let protocol = Protocol::new(NEWEST_VERSION).unwrap();
    let engine = Pristine::new(Arc::clone(&protocol.config)).unwrap();
    let (mut methods, mut past, mut values, mut right) = (0, 0, 0, 0);
    for (wasm, abi) in contracts() {
        for method in survey(&engine, &protocol, &wasm).methods {
            let Some(said) = abi.arguments(&method.name) else { continue };
            methods += 1;
            past += usize::from(method.past_arguments && method.source == Source::Asked);
            if !method.past_arguments {
                println!("{}: {}: {:?}", wasm.display(), method.name, method.failure);
            }
            let (mut wanted, mut found) = (Vec::new(), Vec::new());
            let (Arguments::Json(said), Arguments::Json(asked)) = (&said, &method.arguments) else {
                continue;
            };
            flat("", said, &mut wanted);
            flat("", asked, &mut found);
            values += wanted.len();
            right += wanted.iter().filter(|value| found.contains(value)).count();
            if wanted != found {
                println!("{}: {}\n  {wanted:?}\n  {found:?}", wasm.display(), method.name);
            }
        }
    }
    println!(
        "{past} of {methods} methods past their arguments, {right} of {values} names with types"
    );
    assert!(methods > 200, "{methods}");
    assert!(past * 100 >= methods * 95, "{past} of {methods}");
    assert!(right * 100 >= values * 95, "{right} of {values}");
}
