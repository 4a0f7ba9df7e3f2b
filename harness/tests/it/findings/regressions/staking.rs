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

/// refund broken in staking (broken): mallory.near called staking.near.deposit_and_stake, it failed, and 1 NEAR did not come back
#[test]
fn regression_staking_refund_04e3dfc1() {
    let case = r#"{
  "operations": [
    {
      "signer": "mallory.near",
      "receiver": "staking.near",
      "method": "deposit_and_stake",
      "arguments": {},
      "deposit": "1 NEAR",
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
    holds("targets/staking", Some("broken"), 88, case);
}

/// rollback broken in staking (broken): every external call of bob.near's deposit_and_stake failed, and staking.near kept what it had written for it
#[test]
fn regression_staking_rollback_b1a3aab7() {
    let case = r#"{
  "operations": [
    {
      "signer": "bob.near",
      "receiver": "staking.near",
      "method": "deposit_and_stake",
      "arguments": {},
      "deposit": "1 NEAR",
      "gas": "300 Tgas",
      "through": {
        "account": "mallory.near"
      }
    }
  ],
  "schedule": [],
  "faults": [
    {
      "receipt": "0.0.0",
      "kind": "panic"
    }
  ],
  "rest": "fifo",
  "network": "calm"
}"#;
    holds("targets/staking", Some("broken"), 88, case);
}
