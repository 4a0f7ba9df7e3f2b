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
    holds("targets/relay", Some("broken"), 88, case);
}
