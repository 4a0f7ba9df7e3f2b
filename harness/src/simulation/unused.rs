//! Parts of a case that had no effect: steps and faults that name a receipt which never came, or to which
//! the fault cannot happen.

use std::fmt;

use super::run::Execution;
use crate::scenario::{Fault, Scenario, Step};
use crate::types::ReceiptName;

/// A step or a fault of a case that did not apply when the case ran.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnusedPart {
    /// The step or the fault.
    pub part: CasePart,
    /// Why it did not apply.
    pub reason: UnusedReason,
}

/// A part of a case that can fail to apply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CasePart {
    /// A step of the schedule.
    Step(Step),
    /// A fault.
    Fault(Fault),
}

/// Why a step or a fault did not apply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnusedReason {
    /// No receipt with this name was sent.
    NeverSent,
    /// The receipt was sent, but the case ended before it was delivered.
    NotDelivered,
    /// The receipt is delivered by itself, so no schedule can name it.
    NotSchedulable,
    /// The step is listed more than once.
    Repeated,
    /// The receipt was delivered, but this fault cannot happen to it.
    FaultNotAllowed,
}

impl fmt::Display for UnusedPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.part {
            CasePart::Step(step) => write!(f, "the step \"{step}\"")?,
            CasePart::Fault(fault) => {
                write!(f, "the fault `{}` of receipt {}", fault.kind.name(), fault.receipt)?;
            }
        }
        write!(f, " did not apply: {}", self.reason)
    }
}

impl fmt::Display for UnusedReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NeverSent => "no receipt with this name was sent",
            Self::NotDelivered => "the receipt was not delivered before the case ended",
            Self::NotSchedulable => "the receipt is delivered by itself, without a step",
            Self::Repeated => "it is listed more than once",
            Self::FaultNotAllowed => "this fault cannot happen to this receipt in this target",
        })
    }
}

impl Execution {
    /// The steps and faults of `scenario`, the case that was run, that did not apply.
    ///
    /// A step that could be taken was taken, so the recorded case holds exactly the steps that applied.
    #[must_use]
    pub fn unused(&self, scenario: &Scenario) -> Vec<UnusedPart> {
        let mut left = self.recorded.schedule.clone();
        let mut unused = Vec::new();
        for step in &scenario.schedule {
            if let Some(position) = left.iter().position(|taken| taken == step) {
                left.remove(position);
                continue;
            }
            let repeated = self.recorded.schedule.contains(step);
            let reason = match step {
                _ if repeated => UnusedReason::Repeated,
                Step::Start(_) => UnusedReason::NotDelivered,
                Step::Deliver(receipt) => self.absence(receipt, UnusedReason::NotSchedulable),
            };
            unused.push(UnusedPart { part: CasePart::Step(step.clone()), reason });
        }
        for fault in scenario.faults.iter().filter(|fault| !self.recorded.faults.contains(fault)) {
            let reason = self.absence(&fault.receipt, UnusedReason::FaultNotAllowed);
            unused.push(UnusedPart { part: CasePart::Fault(fault.clone()), reason });
        }
        unused
    }

    /// Why a receipt was not delivered by a step; `delivered` if it was delivered.
    fn absence(&self, receipt: &ReceiptName, delivered: UnusedReason) -> UnusedReason {
        let ran = self
            .observation
            .events
            .iter()
            .any(|event| event.outcome.receipt().is_some() && event.outcome.name == *receipt);
        let mut waiting = self.observation.end.in_flight();
        match () {
            () if ran => delivered,
            () if waiting.any(|entry| entry.name == *receipt) => UnusedReason::NotDelivered,
            () => UnusedReason::NeverSent,
        }
    }
}
