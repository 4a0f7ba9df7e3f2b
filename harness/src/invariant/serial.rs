//! Interleaved operations lose no NEAR: accounts outside must not end with less than in every serial order.

use std::ops::ControlFlow;

use super::balances::{Asset, AssetBalance, DUST};
use super::conflict_graph::explain;
use super::{Counterfactuals, Invariant, Settings, Severity, Violation};
use crate::chain::Error;
use crate::trace::Observation;
use crate::types::NearToken;

/// Interleaved operations leave no NEAR behind that every serial order of them pays out or returns.
///
/// **Looks at** cases whose conflict graph has a cycle through a contract under test and in which a deposit was
/// attached. It compares what all accounts outside have together, gas added back, with every serial order of the
/// same operations. If each order leaves them more, every operation without a deposit is repeated at the end, in
/// this case and in the orders, so that whatever waits for its owner is withdrawn. Only what is still missing then
/// counts.
///
/// **Ignores** more than was attached, which is the contracts' own balance; single yoctoNEAR; NEAR that bought tokens
/// which an order does not give; and cases of which no order has the same operations fail and succeed, since an
/// operation that succeeded may cost something. It is weaker than [`Profit`](super::Profit): no account gains.
///
/// **Example**: the callback of `close` deletes a channel. A `top_up` between `close` and its callback is deleted
/// with it. In each serial order the payer gets it back.
#[derive(Clone, Copy, Debug)]
pub struct Serial;

/// What comparing with serial orders has shown so far.
#[derive(Default)]
struct Comparison {
    /// An order leaves accounts outside no more than the case does.
    is_explained: bool,
    /// The same operations fail and succeed in some order.
    has_same_outcome: bool,
}

impl Invariant for Serial {
    fn name(&self) -> &'static str {
        "serial"
    }

    fn rule(&self) -> &'static str {
        "Interleaved operations leave no NEAR behind that every serial order pays out or returns."
    }

    fn check(
        &self,
        seen: &Observation,
        _: &Settings,
        counterfactuals: &mut dyn Counterfactuals,
    ) -> Result<Option<Violation>, Error> {
        let attached = seen.calls.iter().map(|call| call.deposit);
        let attached = attached.fold(NearToken::from_yoctonear(0), NearToken::saturating_add);
        if attached.as_yoctonear() <= DUST || counterfactuals.is_serializable(seen) {
            return Ok(None);
        }
        if !loses_in_every_order(seen, counterfactuals)? {
            return Ok(None);
        }
        let mut orders = Vec::new();
        let again = counterfactuals.repeated(&mut |serial| {
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
        Ok(Some(violation(seen, wealth, least)))
    }
}

/// Whether every serial order leaves accounts outside more NEAR, and one of them has the same outcome.
fn loses_in_every_order(
    seen: &Observation,
    counterfactuals: &mut dyn Counterfactuals,
) -> Result<bool, Error> {
    let outside = AssetBalance::of_all_outside(seen);
    let mut comparison = Comparison::default();
    let mut compare = |serial: &Observation| {
        let same = if serial.calls.len() == seen.calls.len() {
            seen.ids().all(|id| seen.failed(id) == serial.failed(id))
        } else {
            serial.failures().is_empty()
        };
        comparison.has_same_outcome |= same;
        comparison.is_explained |= !serial.complete || explains(serial, &outside);
        if comparison.is_explained { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let all = counterfactuals.serial_or_never_begun(&seen.failures(), &mut compare)?;
    Ok(all && !comparison.is_explained && comparison.has_same_outcome)
}

/// Whether this order leaves accounts outside no more NEAR, or fewer tokens.
fn explains(serial: &Observation, outside: &AssetBalance) -> bool {
    let other = AssetBalance::of_all_outside(serial);
    let mut tokens = outside.surplus(&other, 0).filter(|(asset, _)| **asset != Asset::Near);
    other.get(&Asset::Near) <= outside.get(&Asset::Near) || tokens.next().is_some()
}

fn violation(seen: &Observation, wealth: NearToken, least: NearToken) -> Violation {
    let call = &seen.calls[0];
    let loser = seen.calls.iter().find(|call| !call.deposit.is_zero()).unwrap_or(call);
    let summary = format!(
        "interleaved, {} stays behind that every serial order of the same operations leaves with its owners",
        least.saturating_sub(wealth).exact_amount_display()
    );
    let show = NearToken::exact_amount_display;
    Violation::new(&Serial, &loser.receiver, &loser.method, summary)
        .severity(Severity::Medium)
        .detail(format!("all accounts outside, interleaved:        {}", show(&wealth)))
        .detail(format!("all accounts outside, worst serial order: {}", show(&least)))
        .details(explain(seen))
}
