//! Regression tests, written by `interloper report --format rust`.
//!
//! Each fails as long as its bug is there. Targets are looked for from the package that this file
//! is a test of, and in the folders above it. `INTERLOPER_REGRESSION_BUILD` chooses another build.

use interloper::Fuzzer;

/// The build to test: the one that had the bug, unless the variable names another.
fn build(broken: &str) -> String {
    std::env::var("INTERLOPER_REGRESSION_BUILD").unwrap_or_else(|_| broken.to_owned())
}

/// profit broken in auction (broken): mallory.near ends with 1 of gallery.near and 99.9998500690395995 NEAR, and no serial order leaves it as much of both
#[test]
fn regression_auction_profit_adcc9d40() {
    let case = r#"{
  "operations": [
    {
      "signer": "bob.near",
      "receiver": "auction.near",
      "method": "settle",
      "arguments": {},
      "deposit": "0 NEAR",
      "gas": "300 Tgas"
    },
    {
      "signer": "bob.near",
      "receiver": "auction.near",
      "method": "bid",
      "arguments": {},
      "deposit": "4 NEAR",
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
    let fuzzer = Fuzzer::load("targets/auction").expect("the target is there");
    fuzzer.build(build("broken")).protocol_version(88).assert_holds(case);
}
