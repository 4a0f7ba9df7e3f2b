//! The digest of what happened: equal for equal runs, on every machine and both engines.
//!
//! Never prints.

use super::{Event, Observation};
use crate::chain::{Cause, World};
use crate::types::Fingerprint;

/// Fingerprint of everything that ran and of every account at the end.
#[must_use]
pub fn digest(seen: &Observation) -> Fingerprint {
    let mut bytes = Vec::new();
    seen.events.iter().for_each(|event| write_event(&mut bytes, event));
    write_world(&mut bytes, &seen.end);
    Fingerprint::of(&bytes)
}

fn write_event(bytes: &mut Vec<u8>, event: &Event) {
    let outcome = &event.outcome;
    let forced = matches!(outcome.cause, Cause::Receipt { forced: true, .. });
    let head = (&outcome.name, outcome.id, &outcome.executor, outcome.block, forced);
    let tail = (&outcome.status, &outcome.logs, outcome.gas_burnt, outcome.tokens_burnt);
    borsh::to_writer(&mut *bytes, &(head, tail, &outcome.receipts)).expect("memory takes it");
}

fn write_world(bytes: &mut Vec<u8>, world: &World) {
    for (id, record) in world.accounts() {
        let head = (id, record.balance(), record.locked(), record.storage_usage());
        borsh::to_writer(&mut *bytes, &head).expect("memory takes it");
        let code = record.code_hash().unwrap_or_default();
        borsh::to_writer(&mut *bytes, &(code, record.storage().len() as u64))
            .expect("memory takes it");
        for (key, value) in record.storage().iter() {
            borsh::to_writer(&mut *bytes, &(key, value)).expect("memory takes it");
        }
    }
}
