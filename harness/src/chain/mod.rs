//! The simulated chain: accounts, receipts, and what happens when one of them runs.
//!
//! `World` is a value. `World::submit` turns a transaction into a receipt, `World::deliverable` lists
//! the receipts that may legally run next, `World::deliver` runs one. The chain never chooses which.

mod access_keys;
mod account;
mod action;
mod action_result;
mod apply;
mod call;
mod clock;
mod delegate;
mod deliver;
mod distribution;
mod fault;
mod fees;
mod global_contracts;
mod implicit;
mod keys;
mod layout;
mod order;
mod outcome;
mod protocol;
mod receipt;
mod receipt_queue;
mod refund;
mod state_init;
mod supply;
mod transaction;
mod validate;
mod verify;
mod view;
mod world;

pub use account::AccountRecord;
pub use clock::Clock;
pub use deliver::Delivered;
pub use fault::{CodeOverride, InjectedFault};
pub use implicit::ETH_WALLET;
pub use layout::Layout;
pub use order::{Hop, Impossible, Network, Step, Witness, explain};
pub use outcome::{Cause, Outcome};
pub use protocol::{
    NEWEST_VERSION, Protocol, SUPPORTED_VERSIONS, USUAL_GAS_PRICE, UnsupportedVersion,
};
pub use receipt::{action_receipt, called_method, is_external, is_gas_refund};
pub use receipt_queue::{Lane, PendingReceipt};
pub use supply::{Audit, Supply};
pub use transaction::Transaction;
pub use view::Viewed;
pub use world::{World, key_of};

/// The simulated chain could not work. What a contract does wrong is never an error but an outcome.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The engine that runs contracts failed.
    #[error(transparent)]
    Vm(#[from] crate::vm::Error),
}
