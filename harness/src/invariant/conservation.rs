//! Every yoctoNEAR is accounted for: in an account, under way, burnt, or minted by the protocol.
//!
//! This is the harness's own honesty. A contract cannot break it; where it breaks, the simulated chain
//! is wrong.

use super::{Counterfactuals, Invariant, Settings, Severity, Violation};
use crate::chain::Error;
use crate::trace::Observation;

/// Every yoctoNEAR is accounted for: in an account, in a pending receipt, burnt, or minted by the protocol.
///
/// Looks at the whole world at the end of a case, and ignores nothing. This checks the simulated chain and not a
/// contract: a contract cannot break it. Example: a refund that is paid twice by a defect of the simulation.
#[derive(Clone, Copy, Debug)]
pub struct Conservation;

impl Invariant for Conservation {
    fn name(&self) -> &'static str {
        "conservation"
    }

    fn rule(&self) -> &'static str {
        "Every yoctoNEAR is accounted for."
    }

    fn needs_complete(&self) -> bool {
        false
    }

    fn check(
        &self,
        seen: &Observation,
        _: &Settings,
        _: &mut dyn Counterfactuals,
    ) -> Result<Option<Violation>, Error> {
        let audit = seen.end.audit();
        if audit.adds_up() {
            return Ok(None);
        }
        let call = seen.calls.first();
        Ok(Some(Violation {
            invariant: self.name().to_owned(),
            severity: Severity::Critical,
            account: call.map_or_else(|| "system".parse().expect("valid"), |c| c.receiver.clone()),
            method: call.map_or_else(String::new, |call| call.method.clone()),
            summary: "NEAR appeared or vanished: the simulated chain is wrong, please report it"
                .to_owned(),
            details: vec![
                format!("in accounts   {}", audit.accounts.as_yoctonear()),
                format!("under way     {}", audit.in_flight.as_yoctonear()),
                format!("burnt         {}", audit.totals.burnt.as_yoctonear()),
                format!("issued        {}", audit.totals.issued.as_yoctonear()),
                format!("subsidized    {}", audit.totals.subsidized.as_yoctonear()),
            ],
        }))
    }
}
