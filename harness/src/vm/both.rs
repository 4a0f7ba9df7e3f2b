//! Runs both engines and compares their outcomes. A difference is an error.

use std::sync::Arc;

use near_parameters::RuntimeConfig;

use super::comparison::Comparisons;
use super::{Call, Engine, Error, Instrumented, Outcome, Pristine};

/// Which engine runs contracts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum EngineChoice {
    /// `near_vm_runner` as it is: the reference.
    #[default]
    Pristine,
    /// With coverage counters.
    Instrumented,
    /// Both, compared on every call.
    Both,
}

impl EngineChoice {
    /// The chosen engine for one protocol configuration.
    ///
    /// # Errors
    /// If it cannot be set up.
    pub fn engine(
        self,
        config: Arc<RuntimeConfig>,
    ) -> Result<Box<dyn Engine + Send + Sync>, Error> {
        Ok(match self {
            Self::Pristine => Box::new(Pristine::new(config)?),
            Self::Instrumented => Box::new(Instrumented::new(config)?),
            Self::Both => Box::new(Both::new(config)?),
        })
    }
}

/// Runs every call in both engines. Any difference is an [`Error::Disagree`].
#[derive(Debug)]
pub struct Both {
    pristine: Pristine,
    instrumented: Instrumented,
}

impl Both {
    /// Both engines for one protocol configuration.
    ///
    /// # Errors
    /// If one of them cannot be set up.
    pub fn new(config: Arc<RuntimeConfig>) -> Result<Self, Error> {
        let pristine = Pristine::new(Arc::clone(&config))?;
        Ok(Self { pristine, instrumented: Instrumented::new(config)? })
    }

    /// The engine with coverage counters.
    #[must_use]
    pub fn instrumented(&self) -> &Instrumented {
        &self.instrumented
    }
}

impl Engine for Both {
    fn call(&self, call: Call<'_>) -> Result<Outcome, Error> {
        let method = call.method.to_owned();
        let pristine = self.pristine.call(call.clone())?;
        let instrumented = self.instrumented.call(call)?;
        if pristine == instrumented {
            return Ok(instrumented);
        }
        let pristine = format!("{pristine:?}");
        let instrumented = format!("{instrumented:?}");
        Err(Error::Disagree { method, pristine, instrumented })
    }

    fn call_comparing(&self, call: Call<'_>) -> Result<(Outcome, Comparisons), Error> {
        let (_, compared) = self.instrumented.call_comparing(call.clone())?;
        Ok((self.call(call)?, compared))
    }
}
