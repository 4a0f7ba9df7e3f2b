//! Dry runs of a draft: whole operations in the simulated chain, to complete the draft with what only running
//! it shows.
//!
//! Runs one operation after another with nothing in between. Never checks an invariant.

mod attempts;
mod callback_probe;
mod economy;
mod observations;
mod promise_result;
mod refine;
mod sandbox;
mod self_call_arguments;
mod setup_synthesis;
mod variants;

pub(super) use refine::Refinement;
