//! What several tests need: programs for the puppet.

#[path = "../../../../targets/puppet/contract/src/op.rs"]
#[allow(dead_code, reason = "tests use some of the instructions")]
mod op;

pub(crate) use op::Op;
