//! Regression tests, written by `interloper report --format rust`.
//!
//! Paths are relative to the package that this file is a test of. `INTERLOPER_REGRESSION_BUILD`
//! chooses another build of the target.

use std::path::Path;

use interloper::finding::regression::Regression;
use interloper::report;
use interloper::scenario::Scenario;

/// Runs a case and complains where it breaks something.
fn holds(folder: &str, build: Option<&str>, version: u32, case: &str) {
    let chosen = std::env::var("INTERLOPER_REGRESSION_BUILD").ok();
    let build = chosen.as_deref().or(build);
    let target = Regression::load(Path::new(folder), build, version).expect("the target loads");
    let case = Scenario::from_json(case, "this test").expect("it is a case");
    let finding = target.replay(&case).expect("the case runs");
    assert!(finding.is_none(), "{}", report::plain(&finding.expect("just seen")));
}

/// liveness broken in bridge (broken): after mallory.near's withdraw met a failure outside, mallory.near's withdraw fails, which succeeds without it
#[test]
fn regression_bridge_liveness_8e618a73() {
    let case = r#"{
  "operations": [
    {
      "signer": "mallory.near",
      "receiver": "bridge.near",
      "method": "withdraw",
      "arguments": {
        "amount": "10000000000000000000000"
      },
      "deposit": "0 NEAR",
      "gas": "300 Tgas"
    },
    {
      "signer": "mallory.near",
      "receiver": "bridge.near",
      "method": "withdraw",
      "arguments": {
        "amount": "4999999999999999999999999"
      },
      "deposit": "0 NEAR",
      "gas": "300 Tgas"
    }
  ],
  "schedule": [],
  "faults": [
    {
      "receipt": "0.0",
      "kind": "panic"
    }
  ],
  "rest": "fifo",
  "network": "calm"
}"#;
    holds("targets/bridge", Some("broken"), 88, case);
}
