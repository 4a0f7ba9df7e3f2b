//! Regression tests, written by `interloper report --format rust`.
//!
//! Each fails as long as its bug is there. Targets are looked for from the package that this file
//! is a test of, and in the folders above it. `INTERLOPER_REGRESSION_BUILD` chooses another build.

use interloper::Fuzzer;

/// The build to test: the one that had the bug, unless the variable names another.
fn build(broken: &str) -> String {
    std::env::var("INTERLOPER_REGRESSION_BUILD").unwrap_or_else(|_| broken.to_owned())
}

/// yield broken in approval (broken): nobody resumed the yield of bob.near's request in time, and approval.near kept 0.01 NEAR
#[test]
fn regression_approval_yield_4f88be57() {
    let case = r#"{
  "operations": [
    {
      "signer": "bob.near",
      "receiver": "approval.near",
      "method": "request",
      "arguments": {},
      "deposit": "0.01 NEAR",
      "gas": "300 Tgas"
    }
  ],
  "schedule": [],
  "faults": [],
  "rest": "fifo",
  "network": "calm"
}"#;
    let fuzzer = Fuzzer::load("targets/approval").expect("the target is there");
    fuzzer.build(build("broken")).protocol_version(88).assert_holds(case);
}
