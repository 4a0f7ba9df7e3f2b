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

/// profit broken in auction (broken): mallory.near ends with 1 of gallery.near and 99.9998500690395995 NEAR, and no serial order leaves it as much of both
#[test]
fn regression_auction_profit_adcc9d40() {
    let case = r#"{
  "operations": [
    {
      "signer": "bob.near",
      "receiver": "auction.near",
      "method": "settle",
      "arguments": {},
      "deposit": "0 NEAR",
      "gas": "300 Tgas"
    },
    {
      "signer": "bob.near",
      "receiver": "auction.near",
      "method": "bid",
      "arguments": {},
      "deposit": "4 NEAR",
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
    holds("targets/auction", Some("broken"), 88, case);
}
