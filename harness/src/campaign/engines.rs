//! Both engines of a campaign: the instrumented one runs every case, the pristine one confirms what it found.
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
    /// Confirms what was found.
    pub pristine: Pristine,
}

impl Engines {
    /// Both engines, with no contract compiled.
    ///
    /// # Errors
    /// If one of the engines cannot be set up.
    pub fn new(protocol: &Protocol) -> Result<Self, Error> {
        let instrumented = Instrumented::new(Arc::clone(&protocol.config))?;
        Ok(Self { instrumented, pristine: Pristine::new(Arc::clone(&protocol.config))? })
    }

    /// Compiles the target's contracts for the instrumented engine, in the order of its accounts, so that
    /// their counters are in the same places each time.
    pub fn compile(&self, target: &Target) {
        for account in &target.accounts {
            if let Some(contract) = &account.contract {
                let code = ContractCode::new(contract.code.to_vec(), None);
                self.instrumented.load(&Arc::new(code));
            }
        }
    }

    /// Runs a case, and says what the contracts compare in it if `compares` asks for that.
    ///
    /// # Errors
    /// If the engine fails, or a contract does something that is not simulated.
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
