//! Regression tests, written by `interloper report --format rust`.
//!
//! Each fails as long as its bug is there. Targets are looked for from the package that this file
//! is a test of, and in the folders above it. `INTERLOPER_REGRESSION_BUILD` chooses another build.

use interloper::Fuzzer;

/// The build to test: the one that had the bug, unless the variable names another.
fn build(broken: &str) -> String {
    std::env::var("INTERLOPER_REGRESSION_BUILD").unwrap_or_else(|_| broken.to_owned())
}

/// signer broken in purse (broken): alice.near only signed, mallory.near called purse.near.pay, and mallory.near got 0.5 NEAR for it
#[test]
fn regression_purse_signer_faba5a8b() {
    let case = r#"{
  "operations": [
    {
      "signer": "alice.near",
      "receiver": "purse.near",
      "method": "pay",
      "arguments": {
        "receiver_id": "mallory.near"
      },
      "deposit": "0 NEAR",
      "gas": "300 Tgas",
      "through": {
        "account": "mallory.near"
      }
    }
  ],
  "schedule": [],
  "faults": [],
  "rest": "fifo",
  "network": "calm"
}"#;
    let fuzzer = Fuzzer::load("targets/purse").expect("the target is there");
    fuzzer.build(build("broken")).protocol_version(88).assert_holds(case);
}
