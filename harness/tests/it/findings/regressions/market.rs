//! Regression tests, written by `interloper report --format rust`.
//!
//! Each fails as long as its bug is there. Targets are looked for from the package that this file
//! is a test of, and in the folders above it. `INTERLOPER_REGRESSION_BUILD` chooses another build.

use interloper::Fuzzer;

/// The build to test: the one that had the bug, unless the variable names another.
fn build(broken: &str) -> String {
    std::env::var("INTERLOPER_REGRESSION_BUILD").unwrap_or_else(|_| broken.to_owned())
}

/// refund broken in market (broken): bob.near called market.near.buy, it failed, and 1 NEAR did not come back
#[test]
fn regression_market_refund_c35d34c5() {
    let case = r#"{
  "operations": [
    {
      "signer": "bob.near",
      "receiver": "market.near",
      "method": "buy",
      "arguments": {
        "token_id": "star"
      },
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
    let fuzzer = Fuzzer::load("targets/market").expect("the target is there");
    fuzzer.build(build("broken")).protocol_version(88).assert_holds(case);
}
