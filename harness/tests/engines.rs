//! Both engines give the same answer to every call.

use std::path::Path;
use std::sync::Arc;

use interloper::chain::{Protocol, SUPPORTED_VERSIONS};
use interloper::conformance::{Agreement, compare_engines};
use interloper::types::Seed;
use interloper::vm::ContractCode;

/// Calls per contract and version; `INTERLOPER_RUNS` asks for more.
const RUNS: u64 = 400;

const CONTRACTS: [&str; 7] = [
    "guide/contract",
    "guide/external",
    "relay/broken",
    "relay/receiver",
    "staking/broken",
    "staking/pool",
    "vault/fixed",
];

fn code(contract: &str) -> Arc<ContractCode> {
    let targets = Path::new(env!("CARGO_MANIFEST_DIR")).join("../targets");
    let code = std::fs::read(targets.join(contract).with_extension("wasm")).expect("it is there");
    Arc::new(ContractCode::new(code, None))
}

fn runs() -> u64 {
    let asked = std::env::var("INTERLOPER_RUNS").ok();
    asked.and_then(|runs| runs.parse().ok()).unwrap_or(RUNS)
}

fn compare(contract: &str, version: u32, seed: u64) -> Agreement {
    let protocol = Protocol::new(version).expect("it is supported");
    let agreement = compare_engines(&code(contract), &protocol, runs(), Seed(seed));
    let agreement = agreement.unwrap_or_else(|error| panic!("{contract}, {version}: {error}"));
    agreement
}

#[test]
fn engines_agree_on_random_calls_under_every_version() {
    let versions = SUPPORTED_VERSIONS.zip(0..);
    let cases = versions.flat_map(|case| CONTRACTS.map(|contract| (contract, case)));
    for (contract, (version, seed)) in cases {
        let Agreement { outcomes, fallbacks, .. } = compare(contract, version, seed);
        if outcomes.contains_key("Link Error") {
            // It imports what came later, so nothing of it runs.
            assert!(!outcomes.contains_key("success"), "{contract} under {version}: {outcomes:?}");
            continue;
        }
        assert_eq!(fallbacks, [], "{contract} is instrumented");
        let succeeded = outcomes.get("success").copied().unwrap_or_default();
        println!("{contract} {version}: {outcomes:?}");
        assert!(succeeded * 10 > runs(), "{contract}: some calls succeed, not only {outcomes:?}");
        assert!(outcomes.len() > 2, "{contract}: calls fail in several ways: {outcomes:?}");
    }
}
