//! Both engines of a campaign: the one that sees runs every case, the real one confirms what it found.
//!
//! Never decides what runs.

use std::sync::Arc;

use crate::chain::Protocol;
use crate::scenario::Scenario;
use crate::simulation::{self, Execution, Simulation};
use crate::targets::Target;
use crate::vm::comparison::Comparisons;
use crate::vm::{ContractCode, Error, Instrumented, Pristine};

/// Both engines under one protocol configuration.
#[derive(Debug)]
pub struct Engines {
    /// Runs every case.
    pub instrumented: Instrumented,
    /// Has the last word.
    pub pristine: Pristine,
}

impl Engines {
    /// Both engines, with the target's contracts compiled in the order of its accounts: their counters
    /// are in the same places each time.
    ///
    /// # Errors
    /// When one of the engines cannot be set up.
    pub fn load(target: &Target, protocol: &Protocol) -> Result<Self, Error> {
        let instrumented = Instrumented::new(Arc::clone(&protocol.config))?;
        for account in &target.accounts {
            if let Some(contract) = &account.contract {
                let code = ContractCode::new(contract.code.to_vec(), None);
                instrumented.load(&Arc::new(code));
            }
        }
        Ok(Self { instrumented, pristine: Pristine::new(Arc::clone(&protocol.config))? })
    }

    /// Runs a case. Where it is asked for, tells what the contracts compare in it.
    ///
    /// # Errors
    /// When the machine fails, or a contract does something that is not simulated.
    pub fn run(
        &self,
        simulation: Simulation<'_>,
        scenario: &Scenario,
        compares: bool,
    ) -> Result<(Execution, Comparisons), simulation::Error> {
        if !compares {
            return Ok((simulation.run(scenario)?, Comparisons::default()));
        }
        self.instrumented.record_comparisons(true);
        let ran = Simulation { engine: &self.instrumented, ..simulation }.run(scenario);
        self.instrumented.record_comparisons(false);
        let compared = self.instrumented.take_comparisons();
        ran.map(|ran| (ran, compared))
    }
}
