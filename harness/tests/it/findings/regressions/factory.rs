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

/// refund broken in factory (broken): bob.near called factory.near.create, it failed, and 0.1 NEAR did not come back
#[test]
fn regression_factory_refund_e38d0307() {
    let case = r#"{
  "operations": [
    {
      "signer": "bob.near",
      "receiver": "factory.near",
      "method": "create",
      "arguments": {
        "name": "three"
      },
      "deposit": "0.1 NEAR",
      "gas": "300 Tgas"
    },
    {
      "signer": "bob.near",
      "receiver": "factory.near",
      "method": "create",
      "arguments": {
        "name": "three"
      },
      "deposit": "0.1 NEAR",
      "gas": "300 Tgas"
    }
  ],
  "schedule": [],
  "faults": [],
  "rest": "fifo",
  "network": "calm"
}"#;
    holds("targets/factory", Some("broken"), 88, case);
}
