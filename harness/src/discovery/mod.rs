//! Finds out what a contract can be called with, given nothing but its code.
//!
//! Best source first: what it says about itself, the standards that it follows, its answers to wrong
//! arguments, the texts in its data. Everything that a contract says is tried before it counts, and
//! escaped before it is shown. Never looks for anything wrong with the contract.

pub mod abi;
mod answers;
mod arguments;
mod ask;
mod borsh;
mod complaint;
mod complete;
mod difference;
mod draft;
mod error;
mod finish;
mod gate;
mod hearing;
mod inspection;
mod invent;
mod look;
mod make;
mod members;
mod passed;
mod probe;
mod rehearse;
mod schema;
mod setups;
mod shape;
pub mod standards;
mod standin;
mod survey;
mod template;
mod words;

pub use ask::{Asking, Subject};
pub use complaint::{Complaint, Wish};
pub use draft::{Contract, Draft, Puppet, Step};
pub use error::Error;
pub use inspection::{Inspection, is_likely_callback, is_word};
pub use invent::Inventor;
pub use make::{Maker, Piece, Request};
pub use probe::{Answer, Probe, Question};
pub use schema::Abi;
pub use shape::{Member, Shape, TextKind};
pub use survey::{Arguments, Kind, Method, SetUp, Source, Survey, Surveyor};
