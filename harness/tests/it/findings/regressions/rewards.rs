//! Regression tests, written by `interloper report --format rust`.
//!
//! Each fails as long as its bug is there. Targets are looked for from the package that this file
//! is a test of, and in the folders above it. `INTERLOPER_REGRESSION_BUILD` chooses another build.

use interloper::Fuzzer;

/// The build to test: the one that had the bug, unless the variable names another.
fn build(broken: &str) -> String {
    std::env::var("INTERLOPER_REGRESSION_BUILD").unwrap_or_else(|_| broken.to_owned())
}

/// aliasing broken in rewards (broken): bob.near got 0.5 NEAR more from claim by naming something twice in `seasons`
#[test]
fn regression_rewards_aliasing_9520df4c() {
    let case = r#"{
  "operations": [
    {
      "signer": "bob.near",
      "receiver": "rewards.near",
      "method": "claim",
      "arguments": {
        "seasons": [
          0,
          0
        ]
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
    let fuzzer = Fuzzer::load("targets/rewards").expect("the target is there");
    fuzzer.build(build("broken")).protocol_version(88).assert_holds(case);
}
