//! Rules for the sources: which module may import which, how long a file may be, which names are taken.
//! Every message says what to do.
//!
//! Never runs the harness, and never checks what the compiler or clippy checks better (the length of
//! functions, public items without documentation).

#[path = "tidy/source.rs"]
mod source;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use source::{Source, committed_files, files_under};

/// The modules of `harness/src`, as in `harness/README.md`: a row imports only from rows above it.
const ROWS: &[&[&str]] = &[
    &["types"],
    &["decision", "vm"],
    &["chain"],
    &["adversary", "arguments", "trace"],
    &["invariant", "scenario"],
    &["targets"],
    &["generator", "simulation"],
    &["finding", "conformance", "discovery"],
    &["campaign"],
    &["analysis"],
    &["report"],
    &["fuzzer"],
    &["cli"],
];

/// Words that only some modules may use: the word, those modules, and what others do instead.
const RESERVED: &[(&str, &[&str], &str)] = &[
    ("near_vm_runner", &["vm"], "use or add a type of `vm`"),
    ("wasmtime", &["vm"], "use or add a type of `vm`"),
    ("wasmparser", &["vm"], "read the module in `vm`"),
    ("wasm_encoder", &["vm"], "write the module in `vm`"),
    ("addr2line", &["vm"], "read the module in `vm`"),
    ("println!", &["cli"], "return the text: `cli` prints it"),
    ("print!", &["cli"], "return the text: `cli` prints it"),
    ("eprintln!", &["cli"], "return the text: `cli` prints it"),
    ("eprint!", &["cli"], "return the text: `cli` prints it"),
    ("HashMap", &[], "its order differs from run to run: use `BTreeMap`"),
    ("HashSet", &[], "its order differs from run to run: use `BTreeSet`"),
    ("SystemTime", &["campaign"], "simulated time is part of the world"),
    ("Instant", &["analysis", "campaign"], "a result must not depend on how long something takes"),
];

const LINES_WANTED: usize = 400;
const LINES_MAX: usize = 600;

/// Files that may be longer than [`LINES_WANTED`], each with the reason.
const LONG: &[(&str, &str)] =
    &[("vm/external.rs", "one method for each of the runtime's `External`")];

/// Names that several public types have. One word means one thing: give a new type a name of its own,
/// and take a name off this list when it has only one meaning left.
const SHARED_NAMES: &[&str] =
    &["Difference", "Event", "Layout", "Outcome", "Row", "Step", "Storage", "Verdict"];

/// Each module has its own, as in the standard library.
const SHARED_ON_PURPOSE: &str = "Error";

/// What no committed file may contain, and the reason. The text is in two parts, so that this file does not
/// contain it either.
const UNWANTED: &[(&str, &str, &str)] = &[
    ("/ro", "ot/", "a path of one machine: write it relative to the repository"),
    ("/wo", "rk/", "a path of one machine: write it relative to the repository"),
    ("/ho", "me/", "a path of one machine: write it relative to the repository"),
    ("index.crat", "es.io", "the host of a registry: cargo's own configuration names it"),
    ("static.crat", "es.io", "the host of a registry: cargo's own configuration names it"),
    ("registry = \"spar", "se+", "the host of a registry: cargo's own configuration names it"),
    ("source = \"spar", "se+", "the host of a registry: update Cargo.lock without a mirror"),
];

#[test]
fn modules_import_only_from_rows_above() {
    hold(imports_of_other_rows);
}

#[test]
fn the_map_names_the_modules_as_they_are() {
    let map = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md"))
        .expect("there is a map");
    assert_eq!(rows_of_map(&map), ROWS, "make the table in harness/README.md follow ROWS");
}

#[test]
fn some_words_belong_to_some_modules() {
    hold(reserved_words);
}

#[test]
fn no_two_public_types_share_a_name() {
    let shared = shared_names(&harness_sources());
    let excused = |name: &str| name == SHARED_ON_PURPOSE || SHARED_NAMES.contains(&name);
    let fresh = shared.iter().filter(|(name, _)| !excused(name)).map(|(name, places)| {
        format!("{}: `{name}` is public here too: rename one of them", places.join(", "))
    });
    let stale = SHARED_NAMES.iter().filter(|name| !shared.contains_key(**name)).map(|name| {
        format!("`{name}` has one meaning now: take it off SHARED_NAMES in tests/tidy.rs")
    });
    report(fresh.chain(stale).collect());
}

#[test]
fn every_file_says_what_it_is() {
    hold(missing_introduction);
}

#[test]
fn files_are_short() {
    hold(too_long);
    let sources = harness_sources();
    let stale: Vec<_> = LONG.iter().filter(|(path, _)| !is_long(&sources, path)).collect();
    assert!(stale.is_empty(), "no longer long, or gone: take it off LONG in tidy.rs: {stale:?}");
}

#[test]
fn no_file_names_a_machine_or_a_registry() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let failures = committed_files(&root).into_iter().flat_map(|path| {
        let bytes = std::fs::read(&path).expect("the file was listed just now");
        names_of_machines(&path, &bytes)
    });
    report(failures.collect());
}

/// Applies a rule to all sources of the harness.
fn hold(rule: fn(&Source) -> Vec<String>) {
    report(harness_sources().iter().flat_map(rule).collect());
}

fn report(failures: Vec<String>) {
    assert!(failures.is_empty(), "{} to fix:\n{}", failures.len(), failures.join("\n"));
}

fn harness_sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let paths = files_under(&root).into_iter();
    let rust = paths.filter(|path| path.extension().is_some_and(|extension| extension == "rs"));
    let read = |path: PathBuf| {
        let text = std::fs::read_to_string(&path).expect("sources are UTF-8");
        Source::new(path.strip_prefix(&root).expect("it lies under the root"), &text)
    };
    rust.map(read).collect()
}

/// The modules in a table whose lines begin with the number of a row and the modules in it.
fn rows_of_map(map: &str) -> Vec<Vec<&str>> {
    let mut rows: Vec<Vec<&str>> = Vec::new();
    for line in map.lines() {
        let mut cells = line.split('|').map(str::trim).skip(1);
        let Some(row) = cells.next().and_then(|cell| cell.parse::<usize>().ok()) else { continue };
        let module = cells.next().expect("a module").trim_matches('`');
        rows.resize_with(rows.len().max(row), Vec::new);
        rows[row - 1].push(module);
    }
    rows
}

fn row_of(module: &str) -> Option<usize> {
    ROWS.iter().position(|row| row.contains(&module))
}

fn imports_of_other_rows(source: &Source) -> Vec<String> {
    // These two only declare the modules.
    if ["lib", "main"].contains(&source.module()) {
        return Vec::new();
    }
    let own = source.module();
    let Some(row) = row_of(own) else {
        return vec![source.failure(
            1,
            &format!("`{own}` is in no row: add it to ROWS in tidy.rs and to harness/README.md"),
        )];
    };
    let foreign = source
        .imports(|name| row_of(name).is_some())
        .into_iter()
        .filter(|(_, module)| module != own);
    let judged = foreign.filter_map(|(line, module)| match row_of(&module) {
        Some(other) if other < row => None,
        Some(other) if other == row => Some((line, module, "is in the same row")),
        Some(_) => Some((line, module, "is in a row below")),
        None => Some((line, module, "is in no row")),
    });
    let cure = "move what both need into a row above, or pass it in";
    judged
        .map(|(line, module, what)| {
            source.failure(line, &format!("`{own}` imports `{module}`, which {what}: {cure}"))
        })
        .collect()
}

fn reserved_words(source: &Source) -> Vec<String> {
    let elsewhere = RESERVED.iter().filter(|(_, modules, _)| !modules.contains(&source.module()));
    let misplaced = elsewhere.flat_map(|(word, _, cure)| {
        let what = format!("`{word}` has no place here: {cure}");
        source.lines_with(word).into_iter().map(move |line| source.failure(line, &what))
    });
    misplaced.collect()
}

/// The names that several public types have, each with the places.
fn shared_names(sources: &[Source]) -> BTreeMap<String, Vec<String>> {
    let mut places: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for source in sources {
        for (line, name) in source.public_types() {
            places.entry(name).or_default().push(source.place(line));
        }
    }
    places.retain(|_, places| places.len() > 1);
    places
}

fn missing_introduction(source: &Source) -> Vec<String> {
    // The introduction of lib.rs may be a file.
    if source.text.starts_with("//!") || source.text.starts_with("#![doc = include_str!(") {
        return Vec::new();
    }
    vec![source.failure(1, "begin the file with `//!` and what it is")]
}

fn too_long(source: &Source) -> Vec<String> {
    let lines = source.text.lines().count();
    let excused = LONG.iter().any(|(path, _)| source.is(path));
    let limit = if excused { LINES_MAX } else { LINES_WANTED };
    if lines <= limit {
        return Vec::new();
    }
    vec![source.failure(limit, &format!("{lines} lines, at most {limit}: make two modules of it"))]
}

fn is_long(sources: &[Source], path: &str) -> bool {
    sources.iter().any(|source| source.is(path) && source.text.lines().count() > LINES_WANTED)
}

fn names_of_machines(path: &Path, bytes: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(bytes);
    let present = UNWANTED.iter().filter_map(|(head, tail, cure)| {
        // A path continues. A constant in compiled code that ends here is not a path: MicroPython has one.
        let unwanted = format!("{head}{tail}");
        let continues = |at: &usize| !text[at + unwanted.len()..].starts_with('\0');
        let position = text.match_indices(&unwanted).map(|(at, _)| at).find(continues)?;
        let line = text[..position].lines().count().max(1);
        Some(format!("{}:{line}: `{head}{tail}` is {cure}", path.display()))
    });
    present.collect()
}

/// The rules themselves, on sources that break them.
mod rules {
    use super::*;

    fn fake(path: &str, text: &str) -> Source {
        Source::new(Path::new(path), text)
    }

    #[test]
    fn an_import_from_a_row_below_is_caught_however_it_is_written() {
        for text in [
            "use crate::simulation::Run;",
            "use crate::{types::Seed, simulation};",
            "use crate::{\n    types::{Gas, Seed},\n    simulation::{Run, Step},\n};",
            "fn f() { crate::simulation::run() }",
            "use super::super::simulation;",
        ] {
            let failures = imports_of_other_rows(&fake("chain/apply.rs", text));
            assert_eq!(failures.len(), 1, "{text}: {failures:?}");
            assert!(
                failures[0].contains("`chain` imports `simulation`, which is in a row below"),
                "{failures:?}"
            );
        }
        let failures = imports_of_other_rows(&fake("chain/mod.rs", "\n\nuse super::simulation;"));
        assert!(failures[0].starts_with("src/chain/mod.rs:3: "), "{failures:?}");
    }

    #[test]
    fn an_import_from_the_same_row_or_of_an_unknown_module_is_caught() {
        let failures = imports_of_other_rows(&fake("vm/mod.rs", "use crate::decision::Fifo;"));
        assert!(failures[0].contains("is in the same row"), "{failures:?}");
        let failures = imports_of_other_rows(&fake("vm/mod.rs", "use crate::helpers;"));
        assert!(failures[0].contains("is in no row"), "{failures:?}");
        let failures = imports_of_other_rows(&fake("helpers.rs", ""));
        assert!(failures[0].contains("add it to ROWS"), "{failures:?}");
    }

    #[test]
    fn what_is_allowed_is_not_caught() {
        let text = "//! See [`crate::cli`].\nuse crate::{chain::world::World, types, vm};\n\
                    use super::report;\nconst TEXT: &str = \"use crate::cli\"; /* crate::cli */\n\
                    #[cfg(test)] mod tests { use super::*; }";
        let none: Vec<String> = Vec::new();
        assert_eq!(imports_of_other_rows(&fake("chain/apply.rs", text)), none);
        assert_eq!(imports_of_other_rows(&fake("main.rs", "use crate::cli;")), none);
    }

    #[test]
    fn a_reserved_word_is_caught_outside_its_module() {
        let count = |path, text| reserved_words(&fake(path, text)).len();
        assert_eq!(count("chain/mod.rs", "use near_vm_runner::run;"), 1);
        assert_eq!(count("vm/mod.rs", "use near_vm_runner::run;"), 0);
        assert_eq!(count("chain/mod.rs", "println!(\"{x}\"); let s: HashSet<u8>;"), 2);
        assert_eq!(count("cli/mod.rs", "println!(\"{x}\");"), 0);
        assert_eq!(
            count("chain/mod.rs", "// HashMap\nlet s = \"HashMap\"; MyHashMap; InstantPay"),
            0
        );
    }

    #[test]
    fn a_name_that_two_types_have_is_caught() {
        let shared = shared_names(&[
            fake("chain/mod.rs", "pub struct Step;\npub struct Block;"),
            fake("vm/mod.rs", "\npub enum Step {}\nenum Block {}"),
        ]);
        let places = ["src/chain/mod.rs:1", "src/vm/mod.rs:2"].map(str::to_owned).to_vec();
        assert_eq!(shared, BTreeMap::from([("Step".to_owned(), places)]));
    }

    #[test]
    fn a_file_without_introduction_or_too_long_is_caught() {
        assert_eq!(missing_introduction(&fake("vm/mod.rs", "use x;")).len(), 1);
        assert!(missing_introduction(&fake("vm/mod.rs", "//! What it is.")).is_empty());
        let lines = |count| fake("vm/mod.rs", &"\n".repeat(count));
        assert!(too_long(&lines(LINES_WANTED)).is_empty());
        assert_eq!(too_long(&lines(LINES_WANTED + 1)).len(), 1);
        let excused = |count| fake(LONG[0].0, &"\n".repeat(count));
        assert!(too_long(&excused(LINES_MAX)).is_empty());
        assert_eq!(too_long(&excused(LINES_MAX + 1)).len(), 1);
    }

    #[test]
    fn a_path_of_a_machine_is_caught() {
        let text = format!("a\nb {}{}x", UNWANTED[0].0, UNWANTED[0].1);
        let failures = names_of_machines(Path::new("README.md"), text.as_bytes());
        assert!(failures[0].starts_with("README.md:2: "), "{failures:?}");
        assert!(names_of_machines(Path::new("README.md"), b"../shared").is_empty());
        let constant = format!("{}{}\0", UNWANTED[0].0, UNWANTED[0].1);
        assert!(names_of_machines(Path::new("a.wasm"), constant.as_bytes()).is_empty());
        let both = format!("{constant}{text}");
        assert_eq!(names_of_machines(Path::new("a.wasm"), both.as_bytes()).len(), 1);
    }
}
