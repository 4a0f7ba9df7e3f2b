//! Infers what a method's arguments look like, from what the contract answers to wrong ones.
//!
//! Runs single calls of one contract. Never knows a target, and never judges what a method does.

mod abi_completion;
pub(super) mod argument_changes;
pub(super) mod argument_type;
pub(super) mod borsh;
mod consumption;
pub(super) mod differential_probing;
pub(super) mod example_values;
mod inference;
mod input_type;
pub(super) mod message;
mod object;
mod plausible;
pub(super) mod precondition;
pub(super) mod probe;
pub(super) mod serde_error;
pub(super) mod silent_json;
pub(super) mod stated_amounts;
mod text_type;
mod trials;
mod value;

pub use argument_type::{ArgumentType, Member, TextKind};
pub use example_values::ExampleValues;
pub(super) use example_values::{is_count, words_of_name};
pub use inference::{ArgumentInference, Subject};
pub use input_type::InputType;
pub use probe::{Probe, ProbeCall, ProbeOutcome};
pub use serde_error::{Expected, SerdeError};
