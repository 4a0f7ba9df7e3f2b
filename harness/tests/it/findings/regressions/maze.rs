//! Regression tests, written by `interloper report --format rust`.
//!
//! Each fails as long as its bug is there. Targets are looked for from the package that this file
//! is a test of, and in the folders above it. `INTERLOPER_REGRESSION_BUILD` chooses another build.

use interloper::Fuzzer;

/// The build to test: the one that had the bug, unless the variable names another.
fn build(broken: &str) -> String {
    std::env::var("INTERLOPER_REGRESSION_BUILD").unwrap_or_else(|_| broken.to_owned())
}

/// refund broken in maze (broken): alice.near called maze.near.open, it failed, and 3 yoctoNEAR did not come back
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
          "proof": "6Tq1zjGbDgRpbUqJ5umzEGaXGh7FPnbWcQJkTwJYxRcQ",
          "word": "ariadne's thread"
        }
      },
      "deposit": "3 yocto",
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
