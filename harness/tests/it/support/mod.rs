//! What the tests share: the repository's files, the built program, loaded targets and campaigns.

mod campaigns;
#[path = "../../../../targets/puppet/contract/src/op.rs"]
#[allow(dead_code, reason = "the tests use some of the instructions")]
mod op;
mod program;
mod repository;
mod simulated;

pub(crate) use campaigns::{load, options};
pub(crate) use op::Op;
pub(crate) use program::{
    CommandOutput, interloper, interloper_command, interloper_in, longer_and_longer,
    path_with_interloper,
};
pub(crate) use repository::{
    as_text, copy_target, read_text, root, single_finding, target_folder, targets, targets_with,
    wasm,
};
pub(crate) use simulated::{SimulatedTarget, newest_protocol, pristine_engine, program_bytes};
