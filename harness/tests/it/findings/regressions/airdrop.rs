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

/// rollback broken in airdrop (broken): every external call of mallory.near's claim failed, and airdrop.near kept what it had written for it
#[test]
fn regression_airdrop_rollback_7d3000f0() {
    let case = r#"{
  "operations": [
    {
      "signer": "mallory.near",
      "receiver": "airdrop.near",
      "method": "claim",
      "arguments": {},
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
    holds("targets/airdrop", Some("broken"), 88, case);
}
