//! An operation that failed outside does not stop others.

use super::{Counterfactuals, Invariant, Settings, Severity, Violation};
use crate::chain::Error;
use crate::trace::{Event, Observation};
use crate::types::OperationId;

/// An operation whose external call failed does not stop others.
///
/// Looks at pairs of operations, the first of them over before the second begins. An external call of the first failed,
/// and it cost its signer nothing; the second met no failure from outside and yet fails itself, though nothing else is
/// under way. Without the first it succeeds, and all others end as they did. It also succeeds if the call of the first
/// does not fail: so the first left something behind that stops others, such as a lock.
///
/// Ignores what the first operation uses up whatever comes of it: then the second one fails after a success as well.
/// If the failure was not injected, there is no success to compare with, and the pair is an observation.
///
/// Example: `harvest` sets `busy`, and only a successful callback clears it.
#[derive(Clone, Copy, Debug)]
pub struct Liveness;

impl Invariant for Liveness {
    fn name(&self) -> &'static str {
        "liveness"
    }

    fn rule(&self) -> &'static str {
        "An operation whose external call failed does not stop others."
    }

    fn check(
        &self,
        seen: &Observation,
        _: &Settings,
        counterfactuals: &mut dyn Counterfactuals,
    ) -> Result<Option<Violation>, Error> {
        let mut observation = None;
        for (first, call) in seen.ids().zip(&seen.calls) {
            if !seen.external(first).any(Event::failed) {
                continue;
            }
            let Some(second) = stopped_after(seen, first) else { continue };
            let without = counterfactuals.without(first)?;
            let stopped = &seen[second];
            let paid = without.wealth(&call.signer) != seen.wealth(&call.signer);
            if without.failed(second.after_removing(first))
                || !others_end_alike(seen, &without, (first, second))
                || (paid && call.signer != stopped.signer)
            {
                continue;
            }
            let violation = self.violation(seen, first, second);
            if seen.external(first).any(|event| event.failed() && !event.is_forced()) {
                observation = observation.or(Some(violation.severity(Severity::Info)));
                continue;
            }
            let success = counterfactuals.without_faults(first)?;
            if success.complete && !success.failed(first) && !success.failed(second) {
                return Ok(Some(violation));
            }
        }
        Ok(observation)
    }
}

impl Liveness {
    fn violation(&self, seen: &Observation, first: OperationId, second: OperationId) -> Violation {
        let (call, stopped) = (&seen[first], &seen[second]);
        let summary = format!(
            "after an external call of {}'s {} failed, {}'s {} fails, which succeeds without it",
            call.signer, call.method, stopped.signer, stopped.method
        );
        Violation::new(self, &call.receiver, &call.method, summary)
            .detail(format!("operation {first} was over before operation {second} began"))
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
