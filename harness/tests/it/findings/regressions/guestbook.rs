//! Regression tests, written by `interloper report --format rust`.
//!
//! Each fails as long as its bug is there. Targets are looked for from the package that this file
//! is a test of, and in the folders above it. `INTERLOPER_REGRESSION_BUILD` chooses another build.

use interloper::Fuzzer;

/// The build to test: the one that had the bug, unless the variable names another.
fn build(broken: &str) -> String {
    std::env::var("INTERLOPER_REGRESSION_BUILD").unwrap_or_else(|_| broken.to_owned())
}

/// storage broken in guestbook (broken): each sign by bob.near makes guestbook.near store 61 bytes more, which lock 0.00061 NEAR of its balance, for 0 NEAR
#[test]
fn regression_guestbook_storage_66344ffc() {
    let case = r#"{
  "operations": [
    {
      "signer": "bob.near",
      "receiver": "guestbook.near",
      "method": "sign",
      "arguments": {
        "text": ""
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
    let fuzzer = Fuzzer::load("targets/guestbook").expect("the target is there");
    fuzzer.build(build("broken")).protocol_version(88).assert_holds(case);
}
