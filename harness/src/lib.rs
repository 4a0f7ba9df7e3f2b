//! Interloper finds what goes wrong on NEAR **between** a cross-contract call and its callback.
//!
//! It loads compiled contracts into the real `near-vm-runner` and simulates the receipts between them. It
//! runs other accounts' calls in every window, makes external calls fail, and checks rules that hold for any
//! contract: no user loses funds to a failed call, no account gains from the order of receipts, a callback
//! has no effect when another account calls it.
//!
//! # Fuzz a contract from its tests
//!
//! Depend on the library without the command line and without libFuzzer, which takes a C++ compiler:
//!
//! ```toml
//! [dev-dependencies]
//! interloper = { version = "0.1", default-features = false }
//! ```
//!
//! A target is a folder with a `target.toml` that names your compiled contract, accounts and methods.
//! `interloper init my_contract.wasm` writes one. Then this is a whole test:
//!
//! ```no_run
//! use interloper::Fuzzer;
//!
//! #[test]
//! fn no_window_breaks_the_vault() -> Result<(), interloper::Error> {
//!     let report = Fuzzer::load("targets/vault")? // found in this package or above it
//!         .seed(7)
//!         .runs(10_000) // the same seed and runs find the same, on every machine
//!         .run(|_| {})?;
//!     report.assert_no_findings(); // the message is the shortest case that breaks a rule
//!     Ok(())
//! }
//! ```
//!
//! Build it with `cargo test --release`: the engine is slow without optimisation.
//!
//! # Where to look next
//!
//! - [`Fuzzer`]: choose the build, the contract, the network, a corpus, a limit of time.
//! - [`Report`]: what was found, and [`Statistics`](campaign::Statistics).
//! - [`invariant`]: the rules that are checked. Your own is an [`Invariant`](invariant::Invariant), which
//!   [`Fuzzer::invariant`] adds.
//! - [`finding::Finding`]: a broken rule with the case that shows it. [`Fuzzer::for_finding`] replays it,
//!   and [`report::rust_test`] makes a regression test of it, which calls [`Fuzzer::assert_holds`].
//! - The programs in the folder `examples` of the crate: fuzzing a contract, an invariant of your own, and a
//!   finding replayed.
//!
//! If you want to change Interloper itself, `README.md` in the crate's folder of the repository maps its
//! modules, and `CHAIN.md` says how exactly the chain is simulated.

pub mod adversary;
pub mod analysis;
pub mod arguments;
pub mod campaign;
pub mod chain;
#[cfg(feature = "cli")]
pub mod cli;
pub mod conformance;
pub mod decision;
pub mod discovery;
pub mod finding;
pub mod fuzzer;
pub mod generator;
pub mod invariant;
pub mod report;
pub mod scenario;
pub mod simulation;
pub mod targets;
pub mod trace;
pub mod types;
pub mod vm;

pub use fuzzer::{Error, Fuzzer, Report};
