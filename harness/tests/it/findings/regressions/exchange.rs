//! Regression tests, written by `interloper report --format rust`.
//!
//! Each fails as long as its bug is there. Targets are looked for from the package that this file
//! is a test of, and in the folders above it. `INTERLOPER_REGRESSION_BUILD` chooses another build.

use interloper::Fuzzer;

/// The build to test: the one that had the bug, unless the variable names another.
fn build(broken: &str) -> String {
    std::env::var("INTERLOPER_REGRESSION_BUILD").unwrap_or_else(|_| broken.to_owned())
}

/// callback broken in exchange (broken): the callback on_price of bob.near's buy failed, and exchange.near kept 0.01 NEAR
#[test]
fn regression_exchange_callback_4b107c26() {
    let case = r#"{
  "operations": [
    {
      "signer": "bob.near",
      "receiver": "exchange.near",
      "method": "buy",
      "arguments": {
        "least": 15
      },
      "deposit": "0.01 NEAR",
      "gas": "300 Tgas"
    }
  ],
  "schedule": [],
  "faults": [],
  "rest": "fifo",
  "network": "calm"
}"#;
    let fuzzer = Fuzzer::load("targets/exchange").expect("the target is there");
    fuzzer.build(build("broken")).protocol_version(88).assert_holds(case);
}
