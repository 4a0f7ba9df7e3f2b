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

/// isolation broken in names (broken): what mallory.near's rename comes to depends on the `name` that bob.near passes to rename in between
#[test]
fn regression_names_isolation_359ed770() {
    let case = r#"{
  "operations": [
    {
      "signer": "bob.near",
      "receiver": "names.near",
      "method": "rename",
      "arguments": {
        "name": ""
      },
      "deposit": "0 NEAR",
      "gas": "300 Tgas"
    },
    {
      "signer": "mallory.near",
      "receiver": "names.near",
      "method": "rename",
      "arguments": {
        "name": "office.near"
      },
      "deposit": "0 NEAR",
      "gas": "300 Tgas"
    }
  ],
  "schedule": [
    "start 0",
    "start 1",
    "1"
  ],
  "faults": [],
  "rest": "fifo",
  "network": "calm"
}"#;
    holds("targets/names", Some("broken"), 88, case);
}
