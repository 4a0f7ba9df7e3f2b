//! Interleaved operations do not make money stay behind.
//!
//! Compares what all accounts outside have together, gas added back, with every serial order of the
//! same operations. Where each order leaves them more, every operation that attaches nothing is done
//! once more, in this case and in the orders: what waits for its owner is got out so, and only what is
//! still missing then is a violation. More than operations attached is none: then it is the contracts'
//! own money that did not move. Nor are single yoctoNEAR, which prove a full-access key. Weaker than
//! profit, since nobody gains. Needs somebody who calls in a window.

use std::ops::ControlFlow;

use super::conflict_graph::explain;
use super::profit::DUST;
use super::{Counterfactuals, Invariant, Settings, Severity, Violation};
use crate::chain::Error;
use crate::trace::Observation;
use crate::types::NearToken;

/// See the module.
#[derive(Clone, Copy, Debug)]
pub struct Serial;

impl Invariant for Serial {
    fn name(&self) -> &'static str {
        "serial"
    }

    fn rule(&self) -> &'static str {
        "Interleaved operations leave no money behind that every serial order pays out or gives back."
    }

    fn check(
        &self,
        seen: &Observation,
        _: &Settings,
        laboratory: &mut dyn Counterfactuals,
    ) -> Result<Option<Violation>, Error> {
        let attached = seen.calls.iter().map(|call| call.deposit);
        let attached = attached.fold(NearToken::from_yoctonear(0), NearToken::saturating_add);
        if !seen.complete || attached.is_zero() || laboratory.is_serializable(seen) {
            return Ok(None);
        }
        let mut enough = false;
        let failures = seen.failures();
        let mut compare = |serial: &Observation| compare(serial, seen, &mut enough);
        let mut all = failures.is_empty() || laboratory.serial(&failures, &mut compare)?;
        all &= laboratory.serial(&[], &mut compare)?;
        if enough || !all {
            return Ok(None);
        }
        let mut orders = Vec::new();
        let again = laboratory.repeated(&mut |serial| {
            orders.push((serial.wealth_outside(), serial.complete));
            ControlFlow::Continue(())
        })?;
        let wealth = again.wealth_outside();
        let Some(least) = orders.iter().map(|(wealth, _)| *wealth).min() else { return Ok(None) };
        let complete = again.complete && orders.iter().all(|(_, complete)| *complete);
        let lost = least.saturating_sub(wealth);
        if !complete || lost > attached || lost.as_yoctonear() <= DUST {
            return Ok(None);
        }
        let call = &seen.calls[0];
        let loser = seen.calls.iter().find(|call| !call.deposit.is_zero()).unwrap_or(call);
        let mut details = vec![
            format!(
                "all accounts outside in the end, interleaved:        {}",
                wealth.exact_amount_display()
            ),
            format!(
                "all accounts outside in the end, worst serial order: {}",
                least.exact_amount_display()
            ),
        ];
        details.extend(explain(seen));
        Ok(Some(Violation {
            invariant: self.name().to_owned(),
            severity: Severity::Medium,
            account: loser.receiver.clone(),
            method: loser.method.clone(),
            summary: format!(
                "interleaved, {} stays behind that every serial order of the same operations leaves with its owners",
                lost.exact_amount_display()
            ),
            details,
        }))
    }
}

/// Stops at an order that leaves accounts outside no more than the case does, also when it was met
/// before.
fn compare(serial: &Observation, seen: &Observation, enough: &mut bool) -> ControlFlow<()> {
    let wealth = serial.wealth_outside();
    *enough |= wealth <= seen.wealth_outside() || !serial.complete;
    if *enough { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
}
