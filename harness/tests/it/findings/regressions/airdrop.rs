//! Regression tests, written by `interloper report --format rust`.
//!
//! Each fails as long as its bug is there. Targets are looked for from the package that this file
//! is a test of, and in the folders above it. `INTERLOPER_REGRESSION_BUILD` chooses another build.

use interloper::Fuzzer;

/// The build to test: the one that had the bug, unless the variable names another.
fn build(broken: &str) -> String {
    std::env::var("INTERLOPER_REGRESSION_BUILD").unwrap_or_else(|_| broken.to_owned())
}

/// rollback broken in airdrop (broken): every external call of mallory.near's claim failed, and airdrop.near kept what it had written for it
#[test]
fn regression_airdrop_rollback_7d3000f0() {
    let case = r#"{
  "operations": [
    {
      "signer": "mallory.near",
      "receiver": "airdrop.near",
      "method": "claim",
      "arguments": {},
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
    let fuzzer = Fuzzer::load("targets/airdrop").expect("the target is there");
    fuzzer.build(build("broken")).protocol_version(88).assert_holds(case);
}
