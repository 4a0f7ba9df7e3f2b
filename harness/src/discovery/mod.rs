//! Finds out what a contract can be called with, given nothing but its code, and drafts a target for it.
//!
//! Best source first: what the contract says about itself, the standards that it follows, its answers to wrong
//! arguments, the texts in its data. Everything that a contract says is tried before it counts, and escaped
//! before it is shown. Never looks for anything wrong with the contract.

mod argument_inference;
mod draft;
mod dry_run;
mod error;
mod identities;
mod interface;
mod request;
mod scaffold;

pub use argument_inference::{
    ArgumentInference, ArgumentType, ExampleValues, Expected, InputType, Member, Probe, ProbeCall,
    ProbeOutcome, SerdeError, Subject, TextKind,
};
pub use draft::{Draft, DraftContract, DraftPuppet, SetupCall};
pub use error::Error;
pub use interface::{
    Abi, ContractInterface, DepositRule, Evidence, Initializer, Inspection, InterfaceDiscovery,
    MethodInterface, MethodKind, abi, is_likely_callback, standards,
};
pub use request::{InputContract, ScaffoldRequest};
pub use scaffold::Scaffolder;

pub use crate::targets::is_word;
