//! A draft's world, in which operations are tried within a budget.
//!
//! Works on the typed target: no text is written or read.

use std::path::Path;
use std::sync::Arc;

use serde_json::Value;

use crate::chain::{Protocol, World};
use crate::discovery::Error;
use crate::discovery::draft::Draft;
use crate::scenario::{Operation, Scenario};
use crate::simulation::{self, Fixture, Simulation};
use crate::trace::Observation;
use crate::types::AccountId;
use crate::vm::{Engine, Storage};

/// Operations that may be tried in one sandbox.
const BUDGET: usize = 12_000;

/// A draft's world after its set-up.
pub(super) struct Sandbox<'a> {
    engine: &'a dyn Engine,
    fixture: Fixture,
    left: usize,
}

impl<'a> Sandbox<'a> {
    /// Creates the draft's world and runs its set-up.
    pub(super) fn new(
        draft: &Draft,
        folder: &Path,
        protocol: &Arc<Protocol>,
        engine: &'a dyn Engine,
    ) -> Result<Self, Error> {
        let target = draft.target(folder);
        let fixture =
            Fixture::prepare(&target, Arc::clone(protocol), engine).map_err(
                |error| match error {
                    simulation::Error::Setup { method, problem, .. } => {
                        Error::Setup { method, problem }
                    }
                    other => other.into(),
                },
            )?;
        Ok(Self { engine, fixture, left: BUDGET })
    }

    /// Runs one operation. The sandbox's world stays as it is.
    pub(super) fn run(&mut self, operation: &Operation) -> Result<Observation, Error> {
        self.left = self.left.saturating_sub(1);
        let scenario = Scenario { operations: vec![operation.clone()], ..Scenario::default() };
        let simulation = Simulation { stage: &self.fixture, engine: self.engine };
        Ok(simulation.run(&scenario)?.observation)
    }

    /// What a view returns as JSON; `None` if it fails or returns something else.
    pub(super) fn view(
        &self,
        account: &AccountId,
        method: &str,
        arguments: &Value,
    ) -> Result<Option<Value>, Error> {
        let input = arguments.to_string().into_bytes();
        let viewed = self.fixture.world.view(self.engine, account, method, &input);
        let viewed = viewed.map_err(simulation::Error::from)?;
        Ok(viewed.value().and_then(|bytes| serde_json::from_slice(&bytes).ok()))
    }

    /// The state of an account after the set-up.
    pub(super) fn storage(&self, id: &AccountId) -> Option<Storage> {
        self.fixture.world.account(id).map(|account| account.storage().clone())
    }

    /// Whether the budget is spent.
    pub(super) fn spent(&self) -> bool {
        self.left == 0
    }

    /// Continues from the end of a run, and returns the world before.
    pub(super) fn adopt(&mut self, world: World) -> World {
        let before = std::mem::replace(&mut self.fixture.world, world);
        self.fixture.world.next_block();
        before
    }

    /// Goes back to a world that [`Sandbox::adopt`] returned.
    pub(super) fn restore(&mut self, world: World) {
        self.fixture.world = world;
    }
}
