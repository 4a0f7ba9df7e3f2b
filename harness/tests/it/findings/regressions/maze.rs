//! Regression tests, written by `interloper report --format rust`.
//!
//! Each fails as long as its bug is there. Targets are looked for from the package that this file
//! is a test of, and in the folders above it. `INTERLOPER_REGRESSION_BUILD` chooses another build.

use interloper::Fuzzer;

/// The build to test: the one that had the bug, unless the variable names another.
fn build(broken: &str) -> String {
    std::env::var("INTERLOPER_REGRESSION_BUILD").unwrap_or_else(|_| broken.to_owned())
}

/// refund broken in maze (broken): alice.near's open failed, and alice.near loses 0.0012 NEAR
#[test]
fn regression_maze_refund_d5525e7d() {
    let case = r#"{
  "operations": [
    {
      "signer": "alice.near",
      "receiver": "maze.near",
      "method": "open",
      "arguments": {
        "attempt": {
          "amount": "271828182845904523536028",
          "heir": "theseus.aegeus.near",
          "key": "Bo7fA6P5Xcxpamts",
          "pin": 3141592653,
          "proof": "6Tq1zjGbDgRnGwyT6TbGC3N9YDd4vgwhpJCkxDXFPWty",
          "word": "ariadne's thread"
        }
      },
      "deposit": "0.0012 NEAR",
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
    let fuzzer = Fuzzer::load("targets/maze").expect("the target is there");
    fuzzer.build(build("broken")).protocol_version(88).assert_holds(case);
}
