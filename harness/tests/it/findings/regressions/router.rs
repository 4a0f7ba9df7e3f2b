//! Regression tests, written by `interloper report --format rust`.
//!
//! Each fails as long as its bug is there. Targets are looked for from the package that this file
//! is a test of, and in the folders above it. `INTERLOPER_REGRESSION_BUILD` chooses another build.

use interloper::Fuzzer;

/// The build to test: the one that had the bug, unless the variable names another.
fn build(broken: &str) -> String {
    std::env::var("INTERLOPER_REGRESSION_BUILD").unwrap_or_else(|_| broken.to_owned())
}

/// refund broken in router (broken): alice.near called router.near.invest, it failed, and 0.1 NEAR did not come back
#[test]
fn regression_router_refund_5440c1e4() {
    let case = r#"{
  "operations": [
    {
      "signer": "alice.near",
      "receiver": "router.near",
      "method": "invest",
      "arguments": {},
      "deposit": "0.1 NEAR",
      "gas": "300 Tgas"
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
    let fuzzer = Fuzzer::load("targets/router").expect("the target is there");
    fuzzer.build(build("broken")).protocol_version(88).assert_holds(case);
}
