//! What an operation that failed outside cost anyone: the question that `rollback`, `refund`, `yield` and
//! `callback` ask about cases that look wrong to them.

use super::locked;
use super::worth::{Comparison, Loss, show_call};
use super::{Counterfactuals, Invariant, Violation};
use crate::chain::Error;
use crate::trace::Observation;
use crate::types::{AccountId, Fingerprint, OperationId};

/// A case that looks wrong.
pub(super) struct Suspicion<'a> {
    pub(super) invariant: &'a dyn Invariant,
    pub(super) seen: &'a Observation,
    /// The same case without the operation.
    pub(super) without: &'a Observation,
    pub(super) operation: OperationId,
    /// The contract that the operation failed on.
    pub(super) contract: &'a AccountId,
    /// What happened, as the beginning of a sentence: "every external call of bob's buy failed".
    pub(super) event: String,
    /// What looks wrong: cases that agree in it are of one kind.
    pub(super) kind: String,
    /// What looks wrong, for people, if no loss can be shown.
    pub(super) remark: String,
    /// What supports that, a line each.
    pub(super) details: Vec<String>,
}

impl Suspicion<'_> {
    /// A violation if the operation harms anyone, and else an observation. `None` if a case of the same kind was
    /// found harmful before, and this one was not examined.
    pub(super) fn judge(
        self,
        counterfactuals: &mut dyn Counterfactuals,
    ) -> Result<Option<Violation>, Error> {
        let kind = self.fingerprint();
        match counterfactuals.recall(kind) {
            Some(true) => return Ok(None),
            Some(false) => return Ok(Some(self.observation())),
            None => {}
        }
        let harm = self.harm(counterfactuals)?;
        counterfactuals.remember(kind, harm.is_some());
        Ok(Some(harm.unwrap_or_else(|| self.observation())))
    }

    fn fingerprint(&self) -> Fingerprint {
        let method = &self.seen[self.operation].method;
        let parts = [self.invariant.name(), self.contract.as_str(), method, &self.kind];
        Fingerprint::of(parts.join("\n").as_bytes())
    }

    fn harm(&self, counterfactuals: &mut dyn Counterfactuals) -> Result<Option<Violation>, Error> {
        let mut comparison =
            Comparison::new(self.seen, self.without, self.operation, counterfactuals)?;
        if let Some(loss) = comparison.loss(counterfactuals)? {
            return Ok(Some(self.violation(&loss)));
        }
        let call = &self.seen[self.operation];
        let own = comparison.calls.first().filter(|own| {
            call.through.is_none()
                && (&own.signer, &own.receiver, &own.method)
                    == (&call.signer, &call.receiver, &call.method)
        });
        let own = own.cloned();
        let lock = locked::find(&mut comparison, (self.contract, own.as_ref()), counterfactuals)?;
        Ok(lock.map(|lock| {
            let summary = format!("{}, and {}", self.event, lock.summary);
            self.new_violation(summary).details(lock.details).details(self.details.clone())
        }))
    }

    fn violation(&self, loss: &Loss) -> Violation {
        let Loss { account, asset, amount, without, with, call } = loss;
        let summary = format!("{}, and {account} loses {}", self.event, asset.show(*amount));
        let how = call.as_ref().map_or_else(String::new, |call| format!(": {}", show_call(call)));
        self.new_violation(summary)
            .detail(format!(
                "{account} can have {} without the operation{how}",
                asset.show(*without)
            ))
            .detail(format!(
                "{account} can have at most {} after it, also by calling again",
                asset.show(*with)
            ))
            .details(self.details.clone())
    }

    fn observation(&self) -> Violation {
        let summary = format!("{}, and {}", self.event, self.remark);
        self.new_violation(summary)
            .severity(super::Severity::Info)
            .detail("no account can get less for it, as far as the calls that were tried show")
            .details(self.details.clone())
    }

    fn new_violation(&self, summary: String) -> Violation {
        let method = &self.seen[self.operation].method;
        Violation::new(self.invariant, self.contract, method, summary)
    }
}
