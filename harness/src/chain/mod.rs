//! The simulated chain: accounts, receipts, and what happens when one of them runs.
//!
//! `World` is a value. `World::submit` turns a transaction into a receipt, `World::deliverable` lists
//! the receipts that may legally run next, `World::deliver` runs one. The chain never chooses which.

mod account;
mod action;
mod apply;
mod call;
mod deliver;
mod fees;
mod flight;
mod global;
mod implicit;
mod keys;
mod money;
mod order;
mod outcome;
mod protocol;
mod receipt;
mod refund;
mod state_init;
mod transaction;
mod validate;
mod view;
mod world;

pub use account::AccountRecord;
pub use deliver::{Delivered, Forced, Substitute};
pub use flight::{InFlight, Lane};
pub use money::{Audit, Money};
pub use order::{Hop, Impossible, Network, Step, Witness, explain};
pub use outcome::{Cause, Outcome};
pub use protocol::{
    Layout, NEWEST_VERSION, Protocol, SUPPORTED_VERSIONS, USUAL_GAS_PRICE, UnsupportedVersion,
};
pub use receipt::{action_receipt, called_method, is_external, is_gas_refund};
pub use transaction::Transaction;
pub use view::Viewed;
pub use world::{World, key_of};

/// The simulated chain could not work. What a contract does wrong is never an error but an outcome.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The machine that runs contracts failed.
    #[error(transparent)]
    Vm(#[from] crate::vm::Error),
    /// Something that the simulated chain does not do.
    #[error("{account} uses {what}, which is not simulated: leave that call out of the target")]
    Unsupported {
        /// What it is.
        what: &'static str,
        /// The account that it happened to.
        account: crate::types::AccountId,
    },
}
