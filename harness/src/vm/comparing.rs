//! The reference engine, which can also say what a contract compared.

use std::sync::Arc;

use near_parameters::RuntimeConfig;

use super::comparison::Comparisons;
use super::{Call, Engine, Error, Instrumented, Outcome, Pristine};

/// Runs calls in the reference engine, and calls whose comparisons matter in an instrumented one. A contract is
/// compiled for the latter only if such a call runs.
#[derive(Debug)]
pub struct Comparing {
    pristine: Pristine,
    instrumented: Instrumented,
}

impl Comparing {
    /// An engine for one protocol configuration.
    ///
    /// # Errors
    /// If one of the engines inside cannot be set up.
    pub fn new(config: Arc<RuntimeConfig>) -> Result<Self, Error> {
        let pristine = Pristine::new(Arc::clone(&config))?;
        Ok(Self { pristine, instrumented: Instrumented::always_recording(config)? })
    }
}

impl Engine for Comparing {
    fn call(&self, call: Call<'_>) -> Result<Outcome, Error> {
        self.pristine.call(call)
    }

    fn call_comparing(&self, call: Call<'_>) -> Result<(Outcome, Comparisons), Error> {
        self.instrumented.call_comparing(call)
    }
}
