//! The draft of a target: what `init` has decided so far.
//!
//! Converts to a [`Target`](crate::targets::Target) to run it, and to the text of `target.toml` at the end.
//! Never calls a contract and never writes a file.

mod convert;
pub(super) mod mock_token;
mod model;
mod templates;
mod text;
mod token_calls;
mod toml_values;

pub use model::{Draft, DraftContract, DraftPuppet, SetupCall};
pub(super) use model::{hook_of, starting_balance};
