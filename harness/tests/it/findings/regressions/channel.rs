//! Regression tests, written by `interloper report --format rust`.
//!
//! Each fails as long as its bug is there. Targets are looked for from the package that this file
//! is a test of, and in the folders above it. `INTERLOPER_REGRESSION_BUILD` chooses another build.

use interloper::Fuzzer;

/// The build to test: the one that had the bug, unless the variable names another.
fn build(broken: &str) -> String {
    std::env::var("INTERLOPER_REGRESSION_BUILD").unwrap_or_else(|_| broken.to_owned())
}

/// serial broken in channel (broken): interleaved, 0.01 NEAR stays behind that every serial order of the same operations leaves with its owners
#[test]
fn regression_channel_serial_b70834bf() {
    let case = r#"{
  "operations": [
    {
      "signer": "mallory.near",
      "receiver": "channel.near",
      "method": "close",
      "arguments": {},
      "deposit": "0 NEAR",
      "gas": "300 Tgas"
    },
    {
      "signer": "mallory.near",
      "receiver": "channel.near",
      "method": "top_up",
      "arguments": {},
      "deposit": "0.01 NEAR",
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
    let fuzzer = Fuzzer::load("targets/channel").expect("the target is there");
    fuzzer.build(build("broken")).protocol_version(88).assert_holds(case);
}
