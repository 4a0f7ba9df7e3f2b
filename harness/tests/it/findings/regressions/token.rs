//! Regression tests, written by `interloper report --format rust`.
//!
//! Each fails as long as its bug is there. Targets are looked for from the package that this file
//! is a test of, and in the folders above it. `INTERLOPER_REGRESSION_BUILD` chooses another build.

use interloper::Fuzzer;

/// The build to test: the one that had the bug, unless the variable names another.
fn build(broken: &str) -> String {
    std::env::var("INTERLOPER_REGRESSION_BUILD").unwrap_or_else(|_| broken.to_owned())
}

/// token broken in token (broken): token.near says that there are 2999 tokens, and that its holders have 3000
#[test]
fn regression_token_token_b2199339() {
    let case = r#"{
  "operations": [
    {
      "signer": "alice.near",
      "receiver": "token.near",
      "method": "ft_transfer_call",
      "arguments": {
        "amount": "1",
        "burn_unused": true,
        "msg": "0",
        "receiver_id": "receiver.near"
      },
      "deposit": "1 yocto",
      "gas": "300 Tgas"
    }
  ],
  "schedule": [],
  "faults": [],
  "rest": "fifo",
  "network": "calm"
}"#;
    let fuzzer = Fuzzer::load("targets/token").expect("the target is there");
    fuzzer.build(build("broken")).protocol_version(88).assert_holds(case);
}
