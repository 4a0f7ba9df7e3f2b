//! Regression tests, written by `interloper report --format rust`.
//!
//! Each fails as long as its bug is there. Targets are looked for from the package that this file
//! is a test of, and in the folders above it. `INTERLOPER_REGRESSION_BUILD` chooses another build.

use interloper::Fuzzer;

/// The build to test: the one that had the bug, unless the variable names another.
fn build(broken: &str) -> String {
    std::env::var("INTERLOPER_REGRESSION_BUILD").unwrap_or_else(|_| broken.to_owned())
}

/// ignored-result broken in split (broken): bob.near's place ends the same whether other.near.deposit took 0.05 NEAR or failed
#[test]
fn regression_split_ignored_result_9e65bc92() {
    let case = r#"{
  "operations": [
    {
      "signer": "bob.near",
      "receiver": "split.near",
      "method": "place",
      "arguments": {},
      "deposit": "0.1 NEAR",
      "gas": "300 Tgas"
    }
  ],
  "schedule": [],
  "faults": [
    {
      "receipt": "0.1",
      "kind": "panic"
    }
  ],
  "rest": "fifo",
  "network": "calm"
}"#;
    let fuzzer = Fuzzer::load("targets/split").expect("the target is there");
    fuzzer.build(build("broken")).protocol_version(88).assert_holds(case);
}
