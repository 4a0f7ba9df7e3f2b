//! Targets that are loaded and set up to run cases on the pristine engine.

use std::sync::Arc;

use interloper::chain::{NEWEST_VERSION, Protocol};
use interloper::scenario::Scenario;
use interloper::simulation::{Execution, Fixture, Simulation};
use interloper::targets::Target;
use interloper::vm::Pristine;

use super::{Op, target_folder};

pub(crate) fn newest_protocol() -> Arc<Protocol> {
    Protocol::new(NEWEST_VERSION).expect("the newest version is supported").into()
}

pub(crate) fn pristine_engine(protocol: &Protocol) -> Pristine {
    Pristine::new(Arc::clone(&protocol.config)).expect("the engine starts")
}

/// A program for the puppet, in the form in which it takes programs.
pub(crate) fn program_bytes(program: &[Op]) -> Vec<u8> {
    borsh::to_vec(program).expect("a program can be serialised")
}

/// A target after its set-up.
pub(crate) struct SimulatedTarget {
    pub(crate) target: Target,
    pub(crate) stage: Fixture,
    pub(crate) engine: Pristine,
}

impl SimulatedTarget {
    /// One build of a target of the repository.
    pub(crate) fn load(name: &str, build: &str) -> Self {
        let target = Target::load(&target_folder(name), Some(build), &[]);
        Self::prepare(target.expect("the target is valid"))
    }

    /// A target with this description, whose contracts lie in the folder of target `folder`.
    pub(crate) fn describe(text: &str, folder: &str, build: Option<&str>) -> Self {
        let file = target_folder(folder).join("target.toml");
        let target = Target::from_text(text, &file, build, &[]);
        Self::prepare(target.expect("the description is valid"))
    }

    fn prepare(target: Target) -> Self {
        let protocol = newest_protocol();
        let engine = pristine_engine(&protocol);
        let stage = Fixture::prepare(&target, protocol, &engine).expect("the set-up succeeds");
        Self { target, stage, engine }
    }

    pub(crate) fn simulation(&self) -> Simulation<'_> {
        Simulation { stage: &self.stage, engine: &self.engine }
    }

    /// Runs a case. No NEAR is made or lost in it.
    pub(crate) fn run(&self, scenario: &Scenario) -> Execution {
        self.target.validate(scenario).expect("the case fits the target");
        let ran = self.simulation().run(scenario).expect("the engine works");
        assert!(ran.observation.end.audit().adds_up());
        ran
    }
}
