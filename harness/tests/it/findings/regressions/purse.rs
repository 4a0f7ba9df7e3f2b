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

/// signer broken in purse (broken): alice.near only signed, mallory.near called purse.near.pay, and mallory.near got 0.5 NEAR for it
#[test]
fn regression_purse_signer_faba5a8b() {
    let case = r#"{
  "operations": [
    {
      "signer": "alice.near",
      "receiver": "purse.near",
      "method": "pay",
      "arguments": {
        "receiver_id": "mallory.near"
      },
      "deposit": "0 NEAR",
      "gas": "300 Tgas",
      "through": {
        "account": "mallory.near"
      }
    }
  ],
  "schedule": [],
  "faults": [],
  "rest": "fifo",
  "network": "calm"
}"#;
    holds("targets/purse", Some("broken"), 88, case);
}
