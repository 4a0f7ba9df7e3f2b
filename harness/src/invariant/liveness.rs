//! An operation that failed outside does not stop others.
//!
//! Looks at pairs of operations, the first of them over before the second begins. Of the first an
//! outside call failed, and it cost its signer nothing; the second met no failure from outside and yet
//! fails itself, though nothing else is under way. Without the first it succeeds, and all others end as
//! they did: so the first left something behind that stops others, such as a lock. An operation that
//! reached what it was for may end things for others, so it is left out. Needs a callee that fails.

use super::{Counterfactuals, Invariant, Settings, Severity, Violation};
use crate::chain::Error;
use crate::trace::{Event, Observation};
use crate::types::OperationId;

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
        _: &Settings,
        laboratory: &mut dyn Counterfactuals,
    ) -> Result<Option<Violation>, Error> {
        if !seen.complete {
            return Ok(None);
        }
        for (first, call) in seen.ids().zip(&seen.calls) {
            if !seen.external(first).any(Event::failed) {
                continue;
            }
            let Some(second) = stopped_after(seen, first) else { continue };
            let without = laboratory.without(first)?;
            let stopped = &seen[second];
            let paid = without.wealth(&call.signer) != seen.wealth(&call.signer);
            if without.failed(second.after_removing(first))
                || !others_end_alike(seen, &without, (first, second))
                || (paid && call.signer != stopped.signer)
            {
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

/// Whether all operations but the two end as they do without `first`. One that ends otherwise, since
/// `first` was in its way while that was under way, may be what stops `second`.
fn others_end_alike(
    seen: &Observation,
    without: &Observation,
    (first, second): (OperationId, OperationId),
) -> bool {
    let mut others = seen.ids().filter(|other| ![first, second].contains(other));
    others.all(|other| seen.failed(other) == without.failed(other.after_removing(first)))
}

/// From its first event to its last one.
fn span(seen: &Observation, operation: OperationId) -> Option<(usize, usize)> {
    let own = |event: &Event| event.outcome.name.operation == operation;
    Some((seen.events.iter().position(own)?, seen.events.iter().rposition(own)?))
}

/// An operation that begins when `first` is over, has the chain to itself, and fails though nothing
/// outside failed.
fn stopped_after(seen: &Observation, first: OperationId) -> Option<OperationId> {
    let (_, end) = span(seen, first)?;
    seen.ids().find(|second| {
        let Some((begin, last)) = span(seen, *second) else { return false };
        let apart = |other: OperationId| {
            other == *second || span(seen, other).is_none_or(|(b, e)| e < begin || last < b)
        };
        begin > end
            && seen.ids().all(apart)
            && seen.failed(*second)
            && !seen.refused(*second)
            && !seen.external(*second).any(Event::failed)
    })
}
