//! What ran in a case: its events, calls and results, what they read and wrote, the windows between calls and
//! callbacks, which operations came before which, and the digest.
//!
//! Invariants, findings and campaigns read the same trace. It judges nothing and runs nothing.

mod access;
mod conflicts;
mod digest;
mod holdings;
mod number;
mod observation;
mod overlap;
mod resource;
#[cfg(test)]
mod tests;
pub(crate) mod text;
mod window;

pub use access::{KeyAccess, KeyChange, key_changes, same_state, state_value};
pub use conflicts::{Conflict, ConflictGraph};
pub use digest::digest;
pub(crate) use holdings::spent_in_flight;
pub use holdings::{Holdings, TokenKind};
pub(crate) use number::{json_number, json_numbers};
pub use observation::{Event, Observation, OperationView, Parties};
pub use overlap::{any_overlap, starts_amid, under_way};
pub use resource::{Access, AccessKind, Resource};
pub use window::{Location, PromiseOutcome, Window, WindowSpan, window_spans, windows};
