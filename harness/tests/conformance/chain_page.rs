//! `CHAIN.md` says how each host function and each action is simulated. These tests fail if the crates
//! gain one that the page lacks, or if the page calls one exact that no recording executes.

use std::collections::BTreeSet;
use std::process::Command;

use near_primitives::transaction::Action;
use serde_json::Value;

use crate::executed::executed;

const PAGE: &str = include_str!("../../CHAIN.md");

/// The rows of the table under `heading`: the names in the first column, and the second column.
fn table(heading: &str) -> Vec<(Vec<&'static str>, &'static str)> {
    let section = PAGE.split("\n## ").find(|section| section.starts_with(heading));
    let lines = section.expect("the page has this section").lines();
    let rows = lines.filter_map(|line| line.strip_prefix("| `")?.split_once('|'));
    rows.map(|(names, how)| (words(names), how.trim_end_matches('|').trim())).collect()
}

/// What stands between backticks in a cell of which nothing else matters.
fn words(cell: &'static str) -> Vec<&'static str> {
    cell.split('`').map(str::trim).filter(|name| !name.is_empty()).collect()
}

/// The names in the first column of the table under `heading`.
fn rows(heading: &str) -> BTreeSet<&'static str> {
    table(heading).into_iter().flat_map(|(names, _)| names).collect()
}

/// The groups that a row names after "exact": `exact: cases, sharded`, up to a full stop or semicolon.
fn groups(how: &'static str) -> Option<Vec<&'static str>> {
    let groups = how.strip_prefix("exact")?.strip_prefix(':').unwrap_or_default();
    let groups = groups.split(['.', ';']).next().unwrap_or_default();
    Some(groups.split(',').map(str::trim).filter(|name| !name.is_empty()).collect())
}

#[test]
fn the_page_calls_nothing_exact_that_no_recording_executes() {
    let executed = executed();
    let (mut checked, mut wrong) = (0, Vec::new());
    for (names, how) in [table("Host functions"), table("Actions")].concat() {
        let Some(groups) = groups(how) else { continue };
        for group in &groups {
            assert!(executed.contains_key(*group), "{names:?}: there is no group {group}");
        }
        for name in names {
            checked += 1;
            if !groups.iter().any(|group| executed[*group].contains(name)) {
                wrong.push(format!("no recording of {groups:?} executes {name}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(checked > 50, "the table has changed its form: only {checked} rows are exact");
}

/// Lists every action. A new variant of `Action` makes the match below fail to compile.
macro_rules! actions {
    ($($name:ident)*) => {
        const ACTIONS: &[&str] = &[$(stringify!($name)),*];

        const _: fn(&Action) = |action| match action {
            $(Action::$name(_) => {})*
        };
    };
}

actions! {
    CreateAccount DeployContract FunctionCall Transfer Stake AddKey DeleteKey DeleteAccount Delegate
    DeployGlobalContract UseGlobalContract DeterministicStateInit TransferToGasKey WithdrawFromGasKey
    DelegateV2 UniversalStateInit
}

#[test]
fn the_page_lists_every_action() {
    assert_eq!(rows("Actions"), ACTIONS.iter().copied().collect());
}

#[test]
fn the_page_lists_every_host_function() {
    let source = host_function_source();
    let functions = host_functions(&source);
    assert!(functions.len() > 80, "the list of host functions has a new format: {functions:?}");
    let page = rows("Host functions");
    let missing: Vec<_> = functions.difference(&page).collect();
    let gone: Vec<_> = page.difference(&functions).collect();
    assert!(missing.is_empty() && gone.is_empty(), "missing: {missing:?}, gone: {gone:?}");
}

/// The source file in which near-vm-runner lists the host functions; it exports no such list.
fn host_function_source() -> String {
    let cargo = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--offline", "--locked"])
        .args(["--filter-platform", &host_platform()])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs");
    let metadata: Value = serde_json::from_slice(&cargo.stdout).unwrap_or_else(|error| {
        panic!("{error}: {}", String::from_utf8_lossy(&cargo.stderr));
    });
    let packages = metadata["packages"].as_array().expect("a list").iter();
    let runner = packages.filter(|package| package["name"] == "near-vm-runner").max_by_key(version);
    let manifest = runner.expect("it is a dependency")["manifest_path"].as_str().expect("a path");
    std::fs::read_to_string(manifest.replace("Cargo.toml", "src/imports.rs")).expect("its source")
}

fn version(package: &&Value) -> Vec<u64> {
    let version = package["version"].as_str().expect("a version");
    version.split('.').map(|part| part.parse().unwrap_or(0)).collect()
}

fn host_platform() -> String {
    let rustc = Command::new("rustc").arg("-vV").output().expect("rustc runs");
    let text = String::from_utf8(rustc.stdout).expect("it prints text");
    let host = text.lines().find_map(|line| line.strip_prefix("host: "));
    host.expect("it names its host").to_owned()
}

/// Reads `name<[argument: type, …] -> [type]>,` and its variants, without those that a contract cannot
/// call: the machine's internal functions and those of its test builds.
fn host_functions(source: &str) -> BTreeSet<&str> {
    let list = source.split("\nimports! {").nth(1).expect("the list");
    let list = list.split("\n}").next().expect("its end");
    let names = list.split(">,").filter_map(|item| {
        let (head, _) = item.split_once("<[")?;
        let code = head.lines().filter(|line| !line.trim_start().starts_with("//"));
        let words: Vec<_> = code.flat_map(str::split_whitespace).collect();
        if words.contains(&"@in") || words.iter().any(|word| word.starts_with("#[[")) {
            return None;
        }
        let renamed = words.iter().position(|word| *word == "@as");
        renamed.map_or_else(
            || words.last().copied(),
            |place| words.get(place + 1).map(|name| name.trim_end_matches(':')),
        )
    });
    names.collect()
}
