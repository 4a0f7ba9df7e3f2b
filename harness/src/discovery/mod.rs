//! Finds out what a contract can be called with, given nothing but its code.
//!
//! Best source first: what it says about itself, the standards that it follows, its answers to wrong
//! arguments, the texts in its data. Everything that a contract says is tried before it counts, and
//! escaped before it is shown. Never looks for anything wrong with the contract.

pub mod abi;
mod ask;
mod complaint;
mod inspection;
mod members;
mod probe;
mod shape;
pub mod standards;
mod words;

pub use ask::Asking;
pub use complaint::{Complaint, Wish};
pub use inspection::{Error, Inspection, is_likely_callback, is_word};
pub use probe::{Answer, Probe, Question};
pub use shape::{Member, Shape, TextKind};
