//! Regression tests, written by `interloper report --format rust`.
//!
//! Each fails as long as its bug is there. Targets are looked for from the package that this file
//! is a test of, and in the folders above it. `INTERLOPER_REGRESSION_BUILD` chooses another build.

use interloper::Fuzzer;

/// The build to test: the one that had the bug, unless the variable names another.
fn build(broken: &str) -> String {
    std::env::var("INTERLOPER_REGRESSION_BUILD").unwrap_or_else(|_| broken.to_owned())
}

/// refund broken in staking (broken): mallory.near called staking.near.deposit_and_stake, it failed, and 1 NEAR did not come back
#[test]
fn regression_staking_refund_04e3dfc1() {
    let case = r#"{
  "operations": [
    {
      "signer": "mallory.near",
      "receiver": "staking.near",
      "method": "deposit_and_stake",
      "arguments": {},
      "deposit": "1 NEAR",
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
    let fuzzer = Fuzzer::load("targets/staking").expect("the target is there");
    fuzzer.build(build("broken")).protocol_version(88).assert_holds(case);
}

/// rollback broken in staking (broken): every external call of bob.near's deposit_and_stake failed, and staking.near kept what it had written for it
#[test]
fn regression_staking_rollback_b1a3aab7() {
    let case = r#"{
  "operations": [
    {
      "signer": "bob.near",
      "receiver": "staking.near",
      "method": "deposit_and_stake",
      "arguments": {},
      "deposit": "1 NEAR",
      "gas": "300 Tgas",
      "through": {
        "account": "mallory.near"
      }
    }
  ],
  "schedule": [],
  "faults": [
    {
      "receipt": "0.0.0",
      "kind": "panic"
    }
  ],
  "rest": "fifo",
  "network": "calm"
}"#;
    let fuzzer = Fuzzer::load("targets/staking").expect("the target is there");
    fuzzer.build(build("broken")).protocol_version(88).assert_holds(case);
}
