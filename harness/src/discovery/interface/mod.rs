//! The interface of a contract: its methods, what they take, and how they want to be called.
//!
//! Runs each call by itself: promises do not run. Never judges what a method does.

pub mod abi;
mod argument_search;
mod contract_interface;
mod contract_reader;
mod deposit_rule;
mod hooks;
mod initializers;
mod input_discovery;
pub(super) mod inspection;
mod interface_discovery;
mod method_probe;
mod schema;
pub mod standards;
mod text_arguments;

pub(super) use abi::Metadata;
pub use contract_interface::{
    ContractInterface, DepositRule, Evidence, Initializer, MethodInterface, MethodKind,
};
pub(super) use contract_reader::ContractReader;
pub use inspection::{Inspection, is_likely_callback};
pub use interface_discovery::InterfaceDiscovery;
pub(super) use interface_discovery::ask_again;
pub use schema::Abi;
