//! Regression tests, written by `interloper report --format rust`.
//!
//! Paths are relative to the package that this file is a test of. `INTERLOPER_REGRESSION_BUILD`
//! chooses another build of the target.

use std::path::Path;

use interloper::finding::regression::Regression;
use interloper::report;
use interloper::scenario::Scenario;

/// Runs a case and complains where it breaks something.
fn holds(folder: &str, build: Option<&str>, version: u32, case: &str) {
    let chosen = std::env::var("INTERLOPER_REGRESSION_BUILD").ok();
    let build = chosen.as_deref().or(build);
    let target = Regression::load(Path::new(folder), build, version).expect("the target loads");
    let case = Scenario::from_json(case, "this test").expect("it is a case");
    let finding = target.replay(&case).expect("the case runs");
    assert!(finding.is_none(), "{}", report::plain(&finding.expect("just seen")));
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
    holds("targets/maze", Some("broken"), 88, case);
}
