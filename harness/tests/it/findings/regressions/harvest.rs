//! Regression tests, written by `interloper report --format rust`.
//!
//! Each fails as long as its bug is there. Targets are looked for from the package that this file
//! is a test of, and in the folders above it. `INTERLOPER_REGRESSION_BUILD` chooses another build.

use interloper::Fuzzer;

/// The build to test: the one that had the bug, unless the variable names another.
fn build(broken: &str) -> String {
    std::env::var("INTERLOPER_REGRESSION_BUILD").unwrap_or_else(|_| broken.to_owned())
}

/// liveness broken in harvest (broken): after alice.near's harvest met a failure outside, mallory.near's harvest fails, which succeeds without it
#[test]
fn regression_harvest_liveness_d9c7abc6() {
    let case = r#"{
  "operations": [
    {
      "signer": "alice.near",
      "receiver": "harvest.near",
      "method": "harvest",
      "arguments": {},
      "deposit": "0 NEAR",
      "gas": "300 Tgas"
    },
    {
      "signer": "mallory.near",
      "receiver": "harvest.near",
      "method": "harvest",
      "arguments": {},
      "deposit": "0 NEAR",
      "gas": "300 Tgas"
    }
  ],
  "schedule": [],
  "faults": [
    {
      "receipt": "0.1.0",
      "kind": "panic"
    }
  ],
  "rest": "fifo",
  "network": "calm"
}"#;
    let fuzzer = Fuzzer::load("targets/harvest").expect("the target is there");
    fuzzer.build(build("broken")).protocol_version(88).assert_holds(case);
}
