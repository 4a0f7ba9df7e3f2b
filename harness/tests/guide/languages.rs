//! Claim 20: whatever a contract is written in, to the chain it is wasm that imports `env`.

use serde_json::json;

use crate::stage::{GUIDE, Stage, USER};

#[test]
fn claim_20_high_level_and_low_level_calls_are_the_same_to_the_chain() {
    let notes = ["high_level", "low_level"].map(|method| {
        let mut stage = Stage::new();
        stage.run(USER, GUIDE, method, json!({}));
        let mut notes = stage.notes();
        assert_eq!(notes.len(), 1);
        notes.remove(0)
    });
    assert_eq!(notes[0], notes[1]);
}
