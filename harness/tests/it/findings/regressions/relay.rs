//! Regression tests, written by `interloper report --format rust`.
//!
//! Each fails as long as its bug is there. Targets are looked for from the package that this file
//! is a test of, and in the folders above it. `INTERLOPER_REGRESSION_BUILD` chooses another build.

use interloper::Fuzzer;

/// The build to test: the one that had the bug, unless the variable names another.
fn build(broken: &str) -> String {
    std::env::var("INTERLOPER_REGRESSION_BUILD").unwrap_or_else(|_| broken.to_owned())
}

/// authority broken in relay (broken): bob.near called relay.near.resolve_transfer, which is relay.near's own callback, and it took effect
#[test]
fn regression_relay_authority_ba990545() {
    let case = r#"{
  "operations": [
    {
      "signer": "bob.near",
      "receiver": "relay.near",
      "method": "transfer_call",
      "arguments": {
        "amount": "10000000000000000000000",
        "msg": "",
        "receiver_id": "relay.near"
      },
      "deposit": "0 NEAR",
      "gas": "300 Tgas"
    },
    {
      "signer": "bob.near",
      "receiver": "relay.near",
      "method": "resolve_transfer",
      "arguments": {
        "amount": "1",
        "receiver_id": "receiver.near",
        "sender_id": "bob.near"
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
    let fuzzer = Fuzzer::load("targets/relay").expect("the target is there");
    fuzzer.build(build("broken")).protocol_version(88).assert_holds(case);
}
