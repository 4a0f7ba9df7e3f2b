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
    holds("targets/token", Some("broken"), 88, case);
}
