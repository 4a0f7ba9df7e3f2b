//! An operation that failed outside does not stop others.
//!
//! Looks at pairs of operations, the first of them over before the second begins. Of the first an
//! outside call failed, and it cost its signer nothing; the second met no failure from outside and yet
//! fails itself. Without the first it succeeds: so the first left something behind that stops others,
//! such as a lock. An operation that reached what it was for may end things for others, so it is left
//! out. Needs a callee that fails.

use super::{Event, Invariant, Laboratory, Observation, Severity, Violation};
use crate::chain::Error;

/// See the module.
#[derive(Clone, Copy, Debug)]
pub struct Liveness;

impl Invariant for Liveness {
    fn name(&self) -> &'static str {
        "liveness"
    }

    fn rule(&self) -> &'static str {
        "An operation that failed outside does not stop others."
    }

    fn check(
        &self,
        seen: &Observation,
        laboratory: &mut dyn Laboratory,
    ) -> Result<Option<Violation>, Error> {
        if !seen.complete {
            return Ok(None);
        }
        for (first, call) in (0u32..).zip(&seen.calls) {
            if !seen.external(first).any(Event::failed) {
                continue;
            }
            let Some(second) = stopped_after(seen, first) else { continue };
            let without = laboratory.without(first)?;
            let moved = if second > first { second - 1 } else { second };
            let stopped = &seen.calls[second as usize];
            let paid = without.wealth(&call.signer) != seen.wealth(&call.signer);
            if without.failed(moved) || (paid && call.signer != stopped.signer) {
                continue;
            }
            return Ok(Some(Violation {
                invariant: self.name().to_owned(),
                severity: Severity::High,
                account: call.receiver.clone(),
                method: call.method.clone(),
                summary: format!(
                    "after {}'s {} met a failure outside, {}'s {} fails, which succeeds without it",
                    call.signer, call.method, stopped.signer, stopped.method
                ),
                details: vec![format!(
                    "operation {first} was over before operation {second} began"
                )],
            }));
        }
        Ok(None)
    }
}

/// An operation that begins when `first` is over and fails though nothing outside failed.
fn stopped_after(seen: &Observation, first: u32) -> Option<u32> {
    let position = |index: u32, event: &Event| event.outcome.name.operation == index;
    let end = seen.events.iter().rposition(|event| position(first, event))?;
    let count = u32::try_from(seen.calls.len()).expect("few operations");
    (0..count).find(|second| {
        let begin = seen.events.iter().position(|event| position(*second, event));
        begin.is_some_and(|begin| begin > end)
            && seen.failed(*second)
            && !seen.refused(*second)
            && !seen.external(*second).any(Event::failed)
    })
}
