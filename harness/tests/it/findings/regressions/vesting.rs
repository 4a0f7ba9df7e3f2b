//! Regression tests, written by `interloper report --format rust`.
//!
//! Each fails as long as its bug is there. Targets are looked for from the package that this file
//! is a test of, and in the folders above it. `INTERLOPER_REGRESSION_BUILD` chooses another build.

use interloper::Fuzzer;

/// The build to test: the one that had the bug, unless the variable names another.
fn build(broken: &str) -> String {
    std::env::var("INTERLOPER_REGRESSION_BUILD").unwrap_or_else(|_| broken.to_owned())
}

/// profit broken in vesting (broken): alice.near ends with 100 of token.near more than in any serial order of the same operations
#[test]
fn regression_vesting_profit_1ee1bcfc() {
    let case = r#"{
  "operations": [
    {
      "signer": "alice.near",
      "receiver": "vesting.near",
      "method": "release",
      "arguments": {},
      "deposit": "0 NEAR",
      "gas": "300 Tgas"
    },
    {
      "signer": "alice.near",
      "receiver": "vesting.near",
      "method": "release",
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
    let fuzzer = Fuzzer::load("targets/vesting").expect("the target is there");
    fuzzer.build(build("broken")).protocol_version(88).assert_holds(case);
}
