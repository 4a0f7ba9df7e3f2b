//! What ran in a case: its events, calls and results, the windows between calls and callbacks, and its digest.
//!
//! Invariants, findings and campaigns read the same trace. It judges nothing and runs nothing.

mod digest;
mod holdings;
mod observation;
pub(crate) mod text;
mod window;

pub use digest::digest;
pub use holdings::{Holdings, TokenKind};
pub(crate) use holdings::{number, spent_in_flight};
pub use observation::{Event, Observation, OperationView, Parties};
pub use window::{Location, PromiseOutcome, Window, windows};
