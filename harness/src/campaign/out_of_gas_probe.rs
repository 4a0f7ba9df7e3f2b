//! Gas that is just not enough: a call and what it calls outside succeed, and the callback does not.
//!
//! Found by bisection over the attached gas, not by luck. Never judges.

use crate::scenario::{FallbackScheduler, Scenario};
use crate::simulation::{Error, Execution, Simulation};
use crate::types::{Gas, OperationId};

/// How exactly the gas is found, in single units: a gigagas.
const RESOLUTION: u64 = 1_000_000_000;

/// The case with so much gas for one operation that its first receipt succeeds and something after that
/// fails, if there is such an amount below what the operation has. The operation runs with all others,
/// first come, first served, and without faults.
///
/// # Errors
/// When the machine fails, or a contract does something that is not simulated.
pub fn out_of_gas_probe(
    simulation: &Simulation<'_>,
    scenario: &Scenario,
    operation: OperationId,
) -> Result<Option<Scenario>, Error> {
    let Some(most) = scenario.operations.get(operation.index()).map(|call| call.gas.as_gas())
    else {
        return Ok(None);
    };
    let case = |gas: u64| {
        let mut case = Scenario {
            operations: scenario.operations.clone(),
            network: scenario.network,
            rest: FallbackScheduler::Fifo,
            ..Scenario::default()
        };
        case[operation].gas = Gas::from_gas(gas);
        case
    };
    let end =
        |gas: u64| -> Result<End, Error> { Ok(End::of(&simulation.run(&case(gas))?, operation)) };
    if end(most)? != End::Success {
        return Ok(None);
    }
    let enough = least(most, |gas| Ok(end(gas)? == End::Success))?;
    let just_below = enough.saturating_sub(RESOLUTION);
    Ok((end(just_below)? == End::FailsLater).then(|| case(just_below)))
}

/// How an operation ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// The transaction is refused, or its first receipt fails: nothing has happened.
    FailsAtOnce,
    /// The first receipt succeeds, and a later one fails.
    FailsLater,
    /// Everything succeeds.
    Success,
}

impl End {
    fn of(ran: &Execution, operation: OperationId) -> Self {
        let mut events = ran.observation.of(operation);
        let refused = events.next().is_none_or(|event| event.failed());
        let first = events.next().is_none_or(|event| event.failed());
        if refused || first {
            Self::FailsAtOnce
        } else if events.any(|event| event.failed()) {
            Self::FailsLater
        } else {
            Self::Success
        }
    }
}

/// The least number up to `most` for which `holds`, which it does for `most`, and for all numbers above
/// one for which it does. Within [`RESOLUTION`].
fn least(most: u64, mut holds: impl FnMut(u64) -> Result<bool, Error>) -> Result<u64, Error> {
    let (mut below, mut above) = (0, most);
    while above - below > RESOLUTION {
        let middle = below + (above - below) / 2;
        if holds(middle)? {
            above = middle;
        } else {
            below = middle;
        }
    }
    Ok(above)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bisection_comes_within_a_gigagas() {
        for wanted in [1, RESOLUTION, 77 * RESOLUTION + 5, 300_000 * RESOLUTION] {
            let found = least(300_000 * RESOLUTION, |gas| Ok(gas >= wanted)).unwrap();
            assert!(found >= wanted && found - wanted <= RESOLUTION, "{wanted} {found}");
        }
    }
}
