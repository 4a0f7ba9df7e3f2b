//! Regression tests, written by `interloper report --format rust`.
//!
//! Each fails as long as its bug is there. Targets are looked for from the package that this file
//! is a test of, and in the folders above it. `INTERLOPER_REGRESSION_BUILD` chooses another build.

use interloper::Fuzzer;

/// The build to test: the one that had the bug, unless the variable names another.
fn build(broken: &str) -> String {
    std::env::var("INTERLOPER_REGRESSION_BUILD").unwrap_or_else(|_| broken.to_owned())
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
    let fuzzer = Fuzzer::load("targets/names").expect("the target is there");
    fuzzer.build(build("broken")).protocol_version(88).assert_holds(case);
}
