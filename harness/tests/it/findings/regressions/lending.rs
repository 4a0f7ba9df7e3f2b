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

/// profit broken in lending (broken): bob.near ends with 0.01 NEAR more than in any serial order of the same operations
#[test]
fn regression_lending_profit_3866e925() {
    let case = r#"{
  "operations": [
    {
      "signer": "bob.near",
      "receiver": "lending.near",
      "method": "borrow",
      "arguments": {
        "amount": "10000000000000000000000"
      },
      "deposit": "0 NEAR",
      "gas": "300 Tgas"
    },
    {
      "signer": "bob.near",
      "receiver": "lending.near",
      "method": "remove_collateral",
      "arguments": {},
      "deposit": "0 NEAR",
      "gas": "300 Tgas"
    }
  ],
  "schedule": [
    "start 0",
    "start 1"
  ],
  "faults": [],
  "rest": "fifo",
  "network": "calm"
}"#;
    holds("targets/lending", Some("broken"), 88, case);
}
