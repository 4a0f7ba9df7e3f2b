//! Regression tests, written by `interloper report --format rust`.
//!
//! Each fails as long as its bug is there. Targets are looked for from the package that this file
//! is a test of, and in the folders above it. `INTERLOPER_REGRESSION_BUILD` chooses another build.

use interloper::Fuzzer;

/// The build to test: the one that had the bug, unless the variable names another.
fn build(broken: &str) -> String {
    std::env::var("INTERLOPER_REGRESSION_BUILD").unwrap_or_else(|_| broken.to_owned())
}

/// rollback broken in linkdrop (broken): every external call of bob.near's claim failed, and linkdrop.near kept what it had written for it
#[test]
fn regression_linkdrop_rollback_db1b4f98() {
    let case = r#"{
  "operations": [
    {
      "signer": "bob.near",
      "receiver": "linkdrop.near",
      "method": "claim",
      "arguments": {
        "account_id": "nobody.near",
        "code": 1
      },
      "deposit": "0 NEAR",
      "gas": "300 Tgas"
    }
  ],
  "schedule": [],
  "faults": [],
  "rest": "fifo",
  "network": "calm"
}"#;
    let fuzzer = Fuzzer::load("targets/linkdrop").expect("the target is there");
    fuzzer.build(build("broken")).protocol_version(88).assert_holds(case);
}
