//! Regression tests, written by `interloper report --format rust`.
//!
//! Each fails as long as its bug is there. Targets are looked for from the package that this file
//! is a test of, and in the folders above it. `INTERLOPER_REGRESSION_BUILD` chooses another build.

use interloper::Fuzzer;

/// The build to test: the one that had the bug, unless the variable names another.
fn build(broken: &str) -> String {
    std::env::var("INTERLOPER_REGRESSION_BUILD").unwrap_or_else(|_| broken.to_owned())
}

/// rollback broken in bridge (broken): every external call of bob.near's withdraw failed, and bridge.near keeps it recorded as if it had succeeded
#[test]
fn regression_bridge_rollback_780b2a0f() {
    let case = r#"{
  "operations": [
    {
      "signer": "bob.near",
      "receiver": "bridge.near",
      "method": "withdraw",
      "arguments": {
        "amount": "5000000000000000000000000"
      },
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
    let fuzzer = Fuzzer::load("targets/bridge").expect("the target is there");
    fuzzer.build(build("broken")).protocol_version(88).assert_holds(case);
}
